import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Dialect, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import Libsql from 'libsql'
import type { Database } from './database.js'

const BUSY_TIMEOUT_MS = 5_000
/** How often a transaction is run when others get in its way. */
const ATTEMPTS = 4

/** SQLite: one server per file. */
export function openSqlite(url: string): Database {
  return { dialect: sqliteDialect(url), retryAfter, sharing: null }
}

/**
 * SQLite by libsql (the interface of better-sqlite3). `sqlite:////var/lib/neutron/neutron.sqlite` names a file,
 * `sqlite://` a database in memory. One connection: Kysely's driver lets one transaction at a time use it.
 */
export function sqliteDialect(url: string): Dialect {
  const path = url.replace(/^sqlite:(\/\/\/)?/, '')
  const inMemory = path === '' || path === '//' || path === ':memory:'
  if (!inMemory) mkdirSync(dirname(path), { recursive: true })
  const database = new Libsql(inMemory ? ':memory:' : path)
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
function withCachedStatements(database: Libsql.Database): SqliteDatabase {
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
function cachable(statement: Libsql.Statement): SqliteStatement {
  const reader = statement.reader
  return {
    reader,
    all: (parameters) => statement.all(...parameters),
    run: (parameters) => statement.run(...parameters),
    iterate: (parameters) => statement.iterate(...parameters) as IterableIterator<unknown>,
  }
}

/**
 * Another process holds the file, or a unique constraint refused a row: the same transaction may succeed, or find a
 * better reason to refuse, when it is tried again.
 */
function retryAfter(error: unknown, attempt: number): number | null {
  const code = (error as { code?: unknown } | null)?.code
  const again = typeof code === 'string' && /^SQLITE_(BUSY|LOCKED|CONSTRAINT_(UNIQUE|PRIMARYKEY)$)/.test(code)
  return again && attempt < ATTEMPTS ? 0 : null
}
