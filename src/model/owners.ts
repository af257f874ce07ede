/** Values of a port's `device_owner` (Neutron's strings; reference: API, "device_owner strings"). */
export const OWNER = {
  routerInterface: 'network:router_interface',
  distributedRouterInterface: 'network:router_interface_distributed',
  haRouterInterface: 'network:ha_router_replicated_interface',
  /** by which the agents of a highly available router find each other */
  haInterface: 'network:router_ha_interface',
  routerGateway: 'network:router_gateway',
  centralizedSnat: 'network:router_centralized_snat',
  floatingIp: 'network:floatingip',
  agentGateway: 'network:floatingip_agent_gateway',
  dhcp: 'network:dhcp',
  /** keeps the address of a local IP */
  localIp: 'network:local_ip',
  trunkSubport: 'trunk:subport',
} as const

/** Any port by which a router joins a subnet. */
export function isRouterInterface(owner: string): boolean {
  return (
    owner === OWNER.routerInterface || owner === OWNER.distributedRouterInterface || owner === OWNER.haRouterInterface
  )
}

/** Ports of instances: `compute:<availability zone>`. */
export function isComputeOwner(owner: string): boolean {
  return owner.startsWith('compute:')
}

/**
 * Ports that pull a distributed router to the host they are bound to
 * (Neutron: `is_dvr_serviced`; instances, trunk subports, DHCP ports with `host_dvr_for_dhcp`).
 */
export function isDvrServiced(owner: string): boolean {
  return isComputeOwner(owner) || owner === OWNER.dhcp || owner === OWNER.trunkSubport
}

/** Ports of the network service itself: no security groups, no anti-spoofing. */
export function isTrustedOwner(owner: string): boolean {
  return owner.startsWith('network:')
}
