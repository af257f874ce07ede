import { loadNetworks } from '../../store/networks.js'
import type { PortRecord } from '../../store/ports.js'
import { loadQosPolicies, type QosRuleRecord, type QosRuleType } from '../../store/qos.js'
import type { Db } from '../../store/table.js'
import { BANDWIDTH_CLASS, PACKET_RATE_CLASS, physnetTrait, requestGroupId, vnicTypeTrait } from '../placement/names.js'

/** What one provider must have for a port, in Placement's words. */
export interface RequestGroup {
  readonly id: string
  readonly required: readonly string[]
  readonly resources: Readonly<Record<string, number>>
}

/** `resource_request` of a port: what nova is to allocate when it places the instance. */
export interface ResourceRequest {
  readonly request_groups: readonly RequestGroup[]
  readonly same_subtree: readonly string[]
}

type Governed = Pick<PortRecord, 'qosPolicyId' | 'networkQosPolicyId'>
type Asking = Governed & Pick<PortRecord, 'id' | 'networkId' | 'vnicType'>

/** The policy in force: a port's own goes before its network's. */
export const policyOf = ({ qosPolicyId, networkQosPolicyId }: Governed) => qosPolicyId ?? networkQosPolicyId

/** The requests of those ports that have one. */
export async function resourceRequests(
  db: Db,
  ports: readonly Asking[],
): Promise<ReadonlyMap<string, ResourceRequest>> {
  const ids = [...new Set(ports.flatMap((port) => policyOf(port) ?? []))]
  const policies = ids.length === 0 ? [] : await loadQosPolicies(db, ids)
  const rules = new Map(policies.map((policy) => [policy.id, policy.rules.filter(asks)]))
  const asking = ports.filter((port) => (rules.get(policyOf(port) ?? '') ?? []).length > 0)
  const networks = await loadNetworks(db, [...new Set(asking.map(({ networkId }) => networkId))])
  return new Map(
    asking.flatMap((port) => {
      const physical = networks.find(({ id }) => id === port.networkId)?.segments[0]?.physicalNetwork ?? null
      const request = requestOf(port, rules.get(policyOf(port)!)!, physical)
      return request ? [[port.id, request] as const] : []
    }),
  )
}

/** Types of rules that nova allocates for; a port has a group of each. */
export const GUARANTEES: readonly QosRuleType[] = ['minimum_bandwidth', 'minimum_packet_rate']

/** Whether nova allocates for the rule. */
export const asks = ({ type }: QosRuleRecord) => GUARANTEES.includes(type)

export const ofType = (rules: readonly QosRuleRecord[], wanted: QosRuleType) =>
  rules.filter(({ type }) => type === wanted)

/** Id of the group that rules of one type are of a port. Pure. */
export function groupId(port: Pick<PortRecord, 'id'>, rules: readonly QosRuleRecord[]): string {
  return requestGroupId(
    port.id,
    rules.map(({ id }) => id),
  )
}

/** One group for bandwidths, which a bridge of the host has, one for packet rates, which the host's switch has. Pure. */
function requestOf(port: Asking, rules: readonly QosRuleRecord[], physical: string | null): ResourceRequest | null {
  const vnic = vnicTypeTrait(port.vnicType)
  // nobody counts the bandwidth of tunnels
  const bandwidths =
    physical === null ? [] : groupOf(port, ofType(rules, 'minimum_bandwidth'), [physnetTrait(physical), vnic])
  const groups = [...bandwidths, ...groupOf(port, ofType(rules, 'minimum_packet_rate'), [vnic])]
  return groups.length === 0 ? null : { request_groups: groups, same_subtree: groups.map(({ id }) => id) }
}

function groupOf(port: Asking, rules: readonly QosRuleRecord[], required: readonly string[]): RequestGroup[] {
  if (rules.length === 0) return []
  return [{ id: groupId(port, rules), required, resources: amountsOf(rules) }]
}

/** What rules of one type ask for, by resource class. Pure. */
export function amountsOf(rules: readonly QosRuleRecord[]): Readonly<Record<string, number>> {
  const amounts = rules.flatMap(({ type, direction, minKbps, minKpps }): [string, number][] => {
    if (type === 'minimum_packet_rate') return [[PACKET_RATE_CLASS[direction], minKpps ?? 0]]
    return direction === 'any' ? [] : [[BANDWIDTH_CLASS[direction], minKbps ?? 0]]
  })
  return Object.fromEntries(amounts)
}
