import type { Database, DatabaseOptions } from './database.js'

export type { Database, DatabaseOptions } from './database.js'

type Open = (url: string, options: DatabaseOptions) => Database

/** By the URL's scheme; a database's client is loaded only when it is used. */
const KINDS: Readonly<Record<string, () => Promise<Open>>> = {
  sqlite: async () => (await import('./sqlite.js')).openSqlite,
  postgresql: async () => (await import('./postgresql.js')).openPostgresql,
}

/** The database that `[database] connection` names (`postgresql+psycopg2://…` too); throws when there is no such kind. */
export async function openDatabase(connection: string, options: DatabaseOptions): Promise<Database> {
  const scheme = connection.split(':')[0]!.split('+')[0]!
  const load = KINDS[scheme]
  if (!load) throw new Error(`[database] connection: '${scheme}' is not supported (${Object.keys(KINDS).join(', ')})`)
  return (await load())(connection, options)
}
