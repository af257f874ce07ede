import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { SqliteDialect } from 'kysely'
import Libsql from 'libsql'
import type { Database } from './database.js'
import { CachedStatements } from './sqlite-statements.js'

const BUSY_TIMEOUT_MS = 5_000
/** What is read and written over and over stays in memory: the indexes of some ten thousand ports. */
const PAGE_CACHE_KIB = 8_192
/** Pages (of 4 KiB) of the write-ahead log before they go into the database: each once, however often it was written. */
const CHECKPOINT_PAGES = 4_000
/** How often a transaction is run when others get in its way. */
const ATTEMPTS = 4

/** SQLite: one server per file. */
export function openSqlite(url: string): Database {
  const database = openFile(url)
  const statements = new CachedStatements(database)
  const version = database.prepare('pragma data_version').raw()
  let last = -1
  return {
    dialect: new SqliteDialect({ database: statements }),
    retryAfter,
    sharing: null,
    observe: (ran) => statements.observe(ran),
    changedByOthers() {
      const [[now]] = version.all([]) as unknown as [[number]]
      const changed = now !== last
      last = now
      return changed
    },
  }
}

/**
 * SQLite by libsql (the interface of better-sqlite3). `sqlite:////var/lib/neutron/neutron.sqlite` names a file,
 * `sqlite://` a database in memory. One connection: Kysely's driver lets one transaction at a time use it.
 */
function openFile(url: string): Libsql.Database {
  const path = url.replace(/^sqlite:(\/\/\/)?/, '')
  const inMemory = path === '' || path === '//' || path === ':memory:'
  if (!inMemory) mkdirSync(dirname(path), { recursive: true })
  const database = new Libsql(inMemory ? ':memory:' : path)
  database.pragma('foreign_keys = ON')
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
  if (!inMemory) {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = NORMAL')
    database.pragma(`cache_size = -${PAGE_CACHE_KIB}`)
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  }
  return database
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
