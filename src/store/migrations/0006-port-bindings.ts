import type { Kysely } from 'kysely'
import { table } from './build.js'

/** Bindings of ports beside the one in force. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'inactive_bindings', {
    port_id: 'text',
    host: 'text',
    vnic_type: 'text',
    profile: 'text',
    vif_type: 'text',
    vif_details: 'text',
  })
    .addPrimaryKeyConstraint('inactive_bindings_pk', ['port_id', 'host'])
    .addForeignKeyConstraint('inactive_bindings_port', ['port_id'], 'ports', ['id'], (fk) => fk.onDelete('cascade'))
    .execute()
}
