import { Kysely, Migrator } from 'kysely'
import { type DatabaseOptions, openDatabase } from './dialect/index.js'
import { MIGRATIONS } from './migrations/index.js'
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

async function withMigrator<T>(
  connection: string,
  options: DatabaseOptions,
  action: (migrator: Migrator) => Promise<T>,
): Promise<T> {
  const { dialect } = await openDatabase(connection, options)
  const db = new Kysely<Schema>({ dialect })
  try {
    return await action(new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } }))
  } finally {
    await db.destroy()
  }
}
