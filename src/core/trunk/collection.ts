import type { Db } from '../../store/table.js'
import { loadTrunk, loadTrunks, type TrunkRecord, trunks } from '../../store/trunks.js'
import { type Collection, requireVisible, visibleOwn } from '../collection.js'
import type { RequestContext, Resource } from '../service.js'
import { trunkNotFound } from './faults.js'
import { showTrunk } from './shape.js'

export const trunkCollection: Collection<Resource> = {
  table: trunks,
  names: { tenant_id: 'project_id' },
  load: async (db, ids) => (await loadTrunks(db, ids)).map(showTrunk),
  visible: visibleOwn('trunks'),
  notFound: trunkNotFound,
}

export async function visibleTrunk(db: Db, ctx: RequestContext, id: string): Promise<TrunkRecord> {
  await requireVisible(db, trunkCollection, ctx, id)
  return (await loadTrunk(db, id))!
}
