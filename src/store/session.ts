import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type { Memory } from './memory.js'
import type { Db } from './table.js'

/** What belongs to a handle for as long as its transaction, or its consistent state, lasts. */
interface Session {
  readonly connection: DatabaseConnection
  readonly memory: Memory
}

const sessions = new WeakMap<object, Session>()

/** Runs `work` on a handle that has one connection for itself. */
export async function inSession<T>(db: Db, memory: Memory, work: (db: Db) => Promise<T>): Promise<T> {
  const connection = await db.getExecutor().provideConnection(async (own) => own)
  sessions.set(db, { connection, memory })
  try {
    return await work(db)
  } finally {
    sessions.delete(db)
  }
}

/**
 * Runs a statement whose text is known. A handle with a connection of its own needs none of the steps that lead to one: they
 * cost as much as the statement.
 */
export function execute<R>(db: Pick<Db, 'executeQuery'>, query: CompiledQuery): Promise<QueryResult<R>> {
  return sessions.get(db)?.connection.executeQuery<R>(query) ?? db.executeQuery<R>(query)
}

/**
 * Result of `make`, which reads the named tables and no others. It is made again only when one of them may have changed, so
 * it is shared: nobody may change it.
 */
export function remembered<T>(db: Db, tables: readonly string[], key: string, make: () => Promise<T>): Promise<T> {
  const memory = sessions.get(db)?.memory
  return memory ? memory.get(tables, key, make) : make()
}
