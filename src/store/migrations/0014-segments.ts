import { type Kysely, sql } from 'kysely'
import { index, STANDARD, table } from './build.js'

/** Segments become objects of their own, and ranges of segmentation ids can be made beside the configured ones. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const segments = () => db.schema.alterTable('network_segments')
  await segments().addColumn('name', 'text').execute()
  await segments()
    .addColumn('description', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  for (const time of ['created_at', 'updated_at']) {
    await segments()
      .addColumn(time, 'text', (column) => column.notNull().defaultTo(''))
      .execute()
  }
  await segments()
    .addColumn('revision_number', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  // a segment is as old as the network that it was made with
  const created = sql`(select n.created_at from networks n where n.id = network_segments.network_id)`
  await sql`update network_segments set created_at = ${created}, updated_at = ${created}`.execute(db)
  await table(db, 'network_segment_ranges', {
    ...STANDARD,
    name: 'text',
    shared: 'integer',
    network_type: 'text',
    physical_network: 'text?',
    minimum: 'bigint?',
    maximum: 'bigint?',
  })
    .addPrimaryKeyConstraint('network_segment_ranges_pk', ['id'])
    .execute()
  await index(db, 'network_segment_ranges', ['network_type'])
}
