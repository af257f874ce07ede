import { sql } from 'kysely'
import type { CloudNdpProxy } from '../model/cloud.js'
import { standardColumns } from './standard-attributes.js'
import { type Db, type RecordOf, Table, text } from './table.js'

/** IPv6 addresses of ports for which a router answers on its external network. */
export const ndpProxies = new Table('ndp_proxies', {
  ...standardColumns,
  name: text('name'),
  routerId: text('router_id'),
  portId: text('port_id'),
  ip: text('ip_address'),
})

export type NdpProxyRecord = RecordOf<typeof ndpProxies.columns>

/** Proxies by router, each sorted by address; routers without any are absent. */
export async function ndpProxiesOf(
  db: Db,
  routerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly CloudNdpProxy[]>> {
  const found = new Map<string, CloudNdpProxy[]>()
  const rows = await ndpProxies.findIn(db, 'routerId', routerIds)
  for (const { routerId, portId, ip } of rows.sort((a, b) => (a.ip < b.ip ? -1 : 1))) {
    found.set(routerId, [...(found.get(routerId) ?? []), { portId, ip }])
  }
  return found
}

/** An external network and a host whose instances have addresses there by way of distributed routers. */
interface ProxyPlace {
  readonly networkId: string
  readonly host: string
}

/** External networks on which distributed routers answer for addresses of the port. */
export async function ndpProxyNetworks(db: Db, portId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct r.gateway_network_id as id from ndp_proxies n join routers r on r.id = n.router_id
    where n.port_id = ${portId} and r.distributed = 1 and r.enable_ndp_proxy = 1 and r.gateway_network_id is not null
    order by 1`.execute(db)
  return rows.map(({ id }) => id)
}

/** Where hosts answer themselves: for ports that are bound, behind distributed routers that have proxies switched on. */
export async function ndpProxyPlaces(db: Db, by: 'host' | 'port' | 'router', id: string): Promise<ProxyPlace[]> {
  const column = { host: 'p.host_id', port: 'p.id', router: 'r.id' }[by]
  const { rows } = await sql<{ network_id: string; host: string }>`
    select distinct r.gateway_network_id as network_id, p.host_id as host
    from ndp_proxies n join routers r on r.id = n.router_id join ports p on p.id = n.port_id
    where ${sql.ref(column)} = ${id} and r.distributed = 1 and r.enable_ndp_proxy = 1
      and r.gateway_network_id is not null and p.vif_type = 'ovs' and p.host_id <> ''
    order by 1, 2`.execute(db)
  return rows.map(({ network_id, host }) => ({ networkId: network_id, host }))
}
