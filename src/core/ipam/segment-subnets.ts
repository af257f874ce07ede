import { canonicalIp } from '../../model/ip.js'
import type { PortRecord } from '../../store/ports.js'
import { type SubnetRecord, subnetsOfNetwork } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import type { Core } from '../core.js'
import {
  addressesOfSeveralSegments,
  hostNotCompatible,
  hostOnNoSegment,
  hostOnSeveralSegments,
} from '../segment/faults.js'
import { routedSegments, segmentsOnHost } from '../segment/host-segments.js'
import { serves } from './service-subnets.js'
import { isUsableAddress } from './subnet-facts.js'

/** The port that gets addresses, and the host that it is meant for ('' = not known yet). */
interface Place {
  readonly networkId: string
  readonly hostId: string
  readonly deviceOwner: string
}

interface Asked {
  readonly subnet_id?: string | null
  readonly ip_address?: string | null
}

/**
 * Subnets from which a port can have addresses (Neutron's rule): of a routed network those of the one segment that its
 * host reaches; while the host is not known those of the segment of the addresses that are asked for, and none
 * where nothing is (`asked` null): the choice waits for the host.
 */
export async function subnetsInReach(
  core: Core,
  db: Db,
  place: Place,
  asked: readonly Asked[] | null,
): Promise<readonly SubnetRecord[]> {
  const subnets = await subnetsOfNetwork(db, place.networkId)
  if (routedSegments(subnets).size === 0) return subnets
  if (place.hostId !== '') return subnetsOnHost(core, db, place, subnets)
  return asked === null ? subnets.filter(({ segmentId }) => segmentId === null) : subnetsBeside(subnets, asked)
}

async function subnetsOnHost(
  core: Core,
  db: Db,
  { networkId, hostId, deviceOwner }: Place,
  subnets: readonly SubnetRecord[],
): Promise<readonly SubnetRecord[]> {
  const reached = await segmentsOnHost(core, db, hostId, networkId)
  const found = subnets.filter(({ segmentId }) => segmentId === null || reached?.has(segmentId))
  const open = found.filter((subnet) => serves(subnet, deviceOwner))
  if (routedSegments(open).size > 1) throw hostOnSeveralSegments(hostId, networkId)
  if (open.length === 0) throw hostOnNoSegment(hostId, networkId)
  return found
}

/** Subnets on the segment of the addresses that are asked for. What names none of the network's subnets is refused later. */
function subnetsBeside(subnets: readonly SubnetRecord[], asked: readonly Asked[]): readonly SubnetRecord[] {
  const named = asked.map(({ subnet_id, ip_address }) =>
    subnets.find(({ id, cidr }) =>
      subnet_id != null ? id === subnet_id : ip_address != null && isUsableAddress(cidr, canonicalIp(ip_address)),
    ),
  )
  if (named.length === 0 || named.includes(undefined)) return subnets
  const segments = new Set(named.map((subnet) => subnet!.segmentId))
  if (segments.size > 1) throw addressesOfSeveralSegments()
  return subnets.filter(({ segmentId }) => segments.has(segmentId))
}

/** Refuses a host on which the addresses that a port has would lead nowhere. */
export async function checkHostFits(
  core: Core,
  db: Db,
  port: Pick<PortRecord, 'id' | 'networkId' | 'deviceOwner' | 'fixedIps'>,
  hostId: string,
): Promise<void> {
  const inReach = new Set((await subnetsInReach(core, db, { ...port, hostId }, null)).map(({ id }) => id))
  if (port.fixedIps.some(({ subnetId }) => !inReach.has(subnetId))) throw hostNotCompatible(hostId, port.id)
}
