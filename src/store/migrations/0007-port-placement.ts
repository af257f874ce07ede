import type { Kysely } from 'kysely'

/** What the compute service wants to know of a port when it places the instance. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('ports').addColumn('numa_affinity_policy', 'text').execute()
  await db.schema.alterTable('ports').addColumn('device_profile', 'text').execute()
}
