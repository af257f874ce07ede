import { loadTrunk, loadTrunks, trunks } from '../../store/trunks.js'
import { type Collection, findVisible, visibleOwn } from '../collection.js'
import type { Resource } from '../service.js'
import { trunkNotFound } from './faults.js'
import { showTrunk } from './shape.js'

export const trunkCollection: Collection<Resource> = {
  table: trunks,
  names: { tenant_id: 'project_id' },
  load: async (db, ids) => (await loadTrunks(db, ids)).map(showTrunk),
  visible: visibleOwn('trunks'),
  notFound: trunkNotFound,
}

export const visibleTrunk = findVisible(trunkCollection, loadTrunk)
