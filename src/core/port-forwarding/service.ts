import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { type FloatingIpRecord, floatingIps, loadFloatingIp, loadFloatingIps } from '../../store/floating-ips.js'
import { type PortForwardingRecord, portForwardings } from '../../store/port-forwardings.js'
import { revise } from '../../store/standard-attributes.js'
import type { Db } from '../../store/table.js'
import { textOf } from '../attributes.js'
import { byId, type Collection, everything, findVisible } from '../collection.js'
import type { Core } from '../core.js'
import { floatingIpNotFound } from '../l3/faults.js'
import type { Work } from '../l3/work.js'
import type { Attributes, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { checkRouter, checkUnique, reachInternal } from './checks.js'
import { portForwardingNotFound } from './faults.js'
import { showPortForwarding } from './shape.js'
import { type Wanted, wantedOf } from './wanted.js'

const collection: Collection<Resource> = {
  table: portForwardings,
  names: { floatingip_id: 'floating_ip_id' },
  load: showAll,
  visible: (ctx) =>
    ctx.isAdmin
      ? everything
      : sql`port_forwardings.floating_ip_id in (select id from floating_ips where project_id = ${ctx.projectId})`,
  notFound: portForwardingNotFound,
}

async function showAll(db: Db, ids: readonly string[]): Promise<Resource[]> {
  const records = await portForwardings.findIn(db, 'id', ids)
  const fips = await loadFloatingIps(db, [...new Set(records.map(({ floatingIpId }) => floatingIpId))])
  const owners = new Map(fips.map(({ id, projectId }) => [id, projectId]))
  return records.map((record) => showPortForwarding(record, owners.get(record.floatingIpId)!))
}

/** `/floatingips/{id}/port_forwardings`: ports of one floating IP for several fixed addresses. */
export function portForwardingService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: createForwarding,
    find: findVisible(collection, byId(portForwardings)),
    update: async (work, before, changes) => {
      const { db } = work.tx
      const fip = (await loadFloatingIp(db, before.floatingIpId))!
      await settle(work, fip, before, wantedOf(changes, before))
      return (await showAll(db, [before.id]))[0]!
    },
    delete: removeForwarding,
  })
}

async function createForwarding(work: Work, item: Attributes): Promise<Resource> {
  const { db } = work.tx
  const floatingIpId = textOf(item, 'floatingip_id')
  const fip = await loadFloatingIp(db, floatingIpId)
  if (!fip) throw floatingIpNotFound(floatingIpId)
  const made = await settle(work, fip, null, wantedOf(item, null))
  return showPortForwarding(made, fip.projectId)
}

/** Writes the forwarding as wanted, and the router its floating IP goes through. */
async function settle(
  work: Work,
  fip: FloatingIpRecord,
  before: PortForwardingRecord | null,
  wanted: Wanted,
): Promise<PortForwardingRecord> {
  const { db } = work.tx
  const { internalIp, routerId } = await reachInternal(work, fip, wanted)
  const record = { id: before?.id ?? randomUUID(), floatingIpId: fip.id, ...wanted, internalIp }
  await checkRouter(db, fip, routerId, record)
  await checkUnique(db, record)
  if (before) await portForwardings.update(db, { id: before.id }, record)
  else await portForwardings.insert(db, record)
  await changeFloatingIp(work, fip, routerId)
  return record
}

/** The floating IP and its forwardings are one value: a change of one is a change of the other. */
async function changeFloatingIp({ tx }: Work, fip: FloatingIpRecord, routerId: string | null): Promise<void> {
  const moved = fip.routerId !== routerId
  await revise(tx, floatingIps, fip, { routerId, ...(moved && { status: 'DOWN' }) })
  tx.touch('floatingip', fip.id)
}

/** The last forwarding of a floating IP takes its router along. */
async function removeForwarding(work: Work, record: PortForwardingRecord): Promise<void> {
  const { db } = work.tx
  await portForwardings.delete(db, { id: record.id })
  const fip = (await loadFloatingIp(db, record.floatingIpId))!
  const others = await portForwardings.findOne(db, { floatingIpId: fip.id })
  await changeFloatingIp(work, fip, others ? fip.routerId : null)
}

/** Forwardings to addresses that a port no longer has (`keep` names those it has). */
export async function removeForwardingsTo(work: Work, portId: string, keep: readonly string[]): Promise<void> {
  for (const record of await portForwardings.find(work.tx.db, { internalPortId: portId })) {
    if (!keep.includes(record.internalIp)) await removeForwarding(work, record)
  }
}
