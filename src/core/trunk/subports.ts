/** Subports that come and go: they are the trunk's while they are on it, and where its parent is. */
import { OWNER } from '../../model/owners.js'
import { loadPort, type PortRecord, ports } from '../../store/ports.js'
import { revise } from '../../store/standard-attributes.js'
import { subports, type TrunkRecord, type TrunkRow, trunks } from '../../store/trunks.js'
import { isBound } from '../port/binding.js'
import { updatePort } from '../port/update.js'
import type { Attributes } from '../service.js'
import { systemContext } from '../system-context.js'
import type { Work } from '../work.js'
import type { WantedSubport } from './checks.js'
import { duplicateSubport, subportNotFound } from './faults.js'

export async function addSubports(work: Work, trunk: TrunkRecord, wanted: readonly WantedSubport[]): Promise<void> {
  const { db } = work.tx
  const taken = new Set(trunk.subports.map(({ segmentationId }) => segmentationId))
  for (const { segmentationType, segmentationId } of wanted) {
    if (taken.has(segmentationId)) throw duplicateSubport(segmentationType, segmentationId, trunk.id)
    taken.add(segmentationId)
  }
  await subports.insert(db, ...wanted.map((subport) => ({ ...subport, trunkId: trunk.id })))
  const host = hostFor((await loadPort(db, trunk.portId))!)
  for (const { portId } of wanted) {
    await setPort(work, portId, {
      device_owner: OWNER.trunkSubport,
      device_id: trunk.id,
      'binding:host_id': host,
    })
  }
}

export async function removeSubports(work: Work, trunk: TrunkRecord, portIds: readonly string[]): Promise<void> {
  const known = new Set(trunk.subports.map(({ portId }) => portId))
  for (const portId of portIds) {
    if (!known.delete(portId)) throw subportNotFound(trunk.id, portId)
    await subports.delete(work.tx.db, { portId })
    await setPort(work, portId, { device_owner: '', device_id: '', 'binding:host_id': '' })
  }
}

/** The parent came to a host, or left one. */
export async function followParent(work: Work, trunk: TrunkRecord, parent: PortRecord): Promise<void> {
  const host = hostFor(parent)
  const behind = await ports.findIn(
    work.tx.db,
    'id',
    trunk.subports.map(({ portId }) => portId),
  )
  for (const { id, hostId } of behind) if (hostId !== host) await setPort(work, id, { 'binding:host_id': host })
}

/** Where subports of the parent are to be wired. */
const hostFor = (parent: PortRecord) => (isBound(parent) ? parent.hostId : '')

/** The trunk's own changes of ports are no request of its user for these attributes. */
async function setPort({ core, tx, ctx }: Work, id: string, changes: Attributes): Promise<void> {
  await updatePort(core, tx, systemContext('trunk', ctx.requestId), id, changes)
}

/** Writes fields of a trunk, or only notes that its subports changed, as one more revision of it. */
export async function trunkChanged({ tx }: Work, trunk: TrunkRow, patch: Partial<TrunkRow> = {}): Promise<void> {
  await revise(tx, trunks, trunk, patch)
  tx.touch('trunk', trunk.id)
}
