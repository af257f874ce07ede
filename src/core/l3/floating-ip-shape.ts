import { type FloatingIpRecord, loadFloatingIps } from '../../store/floating-ips.js'
import { networks } from '../../store/networks.js'
import { portForwardingsOf } from '../../store/port-forwardings.js'
import { loadPorts, type PortRecord } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import { standardTail } from '../attributes.js'
import { forwardingOfFloatingIp } from '../port-forwarding/shape.js'
import type { Resource } from '../service.js'

/** Floating IPs as the API shows them, in no particular order. */
export async function showFloatingIps(db: Db, ids: readonly string[]): Promise<Resource[]> {
  const records = await loadFloatingIps(db, ids)
  const portIds = records.flatMap(({ portId }) => portId ?? [])
  const ports = new Map((await loadPorts(db, portIds)).map((port) => [port.id, port]))
  const forwardings = await portForwardingsOf(db, ids)
  const external = await networks.findIn(db, 'id', [
    ...new Set(records.map(({ floatingNetworkId }) => floatingNetworkId)),
  ])
  const policies = new Map(external.map(({ id, qosPolicyId }) => [id, qosPolicyId]))
  return records.map((fip) => ({
    ...showFloatingIp(
      fip,
      policies.get(fip.floatingNetworkId) ?? null,
      fip.portId === null ? null : ports.get(fip.portId)!,
    ),
    port_forwardings: (forwardings.get(fip.id) ?? []).map(forwardingOfFloatingIp),
  }))
}

export async function showFloatingIpById(db: Db, id: string): Promise<Resource> {
  return (await showFloatingIps(db, [id]))[0]!
}

function showFloatingIp(fip: FloatingIpRecord, networkPolicyId: string | null, port: PortRecord | null): Resource {
  return {
    id: fip.id,
    tenant_id: fip.projectId,
    floating_ip_address: fip.floatingIp,
    floating_network_id: fip.floatingNetworkId,
    router_id: fip.routerId,
    port_id: fip.portId,
    fixed_ip_address: fip.fixedIp,
    status: fip.status,
    qos_policy_id: fip.qosPolicyId,
    qos_network_policy_id: networkPolicyId,
    port_details: port && portDetails(port),
    dns_domain: fip.dnsDomain,
    dns_name: fip.dnsName,
    ...standardTail(fip),
  }
}

function portDetails(port: PortRecord) {
  return {
    name: port.name,
    network_id: port.networkId,
    mac_address: port.mac,
    admin_state_up: port.adminStateUp,
    status: port.status,
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
  }
}
