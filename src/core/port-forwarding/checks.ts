import type { FloatingIpRecord } from '../../store/floating-ips.js'
import { floatingIps } from '../../store/floating-ips.js'
import { type PortForwardingRecord, portForwardings } from '../../store/port-forwardings.js'
import type { Db } from '../../store/table.js'
import { routerBetween } from '../l3/association.js'
import { alreadyAssociated } from '../l3/faults.js'
import type { Work } from '../l3/work.js'
import { visiblePort } from '../port/collection.js'
import { duplicateForwarding, noInternalIpv4, notAnInternalIp, otherRouter } from './faults.js'
import type { Wanted } from './wanted.js'

export interface Reached {
  readonly internalIp: string
  readonly routerId: string
}

/** The fixed address that a forwarding leads to and the router that leads there, or why it cannot. */
export async function reachInternal(work: Work, fip: FloatingIpRecord, wanted: Wanted): Promise<Reached> {
  const { tx, ctx } = work
  const port = await visiblePort(tx.db, ctx, wanted.internalPortId)
  const ipv4 = port.fixedIps.filter(({ ip }) => !ip.includes(':'))
  if (ipv4.length === 0) throw noInternalIpv4(port.id)
  const fixed = wanted.internalIp === null ? ipv4[0] : ipv4.find(({ ip }) => ip === wanted.internalIp)
  if (!fixed) throw notAnInternalIp(port.id, wanted.internalIp!)
  const { id, floatingIp, floatingNetworkId: networkId } = fip
  const taken = { floatingIp, id, portId: port.id, fixedIp: fixed.ip, networkId }
  if (fip.portId !== null) throw alreadyAssociated(taken)
  if (await floatingIps.findOne(tx.db, { portId: port.id, fixedIp: fixed.ip })) throw alreadyAssociated(taken)
  return { internalIp: fixed.ip, routerId: await routerBetween(tx.db, port, fixed.subnetId, networkId) }
}

/** All forwardings of a floating IP go through one router. */
export async function checkRouter(db: Db, fip: FloatingIpRecord, routerId: string, own: PortForwardingRecord) {
  if (fip.routerId === null || fip.routerId === routerId) return
  const others = await portForwardings.find(db, { floatingIpId: fip.id })
  if (others.some(({ id }) => id !== own.id)) throw otherRouter(fip.id, fip.routerId, own.internalPortId)
}

/** Neither a port of the floating IP nor one of the fixed address may be in two forwardings of a protocol. */
export async function checkUnique(db: Db, record: PortForwardingRecord): Promise<void> {
  const { protocol, floatingIpId } = record
  for (const other of await portForwardings.find(db, { protocol, floatingIpId })) {
    if (other.id === record.id) continue
    const external = [record.externalFirst, record.externalLast, other.externalFirst, other.externalLast] as const
    if (overlap(...external)) throw duplicateForwarding(shownConflict(other, 'external'))
    const internal = [record.internalFirst, record.internalLast, other.internalFirst, other.internalLast] as const
    if (
      other.internalIp === record.internalIp &&
      other.internalPortId === record.internalPortId &&
      overlap(...internal)
    )
      throw duplicateForwarding(shownConflict(other, 'internal'))
  }
}

function overlap(first: number, last: number, otherFirst: number, otherLast: number): boolean {
  return first <= otherLast && otherFirst <= last
}

/** As Python prints the values. */
function shownConflict(other: PortForwardingRecord, side: 'external' | 'internal'): string {
  if (side === 'external') {
    const range = `${other.externalFirst}:${other.externalLast}`
    return `{'floatingip_id': '${other.floatingIpId}', 'external_port_range': '${range}', 'protocol': '${other.protocol}'}`
  }
  const range = `${other.internalFirst}:${other.internalLast}`
  return `{'internal_port_id': '${other.internalPortId}', 'internal_ip_address': '${other.internalIp}', 'internal_port_range': '${range}', 'protocol': '${other.protocol}'}`
}
