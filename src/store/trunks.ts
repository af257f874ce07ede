import type { CloudTrunk } from '../model/cloud.js'
import { standardColumns } from './standard-attributes.js'
import { type Db, flag, int, type RecordOf, Table, text } from './table.js'

export const trunks = new Table('trunks', {
  ...standardColumns,
  name: text('name'),
  /** the parent port */
  portId: text('port_id'),
  adminStateUp: flag('admin_state_up'),
  status: text('status'),
})

export const subports = new Table('subports', {
  portId: text('port_id'),
  trunkId: text('trunk_id'),
  segmentationType: text('segmentation_type'),
  segmentationId: int('segmentation_id'),
})

export type TrunkRow = RecordOf<typeof trunks.columns>
export type SubportRecord = RecordOf<typeof subports.columns>

export interface TrunkRecord extends TrunkRow {
  /** in the order of their tags */
  readonly subports: readonly SubportRecord[]
}

export async function loadTrunks(db: Db, ids: readonly string[]): Promise<TrunkRecord[]> {
  return withSubports(db, await trunks.findIn(db, 'id', ids))
}

export async function loadTrunk(db: Db, id: string): Promise<TrunkRecord | undefined> {
  return (await loadTrunks(db, [id]))[0]
}

/** The trunks that have these ports as parents. */
export async function trunksOfParents(db: Db, portIds: readonly string[]): Promise<TrunkRecord[]> {
  return withSubports(db, await trunks.findIn(db, 'portId', portIds))
}

async function withSubports(db: Db, rows: readonly TrunkRow[]): Promise<TrunkRecord[]> {
  const found = await subports.findIn(
    db,
    'trunkId',
    rows.map(({ id }) => id),
  )
  found.sort((a, b) => a.segmentationId - b.segmentationId || byPortId(a, b))
  return rows.map((row) => ({ ...row, subports: found.filter(({ trunkId }) => trunkId === row.id) }))
}

const byPortId = (a: { portId: string }, b: { portId: string }) => (a.portId < b.portId ? -1 : 1)

export async function renderTrunks(db: Db, ids: readonly string[]): Promise<CloudTrunk[]> {
  return (await loadTrunks(db, ids)).map(({ id, portId, subports }) => ({
    kind: 'trunk',
    id,
    portId,
    subports: subports.map((subport) => ({ portId: subport.portId, vlan: subport.segmentationId })).sort(byPortId),
  }))
}
