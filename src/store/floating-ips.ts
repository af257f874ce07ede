import { sql } from 'kysely'
import type { CloudFloatingIp } from '../model/cloud.js'
import { portForwardingsOf, renderPortForwarding } from './port-forwardings.js'
import { standardColumns } from './standard-attributes.js'
import { type Db, type RecordOf, Table, text, textOrNull, word } from './table.js'

export type FloatingIpStatus = 'ACTIVE' | 'DOWN' | 'ERROR'

export const floatingIps = new Table('floating_ips', {
  ...standardColumns,
  floatingNetworkId: text('floating_network_id'),
  floatingIp: text('floating_ip_address'),
  floatingPortId: text('floating_port_id'),
  portId: textOrNull('port_id'),
  fixedIp: textOrNull('fixed_ip_address'),
  routerId: textOrNull('router_id'),
  status: word<FloatingIpStatus>('status'),
  dnsName: text('dns_name'),
  dnsDomain: text('dns_domain'),
  qosPolicyId: textOrNull('qos_policy_id'),
})

/** The ports of hosts on external networks (`network:floatingip_agent_gateway`), one per network and host. */
export const agentGateways = new Table('agent_gateways', {
  networkId: text('network_id'),
  host: text('host'),
  portId: text('port_id'),
})

export type FloatingIpRecord = RecordOf<typeof floatingIps.columns>

/** Where the ports behind floating IPs are (or where their ports are forwarded), and through which router. */
export interface FloatingIpPlace {
  readonly id: string
  readonly status: FloatingIpStatus
  readonly floatingNetworkId: string
  /** host that a mechanism driver has bound the port to; null also when ports are forwarded */
  readonly portHost: string | null
  readonly distributed: boolean
  readonly centralHost: string | null
}

export async function loadFloatingIps(db: Db, ids: readonly string[]): Promise<FloatingIpRecord[]> {
  return floatingIps.findIn(db, 'id', ids)
}

export async function loadFloatingIp(db: Db, id: string): Promise<FloatingIpRecord | undefined> {
  return floatingIps.findOne(db, { id })
}

/** Places of those among `ids` that lead somewhere, in no particular order. */
export async function floatingIpPlaces(db: Db, by: 'id' | 'router_id' | 'port_id', ids: readonly string[]) {
  if (ids.length === 0) return []
  return places(db, sql`${sql.ref(`f.${by}`)} in (${sql.join([...ids])})`)
}

/** Places of all floating IPs of an external network whose ports are bound to `host`. */
export async function floatingIpsOnHost(db: Db, networkId: string, host: string): Promise<FloatingIpPlace[]> {
  return places(db, sql`f.floating_network_id = ${networkId} and p.host_id = ${host}`)
}

/** External networks with floating IPs of ports that are bound to the host. */
export async function floatingNetworksOnHost(db: Db, host: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct f.floating_network_id as id from floating_ips f join ports p on p.id = f.port_id
    where p.host_id = ${host}`.execute(db)
  return rows.map(({ id }) => id).sort()
}

interface PlaceRow {
  id: string
  status: FloatingIpStatus
  floating_network_id: string
  host_id: string | null
  vif_type: string | null
  distributed: number
  central_host: string | null
}

async function places(db: Db, where: ReturnType<typeof sql>): Promise<FloatingIpPlace[]> {
  const { rows } = await sql<PlaceRow>`
    select f.id, f.status, f.floating_network_id, p.host_id, p.vif_type, r.distributed, a.host as central_host
    from floating_ips f join routers r on r.id = f.router_id left join ports p on p.id = f.port_id
    left join router_bindings b on b.router_id = r.id left join agents a on a.id = b.agent_id
    where ${where}`.execute(db)
  return rows.map((row) => ({
    id: row.id,
    status: row.status,
    floatingNetworkId: row.floating_network_id,
    portHost: row.host_id && row.vif_type === 'ovs' ? row.host_id : null,
    distributed: Number(row.distributed) === 1,
    centralHost: row.central_host,
  }))
}

export async function renderFloatingIps(db: Db, ids: readonly string[]): Promise<CloudFloatingIp[]> {
  const forwardings = await portForwardingsOf(db, ids)
  return (await loadFloatingIps(db, ids)).map((fip) => ({
    kind: 'floatingip',
    id: fip.id,
    projectId: fip.projectId,
    floatingNetworkId: fip.floatingNetworkId,
    floatingIp: fip.floatingIp,
    fixedIp: fip.fixedIp,
    portId: fip.portId,
    routerId: fip.routerId,
    status: fip.status,
    ...(fip.qosPolicyId !== null && { qosPolicyId: fip.qosPolicyId }),
    ...(forwardings.has(fip.id) && { portForwardings: forwardings.get(fip.id)!.map(renderPortForwarding) }),
  }))
}
