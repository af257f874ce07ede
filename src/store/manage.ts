import { Kysely, Migrator } from 'kysely'
import { type DatabaseOptions, openDatabase } from './dialect/index.js'
import { MIGRATIONS } from './migrations/index.js'
import { pruneAll, pruneBatch, pruneTime } from './prune.js'
import type { Schema } from './schema.js'

export interface MigrationState {
  readonly name: string
  /** null: still to be carried out */
  readonly executedAt: Date | null
}

/** Every migration that this version knows, in their order, as it stands in the database that `connection` names. */
export function migrationStates(connection: string, options: DatabaseOptions): Promise<readonly MigrationState[]> {
  return withMigrator(connection, options, async (migrator) =>
    (await migrator.getMigrations()).map(({ name, executedAt }) => ({ name, executedAt: executedAt ?? null })),
  )
}

/** Brings the tables up to date; resolves to the names of the migrations that were carried out. */
export function upgrade(connection: string, options: DatabaseOptions): Promise<readonly string[]> {
  return withMigrator(connection, options, async (migrator) => {
    const { error, results = [] } = await migrator.migrateToLatest()
    if (error) throw error
    return results.map(({ migrationName }) => migrationName)
  })
}

/** Deletes the change log's records that are older, also while servers are at work; resolves to how many. */
export function prune(connection: string, options: DatabaseOptions, maxDays: number): Promise<number> {
  const time = pruneTime(maxDays)
  return withDatabase(connection, options, (db) => pruneAll(() => pruneBatch(db, time)))
}

function withMigrator<T>(
  connection: string,
  options: DatabaseOptions,
  action: (migrator: Migrator) => Promise<T>,
): Promise<T> {
  const provider = { getMigrations: async () => ({ ...MIGRATIONS }) }
  return withDatabase(connection, options, (db) => action(new Migrator({ db, provider })))
}

async function withDatabase<T>(
  connection: string,
  options: DatabaseOptions,
  action: (db: Kysely<Schema>) => Promise<T>,
): Promise<T> {
  const { dialect } = await openDatabase(connection, options)
  const db = new Kysely<Schema>({ dialect })
  try {
    return await action(db)
  } finally {
    await db.destroy()
  }
}
