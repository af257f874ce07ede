import { networkSegments } from '../../store/networks.js'
import type { Db } from '../../store/table.js'
import type { Attributes } from '../service.js'
import { networkIdsDontMatch, routedNetwork, segmentNotFound } from './faults.js'

/** Refuses a subnet that is for one segment of its network only. */
export async function checkNotRouted(db: Db, { network_id, segment_id }: Attributes): Promise<void> {
  if (segment_id === undefined || segment_id === null) return
  const segment = await networkSegments.findOne(db, { id: String(segment_id) })
  if (!segment) throw segmentNotFound(String(segment_id))
  if (segment.networkId !== network_id) throw networkIdsDontMatch(String(network_id), segment.id)
  throw routedNetwork()
}
