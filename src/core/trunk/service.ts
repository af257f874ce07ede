import { loadPort } from '../../store/ports.js'
import { newStandard } from '../../store/standard-attributes.js'
import { loadTrunk, type TrunkRecord, type TrunkRow, trunks } from '../../store/trunks.js'
import { flagOf, listOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import type { Core } from '../core.js'
import { visiblePort } from '../port/collection.js'
import { checkQuota } from '../quota/limits.js'
import type { Attributes, Resource, ResourceAction, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import type { Work } from '../work.js'
import { type AskedSubport, checkParent, checkSubports } from './checks.js'
import { trunkCollection, visibleTrunk } from './collection.js'
import { trunkDisabled, trunkInErrorState, trunkInUse } from './faults.js'
import { showSubport, showTrunk } from './shape.js'
import { type FailedPorts, updateTrunkStatus } from './status.js'
import { addSubports, removeSubports, trunkChanged } from './subports.js'

/** Trunks: an instance's port that carries further ports, told apart by VLAN tags. */
export function trunkService(core: Core): ResourceService {
  return storedCollection(core, trunkCollection, {
    create: createTrunk,
    find: visibleTrunk,
    update: async (work, trunk, changes) => {
      const patch = patchOf<TrunkRow>(changes, {
        ...standardChanges,
        admin_state_up: (adminStateUp: boolean) => ({ adminStateUp }),
      })
      await trunkChanged(work, trunk, patch)
      return showTrunk((await loadTrunk(work.tx.db, trunk.id))!)
    },
    delete: deleteTrunk,
  })
}

async function createTrunk(work: Work, item: Attributes): Promise<Resource> {
  const { core, tx, ctx } = work
  const projectId = projectOf(item, ctx.projectId)
  await checkQuota(core, tx, projectId, 'trunk')
  const parent = await visiblePort(tx.db, ctx, textOf(item, 'port_id'))
  await checkParent(tx.db, parent)
  const wanted = await checkSubports(tx.db, ctx, parent, listOf<AskedSubport>(item, 'sub_ports'))
  const standard = newStandard(tx.now, { projectId, description: textOf(item, 'description') })
  const row: TrunkRow = {
    ...standard,
    name: textOf(item, 'name'),
    portId: parent.id,
    adminStateUp: flagOf(item, 'admin_state_up', true),
    status: 'DOWN',
  }
  await trunks.insert(tx.db, row)
  tx.touch('trunk', row.id)
  await addSubports(work, { ...row, subports: [] }, wanted)
  return showTrunk((await loadTrunk(tx.db, row.id))!)
}

/** The bridge of a trunk is part of the way of an instance that is plugged in. */
async function deleteTrunk(work: Work, trunk: TrunkRecord): Promise<void> {
  const { tx } = work
  if (!trunk.adminStateUp) throw trunkDisabled(trunk.id)
  if ((await loadPort(tx.db, trunk.portId))!.hostId !== '') throw trunkInUse(trunk.id)
  await removeSubports(
    work,
    trunk,
    trunk.subports.map(({ portId }) => portId),
  )
  await trunks.delete(tx.db, { id: trunk.id })
  tx.touch('trunk', trunk.id)
}

/** `add_subports`, `remove_subports`: both answer with the trunk; `get_subports`. */
export function trunkActions(core: Core, failed: FailedPorts): Readonly<Record<string, ResourceAction>> {
  const changing =
    (change: (work: Work, trunk: TrunkRecord, asked: readonly AskedSubport[]) => Promise<void>): ResourceAction =>
    (ctx, id, body) =>
      core.store.transaction(ctx, async (tx) => {
        const work = { core, tx, ctx }
        const trunk = await visibleTrunk(tx.db, ctx, id)
        if (!trunk.adminStateUp) throw trunkDisabled(id)
        await change(work, trunk, listOf<AskedSubport>(body, 'sub_ports'))
        await trunkChanged(work, trunk)
        await updateTrunkStatus(work, id, failed)
        return showTrunk((await loadTrunk(tx.db, id))!)
      })
  return {
    add_subports: changing(async (work, trunk, asked) => {
      if (trunk.status === 'ERROR') throw trunkInErrorState(trunk.id)
      const parent = (await loadPort(work.tx.db, trunk.portId))!
      await addSubports(work, trunk, await checkSubports(work.tx.db, work.ctx, parent, asked))
    }),
    remove_subports: changing((work, trunk, asked) =>
      removeSubports(
        work,
        trunk,
        asked.map(({ port_id }) => port_id),
      ),
    ),
    get_subports: (ctx, id) =>
      core.store.read(async (db) => ({ sub_ports: (await visibleTrunk(db, ctx, id)).subports.map(showSubport) })),
  }
}
