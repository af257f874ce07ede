import { isComputeOwner, OWNER } from '../../model/owners.js'
import type { PortRecord } from '../../store/ports.js'
import { subports, trunks, trunksOfParents } from '../../store/trunks.js'
import type { Core } from '../core.js'
import type { CorePart } from '../part.js'
import type { Work } from '../work.js'
import { portIsParent, portIsSubport } from './faults.js'
import { trunkActions, trunkService } from './service.js'
import { updateTrunkStatus } from './status.js'
import { followParent } from './subports.js'

/** Trunks take part in what becomes of their ports. */
export function registerTrunks(core: Core): CorePart {
  const failed = new Map<string, ReadonlySet<string>>()
  core.quotaResources.set('trunk', { name: 'trunk', used: (db, projectId) => trunks.count(db, { projectId }) })
  core.hooks.on('port.before-delete', ({ tx, ctx, port }) => refuseDeletion({ core, tx, ctx }, port))
  core.hooks.on('port.after-update', async ({ tx, ctx, before, port }) => {
    if (before.hostId === port.hostId && before.vifType === port.vifType) return
    const [trunk] = await trunksOfParents(tx.db, [port.id])
    if (!trunk) return
    const work = { core, tx, ctx }
    await followParent(work, trunk, port)
    await updateTrunkStatus(work, trunk.id, failed)
  })
  core.hooks.on('port.status-changed', async ({ tx, ctx, port }) => {
    const trunkId = await trunkOf({ core, tx, ctx }, port)
    if (trunkId) await updateTrunkStatus({ core, tx, ctx }, trunkId, failed)
  })
  core.hooks.on('ports.failed', async ({ tx, ctx, host, ports }) => {
    const touched = await subports.findIn(tx.db, 'portId', [...new Set([...ports, ...(failed.get(host) ?? [])])])
    failed.set(host, new Set(ports))
    for (const id of new Set(touched.map(({ trunkId }) => trunkId))) {
      await updateTrunkStatus({ core, tx, ctx }, id, failed)
    }
  })
  return {
    collections: { trunks: trunkService(core) },
    actions: { trunks: trunkActions(core, failed) },
  }
}

async function refuseDeletion({ tx }: Work, { id }: PortRecord): Promise<void> {
  const subport = await subports.findOne(tx.db, { portId: id })
  if (subport) throw portIsSubport(id, subport.trunkId)
  const trunk = await trunks.findOne(tx.db, { portId: id })
  if (trunk) throw portIsParent(id, trunk.id)
}

async function trunkOf({ tx }: Work, { id, deviceOwner }: PortRecord): Promise<string | undefined> {
  if (deviceOwner === OWNER.trunkSubport) return (await subports.findOne(tx.db, { portId: id }))?.trunkId
  return isComputeOwner(deviceOwner) ? (await trunks.findOne(tx.db, { portId: id }))?.id : undefined
}
