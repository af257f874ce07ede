import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Dialect, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import Database from 'libsql'

const BUSY_TIMEOUT_MS = 5_000

/**
 * SQLite by libsql (the interface of better-sqlite3). `sqlite:////var/lib/neutron/neutron.sqlite` names a file,
 * `sqlite://` a database in memory. One connection: Kysely's driver lets one transaction at a time use it.
 */
export function sqliteDialect(url: string): Dialect {
  const path = url.replace(/^sqlite:(\/\/\/)?/, '')
  const inMemory = path === '' || path === '//' || path === ':memory:'
  if (!inMemory) mkdirSync(dirname(path), { recursive: true })
  const database = new Database(inMemory ? ':memory:' : path)
  database.pragma('foreign_keys = ON')
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
  if (!inMemory) {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = NORMAL')
  }
  return new SqliteDialect({ database: withCachedStatements(database) })
}

/** Statements kept ready; the least recently used ones go. */
const CACHED_STATEMENTS = 500

/**
 * Compiling a statement costs more than running it, and the service runs the same few hundred over and over. Schema
 * statements are not kept.
 */
function withCachedStatements(database: Database.Database): SqliteDatabase {
  const cache = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare(sql: string): SqliteStatement {
      const known = cache.get(sql)
      if (known) {
        cache.delete(sql)
        cache.set(sql, known)
        return known
      }
      const statement = cachable(database.prepare(sql))
      if (!/^\s*(select|insert|update|delete|with)\b/i.test(sql)) return statement
      cache.set(sql, statement)
      if (cache.size > CACHED_STATEMENTS) cache.delete(cache.keys().next().value!)
      return statement
    },
  }
}

/** Asks the driver once whether the statement returns rows. */
function cachable(statement: Database.Statement): SqliteStatement {
  const reader = statement.reader
  return {
    reader,
    all: (parameters) => statement.all(...parameters),
    run: (parameters) => statement.run(...parameters),
    iterate: (parameters) => statement.iterate(...parameters) as IterableIterator<unknown>,
  }
}

/** Another process holds the file: the same transaction may succeed when it is tried again. */
export function isBusy(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' && (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
}

/** A unique constraint refused the row; the message names its columns (`table.column, table.column`). */
export function isUniqueViolation(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
}
