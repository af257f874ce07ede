import type { Kysely } from 'kysely'
import { index } from './build.js'

/** Subnets that are on one segment of their network only, and ports whose addresses wait for a host. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('subnets').addColumn('segment_id', 'text').execute()
  await index(db, 'subnets', ['segment_id'])
  await db.schema
    .alterTable('ports')
    .addColumn('ip_allocation', 'text', (column) => column.notNull().defaultTo('immediate'))
    .execute()
}
