import type { SubnetRecord } from '../../store/subnets.js'
import { standardTail } from '../attributes.js'
import type { Resource } from '../service.js'

export function showSubnet(subnet: SubnetRecord): Resource {
  return {
    id: subnet.id,
    name: subnet.name,
    tenant_id: subnet.projectId,
    network_id: subnet.networkId,
    ip_version: subnet.ipVersion,
    subnetpool_id: subnet.subnetpoolId,
    enable_dhcp: subnet.enableDhcp,
    ipv6_ra_mode: subnet.ipv6RaMode,
    ipv6_address_mode: subnet.ipv6AddressMode,
    gateway_ip: subnet.gatewayIp,
    cidr: subnet.cidr,
    allocation_pools: subnet.pools,
    host_routes: subnet.hostRoutes,
    dns_nameservers: subnet.dnsNameservers,
    service_types: subnet.serviceTypes,
    segment_id: subnet.segmentId,
    ...standardTail(subnet),
  }
}
