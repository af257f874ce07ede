import type { Kysely } from 'kysely'
import { index, table } from './build.js'

/** Ports of floating IPs that lead to ports of fixed addresses. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'port_forwardings', {
    id: 'text',
    floating_ip_id: 'text',
    protocol: 'text',
    external_first: 'integer',
    external_last: 'integer',
    internal_port_id: 'text',
    internal_ip_address: 'text',
    internal_first: 'integer',
    internal_last: 'integer',
    description: 'text',
  })
    .addPrimaryKeyConstraint('port_forwardings_pk', ['id'])
    .addForeignKeyConstraint('port_forwardings_floating_ip', ['floating_ip_id'], 'floating_ips', ['id'], (fk) =>
      fk.onDelete('cascade'),
    )
    .addForeignKeyConstraint('port_forwardings_port', ['internal_port_id'], 'ports', ['id'])
    .execute()
  await index(db, 'port_forwardings', ['floating_ip_id'])
  await index(db, 'port_forwardings', ['internal_port_id'])
}
