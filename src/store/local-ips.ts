import type { CloudLocalIp, LocalIpMode } from '../model/cloud.js'
import { standardColumns } from './standard-attributes.js'
import { type Db, type RecordOf, Table, text, word } from './table.js'

/** Addresses that lead to another port on each host. */
export const localIps = new Table('local_ips', {
  ...standardColumns,
  name: text('name'),
  /** the port that has the address, on whatever host or on none */
  localPortId: text('local_port_id'),
  networkId: text('network_id'),
  ip: text('local_ip_address'),
  mode: word<LocalIpMode>('ip_mode'),
})

/** Ports that stand for a local IP on their hosts. */
export const localIpAssociations = new Table('local_ip_associations', {
  /** `<local IP>:<port>` */
  id: text('id'),
  localIpId: text('local_ip_id'),
  fixedPortId: text('fixed_port_id'),
  fixedIp: text('fixed_ip'),
})

export type LocalIpRecord = RecordOf<typeof localIps.columns>
export type LocalIpAssociationRecord = RecordOf<typeof localIpAssociations.columns>

/** A local IP with its associations is one value of the change log. */
export async function renderLocalIps(db: Db, ids: readonly string[]): Promise<CloudLocalIp[]> {
  const records = await localIps.findIn(db, 'id', ids)
  const associations = await localIpAssociations.findIn(db, 'localIpId', ids)
  associations.sort((a, b) => (a.id < b.id ? -1 : 1))
  return records.map(({ id, ip, mode }) => ({
    kind: 'local_ip',
    id,
    ip,
    mode,
    associations: associations
      .filter(({ localIpId }) => localIpId === id)
      .map(({ fixedPortId, fixedIp }) => ({ portId: fixedPortId, fixedIp })),
  }))
}
