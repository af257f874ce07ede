import { sql } from 'kysely'
import type { NetworkType, Segment } from '../model/cloud.js'
import { networkSegments } from './networks.js'
import type { Db } from './table.js'

/** Value of the unique column that keeps two networks off one segment; null for types without a wire. */
export function segmentAllocation({ networkType, physicalNetwork, segmentationId }: Segment): string | null {
  return networkType === 'local' ? null : `${networkType}/${physicalNetwork ?? ''}/${segmentationId ?? ''}`
}

export async function isSegmentTaken(db: Db, segment: Segment): Promise<boolean> {
  const allocation = segmentAllocation(segment)
  return allocation !== null && (await networkSegments.findOne(db, { allocation })) !== undefined
}

/** The lowest id in [min, max] that no segment of the type and physical network has; null when all are taken. */
export async function lowestFreeSegmentId(
  db: Db,
  type: NetworkType,
  physicalNetwork: string | null,
  [min, max]: readonly [number, number],
): Promise<number | null> {
  const taken = (id: number) => isSegmentTaken(db, { networkType: type, physicalNetwork, segmentationId: id })
  if (!(await taken(min))) return min
  const wire = physicalNetwork === null ? sql`physical_network is null` : sql`physical_network = ${physicalNetwork}`
  const nextWire =
    physicalNetwork === null ? sql`n.physical_network is null` : sql`n.physical_network = ${physicalNetwork}`
  const { rows } = await sql<{ free: number }>`
    select s.segmentation_id + 1 as free from (
      select segmentation_id from network_segments
      where network_type = ${type} and ${wire} and segmentation_id >= ${min} and segmentation_id < ${max}
    ) s
    where not exists (
      select 1 from network_segments n
      where n.network_type = ${type} and ${nextWire} and n.segmentation_id = s.segmentation_id + 1
    )
    order by s.segmentation_id limit 1`.execute(db)
  return rows[0] ? Number(rows[0].free) : null
}
