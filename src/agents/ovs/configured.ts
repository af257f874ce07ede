import { ConfigError, type ConfigOf } from '../../config/options.js'
import { firewallAlias, type ovsAgentOptions } from '../../config/ovs-agent.js'
import { canonicalIp, ipVersion } from '../../model/ip.js'
import type { ConfiguredSettings } from './agent.js'
import { resourceSettings } from './resources.js'
import { isTunnelType, TUNNEL_TYPES } from './settings.js'

/** Neutron takes no less. */
const LEAST_LOGGED = { rate_limit: 100, burst_limit: 25 } as const

/** Settings from the agent's files; throws ConfigError for values that cannot work. */
export function ovsSettings(values: ConfigOf<typeof ovsAgentOptions>): ConfiguredSettings {
  const { agent, ovs, securitygroup, network_log } = values
  if (ovs.local_ip !== null && ipVersion(ovs.local_ip) === null) {
    throw new ConfigError(`[ovs] local_ip: '${ovs.local_ip}' is not an IP address`)
  }
  const unknown = agent.tunnel_types.find((type) => !isTunnelType(type))
  if (unknown !== undefined) {
    throw new ConfigError(`[agent] tunnel_types: '${unknown}' is not one of ${TUNNEL_TYPES.join(', ')}`)
  }
  for (const [name, least] of Object.entries(LEAST_LOGGED)) {
    const value = network_log[name as keyof typeof LEAST_LOGGED]
    if (value < least) throw new ConfigError(`[network_log] ${name}: ${value} is less than ${least}`)
  }
  return {
    integrationBridge: ovs.integration_bridge,
    tunnelBridge: ovs.tunnel_bridge,
    localIp: ovs.local_ip === null ? null : canonicalIp(ovs.local_ip),
    bridgeMappings: ovs.bridge_mappings,
    resources: resourceSettings(ovs, ovs.bridge_mappings),
    tunnelTypes: agent.tunnel_types.filter(isTunnelType),
    distributedRouting: agent.enable_distributed_routing,
    l2Population: agent.l2_population,
    arpResponder: agent.arp_responder,
    firewall: securitygroup.enable_security_group ? firewallAlias(securitygroup.firewall_driver) : 'noop',
    enableIpset: securitygroup.enable_ipset,
    logLimit: { rate: network_log.rate_limit, burst: network_log.burst_limit },
    logFile: network_log.local_output_log_base,
    vxlanUdpPort: agent.vxlan_udp_port,
    dontFragment: agent.dont_fragment,
    tunnelCsum: agent.tunnel_csum,
    datapathType: ovs.datapath_type,
    profileWish: ovs.datapath_profile,
  }
}
