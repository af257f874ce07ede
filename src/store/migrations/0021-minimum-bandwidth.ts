import type { Kysely } from 'kysely'

/** Guaranteed rates of QoS policies, and whether Placement knows what agents have for them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('qos_rules').addColumn('min_kbps', 'integer').execute()
  await db.schema.alterTable('agents').addColumn('resources_synced', 'integer').execute()
}
