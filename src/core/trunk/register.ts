import { isTrustedOwner, OWNER } from '../../model/owners.js'
import type { PortRecord } from '../../store/ports.js'
import { loadTrunk, subports, trunks } from '../../store/trunks.js'
import type { Core } from '../core.js'
import type { CorePart } from '../part.js'
import type { Work } from '../work.js'
import { portIsParent, portIsSubport } from './faults.js'
import { trunkActions, trunkService } from './service.js'
import { type FailedPorts, updateTrunkStatus } from './status.js'
import { followParent } from './subports.js'

/** Trunks take part in what becomes of their ports. */
export function registerTrunks(core: Core): CorePart {
  const failed = new Map<string, ReadonlySet<string>>()
  core.quotaResources.set('trunk', { name: 'trunk', used: (db, projectId) => trunks.count(db, { projectId }) })
  core.hooks.on('port.before-delete', ({ tx, ctx, port }) => refuseDeletion({ core, tx, ctx }, port))
  core.hooks.on('port.after-update', async ({ tx, ctx, before, port }) => {
    if (before.hostId !== port.hostId || before.vifType !== port.vifType) await moved({ core, tx, ctx }, port, failed)
  })
  // also later than asked for, when its host appears
  core.hooks.on('port.bound', ({ tx, ctx, port }) => moved({ core, tx, ctx }, port, failed))
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

/** Where a parent is, its subports are. */
async function moved(work: Work, port: PortRecord, failed: FailedPorts): Promise<void> {
  const trunkId = await trunkOf(work, port)
  if (!trunkId) return
  if (port.deviceOwner !== OWNER.trunkSubport) await followParent(work, (await loadTrunk(work.tx.db, trunkId))!, port)
  await updateTrunkStatus(work, trunkId, failed)
}

async function trunkOf({ tx }: Work, { id, deviceOwner }: PortRecord): Promise<string | undefined> {
  if (deviceOwner === OWNER.trunkSubport) return (await subports.findOne(tx.db, { portId: id }))?.trunkId
  return isTrustedOwner(deviceOwner) ? undefined : (await trunks.findOne(tx.db, { portId: id }))?.id
}
