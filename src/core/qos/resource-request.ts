import { isComputeOwner } from '../../model/owners.js'
import { loadNetworks } from '../../store/networks.js'
import type { PortRecord } from '../../store/ports.js'
import { loadQosPolicies, type QosRuleRecord } from '../../store/qos.js'
import type { Db } from '../../store/table.js'
import { BANDWIDTH_CLASS, physnetTrait, requestGroupId, vnicTypeTrait } from '../placement/names.js'
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

const asks = ({ type }: QosRuleRecord) => type === 'minimum_bandwidth'

/** Null on networks that are on no physical one: nobody counts the bandwidth of tunnels. Pure. */
function requestOf(port: Asking, rules: readonly QosRuleRecord[], physical: string | null): ResourceRequest | null {
  if (physical === null) return null
  const group: RequestGroup = {
    id: requestGroupId(
      port.id,
      rules.map(({ id }) => id),
    ),
    required: [physnetTrait(physical), vnicTypeTrait(port.vnicType)],
    resources: Object.fromEntries(rules.map(({ direction, minKbps }) => [BANDWIDTH_CLASS[direction], minKbps ?? 0])),
  }
  return { request_groups: [group], same_subtree: [group.id] }
}

/** What nova has allocated for a port stays: a policy that asks for something else is refused. */
export async function checkAllocated(db: Db, port: PortRecord, qosPolicyId: string | null): Promise<void> {
  if (!isComputeOwner(port.deviceOwner) || !port.profile.allocation) return
  const resources = async (one: Asking) =>
    JSON.stringify((await resourceRequests(db, [one])).get(one.id)?.request_groups.map((group) => group.resources))
  if ((await resources(port)) !== (await resources({ ...port, qosPolicyId }))) throw trackedInPlacement()
}
