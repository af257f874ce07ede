import type { Kysely } from 'kysely'
import { index } from './build.js'

/** QoS policies of floating IPs and of routers' gateways. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('floating_ips').addColumn('qos_policy_id', 'text').execute()
  await index(db, 'floating_ips', ['qos_policy_id'])
  await db.schema.alterTable('routers').addColumn('gateway_qos_policy_id', 'text').execute()
  await index(db, 'routers', ['gateway_qos_policy_id'])
}
