import type { CloudLog } from '../model/cloud.js'
import { standardColumns } from './standard-attributes.js'
import { type Db, flag, type RecordOf, Table, text, textOrNull, word } from './table.js'

export const logs = new Table('logs', {
  ...standardColumns,
  name: text('name'),
  resourceType: text('resource_type'),
  /** a security group; null: any */
  resourceId: textOrNull('resource_id'),
  /** a port; null: any */
  targetId: textOrNull('target_id'),
  event: word<CloudLog['event']>('event'),
  enabled: flag('enabled'),
})

export type LogRecord = RecordOf<typeof logs.columns>

/** A log that is switched off is none, as far as hosts are concerned. */
export async function renderLogs(db: Db, ids: readonly string[]): Promise<CloudLog[]> {
  const found = await logs.findIn(db, 'id', ids)
  return found
    .filter(({ enabled }) => enabled)
    .map(({ id, projectId, event, resourceId, targetId }) => {
      return { kind: 'log', id, projectId, event, groupId: resourceId, portId: targetId }
    })
}
