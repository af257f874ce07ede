import { sql } from 'kysely'
import type { NetworkType } from '../model/cloud.js'
import { remembered } from './session.js'
import { standardColumns } from './standard-attributes.js'
import { type Db, flag, int, type RecordOf, Table, text, textOrNull, word } from './table.js'

/** Ranges of segmentation ids that operators made. */
export const segmentRanges = new Table('network_segment_ranges', {
  /** a shared range belongs to no project */
  ...standardColumns,
  name: text('name'),
  shared: flag('shared'),
  networkType: word<NetworkType>('network_type'),
  physicalNetwork: textOrNull('physical_network'),
  minimum: int('minimum'),
  maximum: int('maximum'),
})

export type SegmentRangeRecord = RecordOf<typeof segmentRanges.columns>

export async function rangesOfType(db: Db, networkType: NetworkType): Promise<readonly SegmentRangeRecord[]> {
  return remembered(db, ['network_segment_ranges'], `segment ranges ${networkType}`, () =>
    segmentRanges.find(db, { networkType }),
  )
}

/** Ids of one kind of wire. */
export interface IdRange {
  readonly networkType: NetworkType
  readonly physicalNetwork: string | null
  readonly minimum: number
  readonly maximum: number
}

/** Ids of the range that networks have, ascending, and whose networks they are. */
export async function idsInUse(
  db: Db,
  { networkType, physicalNetwork, minimum, maximum }: IdRange,
): Promise<{ id: number; projectId: string }[]> {
  const wire = physicalNetwork === null ? sql`s.physical_network is null` : sql`s.physical_network = ${physicalNetwork}`
  const { rows } = await sql<{ id: number; project_id: string }>`
    select s.segmentation_id as id, n.project_id from network_segments s join networks n on n.id = s.network_id
    where s.network_type = ${networkType} and ${wire}
      and s.segmentation_id >= ${minimum} and s.segmentation_id <= ${maximum}
    order by s.segmentation_id`.execute(db)
  return rows.map((row) => ({ id: Number(row.id), projectId: row.project_id }))
}
