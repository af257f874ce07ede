import { networkSegments } from '../../store/networks.js'
import { type SubnetRecord, subnetsOfNetwork } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import {
  networkIdsDontMatch,
  segmentNotFound,
  severalSegments,
  subnetStaysOnSegment,
  subnetsNotAllOnSegments,
} from './faults.js'

/** What a new subnet may say of its segment (null = none): all subnets of a network are on segments, or none is. */
export async function checkSegmentOfNewSubnet(db: Db, networkId: string, segmentId: string | null): Promise<void> {
  const others = await subnetsOfNetwork(db, networkId)
  if (others.some((other) => (other.segmentId === null) !== (segmentId === null))) {
    throw subnetsNotAllOnSegments(networkId)
  }
  await checkSegment(db, networkId, segmentId)
}

/** A network becomes a routed one while it has one subnet and one segment, and stays it. */
export async function checkSegmentChange(
  db: Db,
  { networkId, segmentId: before }: SubnetRecord,
  segmentId: string | null,
): Promise<void> {
  if (segmentId === before) return
  if ((await subnetsOfNetwork(db, networkId)).length > 1) throw subnetsNotAllOnSegments(networkId)
  if (before !== null) throw subnetStaysOnSegment()
  if ((await networkSegments.count(db, { networkId })) > 1) throw severalSegments(networkId)
  await checkSegment(db, networkId, segmentId)
}

async function checkSegment(db: Db, networkId: string, segmentId: string | null): Promise<void> {
  if (segmentId === null) return
  const segment = await networkSegments.findOne(db, { id: segmentId })
  if (!segment) throw segmentNotFound(segmentId)
  if (segment.networkId !== networkId) throw networkIdsDontMatch(networkId, segment.id)
}
