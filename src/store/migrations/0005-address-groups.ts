import type { Kysely } from 'kysely'
import { index, STANDARD, table } from './build.js'

/** Groups of addresses that security group rules can name. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'address_groups', { ...STANDARD, name: 'text', addresses: 'text' })
    .addPrimaryKeyConstraint('address_groups_pk', ['id'])
    .execute()
  await index(db, 'address_groups', ['project_id'])
  await db.schema.alterTable('security_group_rules').addColumn('remote_address_group_id', 'text').execute()
  await index(db, 'security_group_rules', ['remote_address_group_id'])
}
