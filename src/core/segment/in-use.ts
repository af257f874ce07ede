import { OWNER } from '../../model/owners.js'
import { type AgentRecord, agents } from '../../store/agents.js'
import type { SegmentRecord } from '../../store/networks.js'
import { findPorts } from '../../store/ports.js'
import { subnetsOfNetwork } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import type { Core } from '../core.js'
import { isBound } from '../port/binding.js'
import { segmentInUse } from './faults.js'
import { routedSegments } from './host-segments.js'

/**
 * Refuses to take away a segment that hosts have their network on. A distributed router is on every host, whatever its
 * ports say.
 */
export async function checkUnused(
  core: Core,
  db: Db,
  segment: SegmentRecord,
  all: readonly SegmentRecord[],
): Promise<void> {
  const routed = await subnetsOfNetwork(db, segment.networkId)
  const own = routed.filter(({ segmentId }) => segmentId === segment.id).map(({ id }) => id)
  if (own.length > 0) throw segmentInUse(segment.id, `The segment is still associated with subnet(s) ${own.join(', ')}`)
  if (all.length === 1) throw segmentInUse(segment.id, 'It is the only segment of its network')
  // hosts have a routed network on segments with subnets only
  if (routedSegments(routed).size > 0) return
  const ports = await findPorts(db, { networkId: segment.networkId })
  const known = await agents.find(db, {})
  const hosts = [...new Set(known.map(({ host }) => host))]
  const agentsOf = (name: string) => known.filter(({ host }) => host === name)
  const onSegment = (host: string) => chosen(core, agentsOf(host), all) === segment
  const bound = ports.filter((port) => isBound(port) && onSegment(port.hostId))
  const everywhere = ports.filter(({ deviceOwner }) => deviceOwner === OWNER.distributedRouterInterface)
  const left = [...bound, ...(hosts.some(onSegment) ? everywhere : [])].map(({ id }) => id)
  if (left.length > 0) throw segmentInUse(segment.id, `The segment is still bound with port(s) ${left.join(', ')}`)
}

/** The segment on which a host with these agents has the network. */
function chosen(
  core: Core,
  hostAgents: readonly AgentRecord[],
  segments: readonly SegmentRecord[],
): SegmentRecord | null {
  for (const driver of core.mechanismDrivers) {
    const segment = segments.find((candidate) => driver.reaches(hostAgents, candidate))
    if (segment) return segment
  }
  return null
}
