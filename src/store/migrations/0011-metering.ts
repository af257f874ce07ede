import type { Kysely } from 'kysely'
import { index, table } from './build.js'

/** Metering labels and what they count. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'metering_labels', {
    id: 'text',
    project_id: 'text',
    name: 'text',
    description: 'text',
    shared: 'integer',
  })
    .addPrimaryKeyConstraint('metering_labels_pk', ['id'])
    .execute()
  await index(db, 'metering_labels', ['project_id'])
  await table(db, 'metering_label_rules', {
    id: 'text',
    metering_label_id: 'text',
    direction: 'text',
    excluded: 'integer',
    remote_ip_prefix: 'text?',
    source_ip_prefix: 'text?',
    destination_ip_prefix: 'text?',
  })
    .addPrimaryKeyConstraint('metering_label_rules_pk', ['id'])
    .addForeignKeyConstraint('metering_label_rules_label', ['metering_label_id'], 'metering_labels', ['id'], (fk) =>
      fk.onDelete('cascade'),
    )
    .execute()
  await index(db, 'metering_label_rules', ['metering_label_id'])
}
