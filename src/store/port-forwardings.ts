import type { CloudPortForwarding } from '../model/cloud.js'
import { type Db, int, type RecordOf, Table, text, word } from './table.js'

/** Ports of a floating IP that lead to ports of fixed addresses. A single port is a range of one. */
export const portForwardings = new Table('port_forwardings', {
  id: text('id'),
  floatingIpId: text('floating_ip_id'),
  protocol: word<'tcp' | 'udp'>('protocol'),
  externalFirst: int('external_first'),
  externalLast: int('external_last'),
  internalPortId: text('internal_port_id'),
  internalIp: text('internal_ip_address'),
  internalFirst: int('internal_first'),
  internalLast: int('internal_last'),
  description: text('description'),
})

export type PortForwardingRecord = RecordOf<typeof portForwardings.columns>

/** Forwardings by floating IP, each sorted by id; floating IPs without any are absent. */
export async function portForwardingsOf(
  db: Db,
  floatingIpIds: readonly string[],
): Promise<ReadonlyMap<string, readonly PortForwardingRecord[]>> {
  const found = new Map<string, PortForwardingRecord[]>()
  const rows = await portForwardings.findIn(db, 'floatingIpId', floatingIpIds)
  for (const row of rows.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    found.set(row.floatingIpId, [...(found.get(row.floatingIpId) ?? []), row])
  }
  return found
}

/** As the change log has them, inside their floating IP. */
export function renderPortForwarding(record: PortForwardingRecord): CloudPortForwarding {
  const { id, protocol, externalFirst, externalLast, internalIp, internalFirst, internalLast } = record
  return { id, protocol, externalFirst, externalLast, internalIp, internalFirst, internalLast }
}
