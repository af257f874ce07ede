import { isComputeOwner } from '../../model/owners.js'
import { loadNetworks } from '../../store/networks.js'
import type { PortRecord } from '../../store/ports.js'
import { loadQosPolicies, type QosRuleRecord, type QosRuleType } from '../../store/qos.js'
import type { Db } from '../../store/table.js'
import { BANDWIDTH_CLASS, PACKET_RATE_CLASS, physnetTrait, requestGroupId, vnicTypeTrait } from '../placement/names.js'
import { trackedInPlacement } from './faults.js'

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

type Asking = Pick<PortRecord, 'id' | 'networkId' | 'vnicType' | 'qosPolicyId' | 'networkQosPolicyId'>

const policyOf = ({ qosPolicyId, networkQosPolicyId }: Asking) => qosPolicyId ?? networkQosPolicyId

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

const asks = ({ type }: QosRuleRecord) => type === 'minimum_bandwidth' || type === 'minimum_packet_rate'

/** One group for bandwidths, which a bridge of the host has, one for packet rates, which the host's switch has. Pure. */
function requestOf(port: Asking, rules: readonly QosRuleRecord[], physical: string | null): ResourceRequest | null {
  const ofType = (wanted: QosRuleType) => rules.filter(({ type }) => type === wanted)
  const vnic = vnicTypeTrait(port.vnicType)
  // nobody counts the bandwidth of tunnels
  const bandwidths =
    physical === null ? [] : groupOf(port, ofType('minimum_bandwidth'), [physnetTrait(physical), vnic], bandwidth)
  const groups = [...bandwidths, ...groupOf(port, ofType('minimum_packet_rate'), [vnic], packetRate)]
  return groups.length === 0 ? null : { request_groups: groups, same_subtree: groups.map(({ id }) => id) }
}

type Amount = readonly [resourceClass: string, amount: number]

const bandwidth = ({ direction, minKbps }: QosRuleRecord): Amount[] =>
  direction === 'any' ? [] : [[BANDWIDTH_CLASS[direction], minKbps ?? 0]]
const packetRate = ({ direction, minKpps }: QosRuleRecord): Amount[] => [[PACKET_RATE_CLASS[direction], minKpps ?? 0]]

function groupOf(
  port: Asking,
  rules: readonly QosRuleRecord[],
  required: readonly string[],
  amounts: (rule: QosRuleRecord) => readonly Amount[],
): RequestGroup[] {
  if (rules.length === 0) return []
  const ruleIds = rules.map(({ id }) => id)
  return [{ id: requestGroupId(port.id, ruleIds), required, resources: Object.fromEntries(rules.flatMap(amounts)) }]
}

/** What nova has allocated for a port stays: a policy that asks for something else is refused. */
export async function checkAllocated(db: Db, port: PortRecord, qosPolicyId: string | null): Promise<void> {
  if (!isComputeOwner(port.deviceOwner) || !port.profile.allocation) return
  const resources = async (one: Asking) =>
    JSON.stringify((await resourceRequests(db, [one])).get(one.id)?.request_groups.map((group) => group.resources))
  if ((await resources(port)) !== (await resources({ ...port, qosPolicyId }))) throw trackedInPlacement()
}
