import type { CloudMeteringLabel } from '../model/cloud.js'
import { type Db, flag, type RecordOf, Table, text, textOrNull, word } from './table.js'

export const meteringLabels = new Table('metering_labels', {
  id: text('id'),
  projectId: text('project_id'),
  name: text('name'),
  description: text('description'),
  shared: flag('shared'),
})

export const meteringLabelRules = new Table('metering_label_rules', {
  id: text('id'),
  meteringLabelId: text('metering_label_id'),
  direction: word<'ingress' | 'egress'>('direction'),
  excluded: flag('excluded'),
  remoteIpPrefix: textOrNull('remote_ip_prefix'),
  sourceIpPrefix: textOrNull('source_ip_prefix'),
  destinationIpPrefix: textOrNull('destination_ip_prefix'),
})

export type MeteringLabelRecord = RecordOf<typeof meteringLabels.columns>
export type MeteringLabelRuleRecord = RecordOf<typeof meteringLabelRules.columns>

/** A label with its rules is one value of the change log. */
export async function renderMeteringLabels(db: Db, ids: readonly string[]): Promise<CloudMeteringLabel[]> {
  const labels = await meteringLabels.findIn(db, 'id', ids)
  const rules = await meteringLabelRules.findIn(db, 'meteringLabelId', ids)
  rules.sort((a, b) => (a.id < b.id ? -1 : 1))
  return labels.map(({ id, projectId, shared }) => ({
    kind: 'metering_label',
    id,
    projectId,
    shared,
    rules: rules.filter(({ meteringLabelId }) => meteringLabelId === id).map(({ meteringLabelId: _, ...rule }) => rule),
  }))
}
