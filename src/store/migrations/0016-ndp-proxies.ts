import type { Kysely } from 'kysely'
import { index, STANDARD, table } from './build.js'

/** IPv6 addresses for which routers answer on their external networks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('routers')
    .addColumn('enable_ndp_proxy', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await table(db, 'ndp_proxies', {
    ...STANDARD,
    name: 'text',
    router_id: 'text',
    port_id: 'text',
    ip_address: 'text',
  })
    .addPrimaryKeyConstraint('ndp_proxies_pk', ['id'])
    .addUniqueConstraint('ndp_proxies_once', ['router_id', 'ip_address'])
    .addForeignKeyConstraint('ndp_proxies_router', ['router_id'], 'routers', ['id'], (fk) => fk.onDelete('cascade'))
    .addForeignKeyConstraint('ndp_proxies_port', ['port_id'], 'ports', ['id'], (fk) => fk.onDelete('cascade'))
    .execute()
  await index(db, 'ndp_proxies', ['port_id'])
}
