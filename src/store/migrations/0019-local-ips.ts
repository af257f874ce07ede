import type { Kysely } from 'kysely'
import { index, STANDARD, table } from './build.js'

/** Addresses that lead to another port on each host. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'local_ips', {
    ...STANDARD,
    name: 'text',
    local_port_id: 'text',
    network_id: 'text',
    local_ip_address: 'text',
    ip_mode: 'text',
  })
    .addPrimaryKeyConstraint('local_ips_pk', ['id'])
    .execute()
  await index(db, 'local_ips', ['local_port_id'])
  await table(db, 'local_ip_associations', {
    id: 'text',
    local_ip_id: 'text',
    fixed_port_id: 'text',
    fixed_ip: 'text',
  })
    .addPrimaryKeyConstraint('local_ip_associations_pk', ['id'])
    .addUniqueConstraint('local_ip_associations_once', ['local_ip_id', 'fixed_port_id'])
    .addForeignKeyConstraint('local_ip_associations_local_ip', ['local_ip_id'], 'local_ips', ['id'])
    .execute()
  await index(db, 'local_ip_associations', ['fixed_port_id'])
}
