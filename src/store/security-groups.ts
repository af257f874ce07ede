import type { CloudSecurityGroup } from '../model/cloud.js'
import { sharedWith } from './rbac-policies.js'
import { standardColumns } from './standard-attributes.js'
import { type Db, flag, intOrNull, type RecordOf, Table, text, textOrNull, word } from './table.js'

export const securityGroups = new Table('security_groups', {
  ...standardColumns,
  name: text('name'),
  stateful: flag('stateful'),
})

export const defaultSecurityGroups = new Table('default_security_groups', {
  projectId: text('project_id'),
  securityGroupId: text('security_group_id'),
})

export const securityGroupRules = new Table('security_group_rules', {
  ...standardColumns,
  securityGroupId: text('security_group_id'),
  direction: word<'ingress' | 'egress'>('direction'),
  ethertype: word<'IPv4' | 'IPv6'>('ethertype'),
  protocol: textOrNull('protocol'),
  portRangeMin: intOrNull('port_range_min'),
  portRangeMax: intOrNull('port_range_max'),
  remoteIpPrefix: textOrNull('remote_ip_prefix'),
  remoteGroupId: textOrNull('remote_group_id'),
  remoteAddressGroupId: textOrNull('remote_address_group_id'),
  meaning: text('meaning'),
})

export type SecurityGroupRow = RecordOf<typeof securityGroups.columns>
export type SecurityGroupRuleRow = RecordOf<typeof securityGroupRules.columns>

export interface SecurityGroupRecord extends SecurityGroupRow {
  /** oldest first */
  readonly rules: readonly SecurityGroupRuleRow[]
  /** projects beside the owner that may use the group; `*` is all */
  readonly sharedWith: readonly string[]
}

export async function loadSecurityGroups(db: Db, ids: readonly string[]): Promise<SecurityGroupRecord[]> {
  const rows = await securityGroups.findIn(db, 'id', ids)
  const rules = await securityGroupRules.findIn(db, 'securityGroupId', ids)
  const targets = await sharedWith(db, ids)
  rules.sort((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? -1 : 1))
  const byGroup = new Map<string, SecurityGroupRuleRow[]>(rows.map(({ id }) => [id, []]))
  for (const rule of rules) byGroup.get(rule.securityGroupId)?.push(rule)
  return rows.map((row) => ({ ...row, rules: byGroup.get(row.id)!, sharedWith: targets.get(row.id) ?? [] }))
}

export async function loadSecurityGroup(db: Db, id: string): Promise<SecurityGroupRecord | undefined> {
  return (await loadSecurityGroups(db, [id]))[0]
}

export async function renderSecurityGroups(db: Db, ids: readonly string[]): Promise<CloudSecurityGroup[]> {
  return (await loadSecurityGroups(db, ids)).map((group) => ({
    kind: 'security_group',
    id: group.id,
    projectId: group.projectId,
    name: group.name,
    stateful: group.stateful,
    rules: group.rules
      .map((rule) => ({
        id: rule.id,
        direction: rule.direction,
        ethertype: rule.ethertype,
        protocol: rule.protocol,
        portMin: rule.portRangeMin,
        portMax: rule.portRangeMax,
        remoteIpPrefix: rule.remoteIpPrefix,
        remoteGroupId: rule.remoteGroupId,
        ...(rule.remoteAddressGroupId !== null && { remoteAddressGroupId: rule.remoteAddressGroupId }),
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  }))
}
