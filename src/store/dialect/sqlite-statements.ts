import type { SqliteDatabase, SqliteStatement } from 'kysely'
import type Libsql from 'libsql'
import { type Effect, effectOf } from '../memory.js'

/** Statements kept ready; the least recently used ones go. */
const CACHED_STATEMENTS = 500
const KEPT = /^\s*(select|insert|update|delete|with|begin|commit|rollback|savepoint|release)\b/i

interface Statement extends SqliteStatement {
  readonly effect: Effect
}

/**
 * Compiling a statement costs more than running it, and the service runs the same few hundred over and over. Schema
 * statements are not kept.
 */
export class CachedStatements implements SqliteDatabase {
  readonly #database: Libsql.Database
  readonly #cache = new Map<string, Statement>()
  #ran: (effect: Effect) => void = () => {}

  constructor(database: Libsql.Database) {
    this.#database = database
  }

  observe(ran: (effect: Effect) => void): void {
    this.#ran = ran
  }

  close(): void {
    this.#database.close()
  }

  /** The driver runs what it asks for at once. */
  prepare(sql: string): SqliteStatement {
    const statement = this.#known(sql) ?? this.#made(sql)
    if (statement.effect !== 'reads') this.#ran(statement.effect)
    return statement
  }

  #known(sql: string): Statement | undefined {
    const known = this.#cache.get(sql)
    if (known) {
      this.#cache.delete(sql)
      this.#cache.set(sql, known)
    }
    return known
  }

  #made(sql: string): Statement {
    const statement = statementOf(this.#database.prepare(sql), effectOf(sql))
    if (!KEPT.test(sql)) return statement
    this.#cache.set(sql, statement)
    if (this.#cache.size > CACHED_STATEMENTS) this.#cache.delete(this.#cache.keys().next().value!)
    return statement
  }
}

/** Asks the driver once whether the statement returns rows, and how their columns are called. */
function statementOf(statement: Libsql.Statement, effect: Effect): Statement {
  const reader = statement.reader
  // the driver makes lists in half the time that it needs for objects
  if (reader) statement.raw()
  const names = reader ? statement.columns().map(({ name }) => name) : []
  return {
    reader,
    effect,
    all: (parameters) => (statement.all(...parameters) as unknown[][]).map((values) => rowOf(names, values)),
    run: (parameters) => statement.run(...parameters),
    iterate() {
      throw new Error('rows are read at once')
    },
  }
}

function rowOf(names: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (let i = 0; i < names.length; i++) row[names[i]!] = values[i]
  return row
}
