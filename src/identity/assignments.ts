import type { Sqlite } from '../base/sqlite.js'

export type TargetType = 'project' | 'domain'

export interface RoleRef {
  readonly id: string
  readonly name: string
}

export interface Assignment {
  readonly user_id: string
  readonly target_type: TargetType
  readonly target_id: string
  readonly role_id: string
}

/** Who has which role where. */
export class Assignments {
  readonly #database: Sqlite

  constructor(database: Sqlite) {
    this.#database = database
  }

  grant(userId: string, type: TargetType, targetId: string, roleId: string): void {
    this.#database.run('INSERT OR IGNORE INTO assignment VALUES (?, ?, ?, ?)', userId, type, targetId, roleId)
  }

  /** false when there was none */
  revoke(userId: string, type: TargetType, targetId: string, roleId: string): boolean {
    const sql = 'DELETE FROM assignment WHERE user_id = ? AND target_type = ? AND target_id = ? AND role_id = ?'
    return this.#database.run(sql, userId, type, targetId, roleId) > 0
  }

  revokeTarget(type: TargetType, targetId: string): void {
    this.#database.run('DELETE FROM assignment WHERE target_type = ? AND target_id = ?', type, targetId)
  }

  all(): Assignment[] {
    return this.#database.all('SELECT * FROM assignment ORDER BY user_id, target_id, role_id')
  }

  /** roles granted directly */
  direct(userId: string, type: TargetType, targetId: string): RoleRef[] {
    return this.#database.all(
      `SELECT role.id, role.name FROM assignment JOIN role ON role.id = role_id
       WHERE user_id = ? AND target_type = ? AND target_id = ? ORDER BY role.name`,
      userId,
      type,
      targetId,
    )
  }

  /** roles a token carries: the granted ones and those they imply */
  effective(userId: string, type: TargetType, targetId: string): RoleRef[] {
    return this.#database.all(
      `WITH RECURSIVE held(id) AS (
         SELECT role_id FROM assignment WHERE user_id = ? AND target_type = ? AND target_id = ?
         UNION SELECT implied_id FROM implied_role JOIN held ON prior_id = held.id)
       SELECT role.id, role.name FROM held JOIN role ON role.id = held.id ORDER BY role.name`,
      userId,
      type,
      targetId,
    )
  }

  /** ids of the projects or domains where the user has a role */
  targets(userId: string, type: TargetType): string[] {
    const sql = 'SELECT DISTINCT target_id FROM assignment WHERE user_id = ? AND target_type = ?'
    return this.#database.all<{ target_id: string }>(sql, userId, type).map((row) => row.target_id)
  }

  implications(): { prior_id: string; implied_id: string }[] {
    return this.#database.all('SELECT * FROM implied_role ORDER BY prior_id')
  }
}
