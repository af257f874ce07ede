import type { CloudObject, CloudPort } from '../../model/cloud.js'
import { isDvrServiced } from '../../model/owners.js'
import { boundHost, type Cloud } from './cloud.js'
import type { Placement } from './placement.js'

/** One change of the cloud, with the value that it replaced. */
export interface AppliedChange {
  readonly before: CloudObject | undefined
  readonly after: CloudObject | null
}

/**
 * Whether only ports of instances changed: they are many, and change often. What anything else changes is found by
 * looking everywhere.
 */
export function onlyOrdinaryPorts(changes: readonly AppliedChange[], cloud: Cloud): boolean {
  const ordinary = (object: CloudObject | null | undefined) =>
    !object || (object.kind === 'port' && !object.deviceOwner.startsWith('network:') && !cloud.router(object.deviceId))
  return changes.every(({ before, after }) => ordinary(before) && ordinary(after))
}

/** Whether changes of ordinary ports leave every host with the routers and networks it has. */
export function keepsPlacement(changes: readonly AppliedChange[]): boolean {
  return changes.every(({ before, after }) => place(before) === place(after))
}

/** What the placement reads of a port; '' when it has no place. */
function place(object: CloudObject | null | undefined): string {
  if (object?.kind !== 'port') return ''
  const host = boundHost(object)
  if (host === null) return ''
  const subnets = object.fixedIps.map(({ subnetId }) => subnetId)
  return [object.id, host, object.networkId, isDvrServiced(object.deviceOwner), ...subnets].join(' ')
}

/**
 * Hosts whose projections changes of ordinary ports can alter: those with the port's network; those that have a network
 * in common with a host that gained or lost networks by them; and those whose rules name one of its groups.
 */
export function affectedHosts(
  changes: readonly AppliedChange[],
  was: Placement,
  now: Placement,
  watchers: (groupId: string) => Iterable<string>,
): ReadonlySet<string> {
  const hosts = new Set<string>()
  const onNetwork = (id: string) => {
    for (const placement of [was, now]) for (const host of placement.hostsOf(id)) hosts.add(host)
  }
  for (const port of changes.flatMap(({ before, after }) => [before, after]) as (CloudPort | null | undefined)[]) {
    if (!port) continue
    onNetwork(port.networkId)
    for (const group of port.securityGroups) for (const host of watchers(group)) hosts.add(host)
    const host = boundHost(port)
    if (host === null) continue
    hosts.add(host)
    for (const id of differing(was.networksOn(host), now.networksOn(host))) onNetwork(id)
  }
  return hosts
}

function differing(a: ReadonlySet<string>, b: ReadonlySet<string>): string[] {
  return a === b ? [] : [...[...a].filter((id) => !b.has(id)), ...[...b].filter((id) => !a.has(id))]
}
