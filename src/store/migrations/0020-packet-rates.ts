import type { Kysely } from 'kysely'

/** QoS rules that limit how many packets a port sends or is sent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const name of ['max_kpps', 'max_burst_kpps']) {
    await db.schema.alterTable('qos_rules').addColumn(name, 'integer').execute()
  }
}
