import type { CloudQosPolicy, PacketRate } from '../model/cloud.js'
import { sharedWith } from './rbac-policies.js'
import { standardColumns } from './standard-attributes.js'
import { type Db, intOrNull, type RecordOf, Table, text, textOrNull, word } from './table.js'

export type QosRuleType =
  | 'bandwidth_limit'
  | 'dscp_marking'
  | 'packet_rate_limit'
  | 'minimum_bandwidth'
  | 'minimum_packet_rate'

export const qosPolicies = new Table('qos_policies', {
  ...standardColumns,
  name: text('name'),
  /** the project whose default policy this is: unique, so that there is one default per project */
  defaultFor: textOrNull('default_for'),
})

export const qosRules = new Table('qos_rules', {
  id: text('id'),
  policyId: text('policy_id'),
  type: word<QosRuleType>('type'),
  /** as the instance sees it: `egress` is what it sends; `any`: both together, of minimum packet rates only */
  direction: word<'egress' | 'ingress' | 'any'>('direction'),
  maxKbps: intOrNull('max_kbps'),
  maxBurstKbps: intOrNull('max_burst_kbps'),
  dscpMark: intOrNull('dscp_mark'),
  /** thousands of packets a second, and at once */
  maxKpps: intOrNull('max_kpps'),
  maxBurstKpps: intOrNull('max_burst_kpps'),
  minKbps: intOrNull('min_kbps'),
  minKpps: intOrNull('min_kpps'),
})

export type QosRuleRecord = RecordOf<typeof qosRules.columns>

export interface QosPolicyRecord extends RecordOf<typeof qosPolicies.columns> {
  /** sorted by id */
  readonly rules: readonly QosRuleRecord[]
  /** projects beside the owner that may use the policy; `*` is all */
  readonly sharedWith: readonly string[]
}

export async function loadQosPolicies(db: Db, ids: readonly string[]): Promise<QosPolicyRecord[]> {
  const rows = await qosPolicies.findIn(db, 'id', ids)
  const rules = await qosRules.findIn(db, 'policyId', ids)
  rules.sort((a, b) => (a.id < b.id ? -1 : 1))
  const targets = await sharedWith(db, ids)
  return rows.map((row) => ({
    ...row,
    rules: rules.filter(({ policyId }) => policyId === row.id),
    sharedWith: targets.get(row.id) ?? [],
  }))
}

export async function loadQosPolicy(db: Db, id: string): Promise<QosPolicyRecord | undefined> {
  return (await loadQosPolicies(db, [id]))[0]
}

export async function renderQosPolicies(db: Db, ids: readonly string[]): Promise<CloudQosPolicy[]> {
  return (await loadQosPolicies(db, ids)).map(({ id, rules }) => ({
    kind: 'qos_policy',
    id,
    egress: limitOf(rules, 'egress'),
    ingress: limitOf(rules, 'ingress'),
    dscp: rules.find(({ type }) => type === 'dscp_marking')?.dscpMark ?? null,
    ...packetRatesOf(rules),
  }))
}

/** A rate of 0 limits nothing; without a burst it is 80 % of a second at the rate. */
function limitOf(rules: readonly QosRuleRecord[], wanted: 'egress' | 'ingress') {
  const rule = rules.find(({ type, direction }) => type === 'bandwidth_limit' && direction === wanted)
  if (!rule?.maxKbps) return null
  return { kbps: rule.maxKbps, burstKb: rule.maxBurstKbps || Math.ceil(rule.maxKbps * 0.8) }
}

function packetRatesOf(rules: readonly QosRuleRecord[]): Pick<CloudQosPolicy, 'packets'> {
  const [egress, ingress] = [packetRateOf(rules, 'egress'), packetRateOf(rules, 'ingress')]
  return egress || ingress ? { packets: { egress, ingress } } : {}
}

/** As with bandwidths. */
function packetRateOf(rules: readonly QosRuleRecord[], wanted: 'egress' | 'ingress'): PacketRate | null {
  const rule = rules.find(({ type, direction }) => type === 'packet_rate_limit' && direction === wanted)
  if (!rule?.maxKpps) return null
  const perSecond = rule.maxKpps * 1000
  return { perSecond, burst: rule.maxBurstKpps ? rule.maxBurstKpps * 1000 : perSecond * 0.8 }
}
