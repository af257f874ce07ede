import type { Kysely } from 'kysely'

/** QoS rules that guarantee a packet rate. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('qos_rules').addColumn('min_kpps', 'integer').execute()
}
