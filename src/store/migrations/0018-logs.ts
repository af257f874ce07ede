import type { Kysely } from 'kysely'
import { index, STANDARD, table } from './build.js'

/** What of the packets that security groups let through or drop is written down. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await table(db, 'logs', {
    ...STANDARD,
    name: 'text',
    resource_type: 'text',
    resource_id: 'text?',
    target_id: 'text?',
    event: 'text',
    enabled: 'integer',
  })
    .addPrimaryKeyConstraint('logs_pk', ['id'])
    .execute()
  for (const column of ['project_id', 'resource_id', 'target_id']) await index(db, 'logs', [column])
}
