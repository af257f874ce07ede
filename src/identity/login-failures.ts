import type { Sqlite } from '../base/sqlite.js'

/** [security_compliance]: after so many wrong passwords in a row, none is right for a while. 0: never. */
export interface Lockout {
  readonly attempts: number
  readonly milliseconds: number
}

/** Counts wrong passwords, for all servers on the database. */
export class LoginFailures {
  readonly #database: Sqlite
  readonly #lockout: Lockout

  constructor(database: Sqlite, lockout: Lockout) {
    this.#database = database
    this.#lockout = lockout
  }

  isLockedOut(userId: string, now: number): boolean {
    if (this.#lockout.attempts <= 0) return false
    const row = this.#database.get<{ times: number; last: number }>(
      'SELECT times, last FROM failed_login WHERE user_id = ?',
      userId,
    )
    return row !== undefined && row.times >= this.#lockout.attempts && now < row.last + this.#lockout.milliseconds
  }

  /** A wrong password. One after a lock-out is over begins to count anew. */
  failed(userId: string, now: number): void {
    if (this.#lockout.attempts <= 0) return
    this.#database.run(
      `INSERT INTO failed_login VALUES (?, 1, ?) ON CONFLICT (user_id) DO UPDATE
       SET times = CASE WHEN times >= ? THEN 1 ELSE times + 1 END, last = excluded.last`,
      userId,
      now,
      this.#lockout.attempts,
    )
  }

  succeeded(userId: string): void {
    if (this.#lockout.attempts > 0) this.#database.run('DELETE FROM failed_login WHERE user_id = ?', userId)
  }
}
