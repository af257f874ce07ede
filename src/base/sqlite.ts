import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'

export type SqlValue = string | number | null

/** The few calls that a small service makes on its own SQLite file. Statements are prepared once and kept. */
export interface Sqlite {
  exec(script: string): void
  /** number of rows changed */
  run(sql: string, ...values: readonly SqlValue[]): number
  get<T>(sql: string, ...values: readonly SqlValue[]): T | undefined
  all<T>(sql: string, ...values: readonly SqlValue[]): T[]
  /** all or nothing; nested calls join the outer one */
  transaction<T>(work: () => T): T
  close(): void
}

/** File of SQLAlchemy's `sqlite:////absolute/path`, `sqlite:///relative`; `sqlite://` is a database in memory. */
export function sqlitePath(connection: string): string {
  const match = connection.match(/^sqlite(?:\+\w+)?:\/\/(?:\/(.*))?$/)
  if (!match)
    throw new Error(`[database] connection: only sqlite:///FILE is supported here, not '${connection.split(':')[0]}:'`)
  return match[1] || ':memory:'
}

/** Opens (and makes) the database of a `[database] connection` URL. */
export function openSqlite(connection: string): Sqlite {
  const path = sqlitePath(connection)
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
  const database = new Database(path)
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000',
  )
  return new LibsqlDatabase(database)
}

class LibsqlDatabase implements Sqlite {
  readonly #database: Database.Database
  readonly #statements = new Map<string, Database.Statement>()
  #inTransaction = false

  constructor(database: Database.Database) {
    this.#database = database
  }

  exec(script: string): void {
    this.#database.exec(script)
  }

  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.#prepared(sql).run(...values).changes
  }

  get<T>(sql: string, ...values: readonly SqlValue[]): T | undefined {
    // `all`: the driver adds a field of its own to what its `get` returns
    return this.#prepared(sql).all(...values)[0] as T | undefined
  }

  all<T>(sql: string, ...values: readonly SqlValue[]): T[] {
    return this.#prepared(sql).all(...values) as T[]
  }

  transaction<T>(work: () => T): T {
    if (this.#inTransaction) return work()
    this.#inTransaction = true
    try {
      return this.#database.transaction(work).immediate()
    } finally {
      this.#inTransaction = false
    }
  }

  close(): void {
    this.#database.close()
  }

  #prepared(sql: string): Database.Statement {
    const found = this.#statements.get(sql)
    if (found) return found
    const made = this.#database.prepare(sql)
    this.#statements.set(sql, made)
    return made
  }
}
