import { isDeepStrictEqual } from 'node:util'
import { isComputeOwner } from '../../model/owners.js'
import { type PortRecord, ports } from '../../store/ports.js'
import { loadQosPolicy, type QosRuleRecord } from '../../store/qos.js'
import type { Db } from '../../store/table.js'
import type { Amounts } from '../placement/allocations.js'
import { mixedDirections } from './faults.js'
import { amountsOf, asks, GUARANTEES, groupId, ofType } from './resource-request.js'

/** What another policy means for a port that nova has allocated for. */
export interface AllocationChange {
  /** the instance */
  readonly consumer: string
  /** what is asked for besides what it has; nothing when the amounts stay */
  readonly difference: Amounts
  /** `binding:profile.allocation` of the port: ids of resource providers by request group */
  readonly allocation: Readonly<Record<string, string>>
}

type Holder = Pick<PortRecord, 'id' | 'deviceId' | 'deviceOwner' | 'profile'>

/** Whether the port is an instance's, and nova has allocated for it. */
export function hasAllocation(port: Pick<PortRecord, 'deviceOwner' | 'profile'>): boolean {
  return isComputeOwner(port.deviceOwner) && Object.keys(heldBy(port)).length > 0
}

/**
 * What becomes of a port's allocation when `to` takes the place of the policy `from`. Null when nothing does: it has none,
 * or the policy asked for nothing so far. Then, and of kinds that the policy did not ask for, Placement counts nothing:
 * nova would have to choose a host anew.
 */
export async function allocationChange(
  db: Db,
  port: Holder,
  from: string | null,
  to: string | null,
): Promise<AllocationChange | null> {
  if (from === to || !hasAllocation(port)) return null
  return changeOf(port, heldBy(port), await guarantees(db, from), await guarantees(db, to))
}

/** Whether the port's allocation is the one of a change. */
export async function holds(db: Db, portId: string, { allocation }: AllocationChange): Promise<boolean> {
  const port = await ports.findOne(db, { id: portId })
  return port !== undefined && isDeepStrictEqual(heldBy(port), allocation)
}

/** Ids of the resource providers that nova has chosen, by request group. */
function heldBy({ profile }: Pick<PortRecord, 'profile'>): Readonly<Record<string, string>> {
  const { allocation } = profile
  return typeof allocation === 'object' && allocation !== null ? (allocation as Record<string, string>) : {}
}

async function guarantees(db: Db, policyId: string | null): Promise<readonly QosRuleRecord[]> {
  const policy = policyId === null ? undefined : await loadQosPolicy(db, policyId)
  return policy?.rules.filter(asks) ?? []
}

/** A group's id says which rules it is for, so it tells which of the providers has what they ask for. Pure. */
function changeOf(
  port: Holder,
  held: Readonly<Record<string, string>>,
  before: readonly QosRuleRecord[],
  after: readonly QosRuleRecord[],
): AllocationChange | null {
  const allocation: Record<string, string> = { ...held }
  const differences = GUARANTEES.flatMap((type) => {
    const [old, wanted] = [ofType(before, type), ofType(after, type)]
    const group = groupId(port, old)
    const provider = held[group]
    if (old.length === 0 || provider === undefined) return []
    checkDirections(old, wanted)
    delete allocation[group]
    if (wanted.length > 0) allocation[groupId(port, wanted)] = provider
    return [[provider, difference(amountsOf(old), amountsOf(wanted))] as const]
  })
  if (differences.length === 0) return null
  return { consumer: port.deviceId, difference: byProvider(differences), allocation }
}

/** Hosts tell packets of both directions together or those of each: what one instance has of the one is not of the other. */
function checkDirections(old: readonly QosRuleRecord[], wanted: readonly QosRuleRecord[]): void {
  const together = ({ direction }: QosRuleRecord) => direction === 'any'
  if (wanted.length > 0 && old.some(together) !== wanted.some(together)) throw mixedDirections()
}

function difference(old: Amounts[string], wanted: Amounts[string]): Amounts[string] {
  const names = new Set([...Object.keys(old), ...Object.keys(wanted)])
  const entries = [...names].map((name) => [name, (wanted[name] ?? 0) - (old[name] ?? 0)] as const)
  return Object.fromEntries(entries.filter(([, amount]) => amount !== 0))
}

/** One provider may have both kinds; one of which nothing changes is left out. */
function byProvider(differences: readonly (readonly [provider: string, amounts: Amounts[string]])[]): Amounts {
  const sum: Record<string, Amounts[string]> = {}
  for (const [provider, amounts] of differences) {
    if (Object.keys(amounts).length > 0) sum[provider] = { ...sum[provider], ...amounts }
  }
  return sum
}
