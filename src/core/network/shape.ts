import type { Segment } from '../../model/cloud.js'
import type { NetworkRecord } from '../../store/networks.js'
import { standardTail } from '../attributes.js'
import type { Core } from '../core.js'
import { isSharedWith } from '../rbac/sharing.js'
import type { RequestContext, Resource } from '../service.js'

export function showNetwork(network: NetworkRecord, ctx: RequestContext): Resource {
  return {
    id: network.id,
    name: network.name,
    tenant_id: network.projectId,
    admin_state_up: network.adminStateUp,
    mtu: network.mtu,
    status: network.status,
    subnets: network.subnetIds,
    shared: isSharedWith(network, ctx),
    availability_zone_hints: network.availabilityZoneHints,
    availability_zones: network.availabilityZones,
    ipv4_address_scope: network.ipv4AddressScopeId,
    ipv6_address_scope: network.ipv6AddressScopeId,
    'router:external': network.external,
    port_security_enabled: network.portSecurityEnabled,
    qos_policy_id: network.qosPolicyId,
    dns_domain: network.dnsDomain,
    l2_adjacency: !network.routed,
    ...(network.external ? { is_default: network.isDefault } : {}),
    ...standardTail(network),
    ...providerAttributes(network),
  }
}

/** One segment is shown by three attributes, several as a list. */
function providerAttributes({ segments }: NetworkRecord): Record<string, unknown> {
  const shown = segments.map(({ networkType, physicalNetwork, segmentationId }) => ({
    'provider:network_type': networkType,
    'provider:physical_network': physicalNetwork,
    'provider:segmentation_id': segmentationId,
  }))
  return shown.length === 1 ? shown[0]! : { segments: shown }
}

/** Largest MTU of a network over these segments. */
export function largestMtu(core: Core, segments: readonly Segment[]): number {
  return Math.min(
    ...segments.map(({ networkType, physicalNetwork }) => core.typeDrivers.get(networkType)?.mtu(physicalNetwork) ?? 0),
  )
}
