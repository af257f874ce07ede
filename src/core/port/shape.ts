import type { FixedIp } from '../../model/cloud.js'
import type { PortRecord } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import { standardTail } from '../attributes.js'
import { resourceRequests } from '../qos/resource-request.js'
import type { Resource } from '../service.js'
import { trunkDetails } from '../trunk/shape.js'

const NONE: ReadonlyMap<string, unknown> = new Map()

/** Ports as they are shown, parents with their `trunk_details`. */
export async function showPorts(db: Db, ports: readonly PortRecord[], dnsDomain: string): Promise<Resource[]> {
  const parents = ports.filter(({ trunkId }) => trunkId !== null).map(({ id }) => id)
  const details = parents.length === 0 ? NONE : await trunkDetails(db, parents)
  const requests = await resourceRequests(db, ports)
  return ports.map((port) => {
    const shown = { ...showPort(port, dnsDomain), resource_request: requests.get(port.id) ?? null }
    return details.has(port.id) ? { ...shown, trunk_details: details.get(port.id) } : shown
  })
}

/** `dnsDomain`: the configured suffix of host names. */
function showPort(port: PortRecord, dnsDomain: string): Resource {
  return {
    id: port.id,
    name: port.name,
    network_id: port.networkId,
    tenant_id: port.projectId,
    mac_address: port.mac,
    admin_state_up: port.adminStateUp,
    status: port.status,
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    fixed_ips: port.fixedIps.map(({ subnetId, ip }) => ({ subnet_id: subnetId, ip_address: ip })),
    allowed_address_pairs: port.allowedAddressPairs.map(({ ip, mac }) => ({ mac_address: mac, ip_address: ip })),
    extra_dhcp_opts: port.extraDhcpOpts.map(({ name, value, ipVersion }) => ({
      opt_name: name,
      opt_value: value,
      ip_version: ipVersion,
    })),
    security_groups: port.securityGroups,
    'binding:vnic_type': port.vnicType,
    'binding:profile': port.profile,
    'binding:host_id': port.hostId,
    'binding:vif_type': port.vifType,
    'binding:vif_details': port.vifDetails,
    port_security_enabled: port.portSecurityEnabled,
    qos_policy_id: port.qosPolicyId,
    qos_network_policy_id: port.networkQosPolicyId,
    dns_name: port.dnsName,
    dns_assignment: port.fixedIps.map((fixedIp) => dnsAssignment(port.dnsName, dnsDomain, fixedIp)),
    dns_domain: port.dnsDomain,
    propagate_uplink_status: port.propagateUplinkStatus,
    resource_request: null,
    numa_affinity_policy: port.numaAffinityPolicy,
    device_profile: port.deviceProfile,
    ip_allocation: port.ipAllocation,
    ...standardTail(port),
  }
}

/** Name of an address: the port's own, or `host-192-168-1-3`. */
function dnsAssignment(dnsName: string, dnsDomain: string, { ip }: FixedIp): Record<string, string> {
  const hostname = dnsName || `host-${ip.replaceAll(/[.:]/g, '-')}`
  const suffix = dnsDomain.replace(/\.$/, '')
  return { ip_address: ip, hostname, fqdn: suffix ? `${hostname}.${suffix}.` : `${hostname}.` }
}
