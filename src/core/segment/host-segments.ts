import { agents } from '../../store/agents.js'
import { loadNetwork, type NetworkSegment } from '../../store/networks.js'
import { remembered } from '../../store/session.js'
import { type SubnetRecord, subnetsOfNetwork } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import type { Core } from '../core.js'

/** Segments that subnets of the network are on: hosts have a routed network on these only. Empty for others. */
export function routedSegments(subnets: readonly Pick<SubnetRecord, 'segmentId'>[]): ReadonlySet<string> {
  return new Set(subnets.flatMap(({ segmentId }) => segmentId ?? []))
}

/** Segments that the agents of a host reach, alive or not: a restart of an agent moves no network. */
export async function segmentsReached<T extends NetworkSegment>(
  core: Core,
  db: Db,
  host: string,
  segments: readonly T[],
): Promise<T[]> {
  const known = await remembered(db, ['agents'], `agents of ${host}`, () => agents.find(db, { host }))
  return segments.filter((segment) => core.mechanismDrivers.some((driver) => driver.reaches(known, segment)))
}

/** Ids of the segments with subnets that a host has of a routed network; null for a network that is not routed. */
export async function segmentsOnHost(
  core: Core,
  db: Db,
  host: string,
  networkId: string,
): Promise<ReadonlySet<string> | null> {
  const routed = routedSegments(await subnetsOfNetwork(db, networkId))
  if (routed.size === 0) return null
  const { segments } = (await loadNetwork(db, networkId))!
  const reached = await segmentsReached(core, db, host, segments)
  return new Set(reached.map(({ id }) => id).filter((id) => routed.has(id)))
}
