import { ports, wiredPorts } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import { loadTrunk, type TrunkRecord } from '../../store/trunks.js'
import { isBound } from '../port/binding.js'
import type { Work } from '../work.js'
import { trunkChanged } from './subports.js'

/** Ports that agents could not wire, by host, as they last said. */
export type FailedPorts = ReadonlyMap<string, ReadonlySet<string>>

/** Brings the status in line with what agents reported of the ports. */
export async function updateTrunkStatus(work: Work, trunkId: string, failed: FailedPorts): Promise<void> {
  const trunk = await loadTrunk(work.tx.db, trunkId)
  if (!trunk) return
  const status = await statusOf(work.tx.db, trunk, failed)
  if (status !== trunk.status) await trunkChanged(work, trunk, { status })
}

/**
 * DOWN without a parent that is plugged in; ERROR when the host cannot have a subport at all; BUILD until every subport
 * is wired, DEGRADED when that has failed for one. Subports that are switched off are as they should be.
 */
async function statusOf(db: Db, { portId, subports }: TrunkRecord, failed: FailedPorts): Promise<string> {
  const parent = (await ports.findOne(db, { id: portId }))!
  const host = parent.hostId
  if (!isBound(parent)) return 'DOWN'
  const ids = subports.map((subport) => subport.portId)
  const behind = await ports.findIn(db, 'id', ids)
  if (behind.some(({ vifType }) => vifType === 'binding_failed')) return 'ERROR'
  const wired = new Set(
    (await wiredPorts.findIn(db, 'portId', [portId, ...ids])).flatMap((at) => (at.host === host ? [at.portId] : [])),
  )
  if (!wired.has(portId)) return 'DOWN'
  const missing = behind.filter(({ id, adminStateUp }) => adminStateUp && !wired.has(id))
  if (missing.length === 0) return 'ACTIVE'
  return missing.some(({ id }) => failed.get(host)?.has(id)) ? 'DEGRADED' : 'BUILD'
}
