import type { Kysely } from 'kysely'
import { index, table } from './build.js'

/** Ports of routers whose connections the kernel follows by what is said in them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'conntrack_helpers', {
    id: 'text',
    router_id: 'text',
    protocol: 'text',
    port: 'integer',
    helper: 'text',
  })
    .addPrimaryKeyConstraint('conntrack_helpers_pk', ['id'])
    .addUniqueConstraint('conntrack_helpers_once', ['router_id', 'protocol', 'port', 'helper'])
    .addForeignKeyConstraint('conntrack_helpers_router', ['router_id'], 'routers', ['id'], (fk) =>
      fk.onDelete('cascade'),
    )
    .execute()
  await index(db, 'conntrack_helpers', ['router_id'])
}
