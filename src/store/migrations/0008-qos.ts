import type { Kysely } from 'kysely'
import { index, STANDARD, table } from './build.js'

/** QoS policies with their rules, and what they are attached to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'qos_policies', { ...STANDARD, name: 'text', default_for: 'text?' })
    .addPrimaryKeyConstraint('qos_policies_pk', ['id'])
    .addUniqueConstraint('qos_policies_default_for', ['default_for'])
    .execute()
  await index(db, 'qos_policies', ['project_id'])
  await table(db, 'qos_rules', {
    id: 'text',
    policy_id: 'text',
    type: 'text',
    direction: 'text',
    max_kbps: 'integer?',
    max_burst_kbps: 'integer?',
    dscp_mark: 'integer?',
  })
    .addPrimaryKeyConstraint('qos_rules_pk', ['id'])
    // one limit for each direction, one mark
    .addUniqueConstraint('qos_rules_once', ['policy_id', 'type', 'direction'])
    .addForeignKeyConstraint('qos_rules_policy', ['policy_id'], 'qos_policies', ['id'], (fk) => fk.onDelete('cascade'))
    .execute()
  for (const name of ['networks', 'ports']) {
    await db.schema.alterTable(name).addColumn('qos_policy_id', 'text').execute()
    await index(db, name, ['qos_policy_id'])
  }
}
