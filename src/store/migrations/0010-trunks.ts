import type { Kysely } from 'kysely'
import { index, STANDARD, table } from './build.js'

/** Trunks: ports that carry further ports behind VLAN tags. A port is in one trunk at most. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'trunks', { ...STANDARD, name: 'text', port_id: 'text', admin_state_up: 'integer', status: 'text' })
    .addPrimaryKeyConstraint('trunks_pk', ['id'])
    .addUniqueConstraint('trunks_port_once', ['port_id'])
    .addForeignKeyConstraint('trunks_port', ['port_id'], 'ports', ['id'])
    .execute()
  await index(db, 'trunks', ['project_id'])
  await table(db, 'subports', {
    port_id: 'text',
    trunk_id: 'text',
    segmentation_type: 'text',
    segmentation_id: 'integer',
  })
    .addPrimaryKeyConstraint('subports_pk', ['port_id'])
    .addUniqueConstraint('subports_segment', ['trunk_id', 'segmentation_type', 'segmentation_id'])
    .addForeignKeyConstraint('subports_trunk', ['trunk_id'], 'trunks', ['id'], (fk) => fk.onDelete('cascade'))
    .addForeignKeyConstraint('subports_port', ['port_id'], 'ports', ['id'])
    .execute()
}
