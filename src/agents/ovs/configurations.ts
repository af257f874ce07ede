import type { Endpoint } from './endpoint.js'
import { describeResources } from './resources.js'
import type { OvsSettings } from './settings.js'

/**
 * What `agent-show` prints, under Neutron's keys; `tunneling_mac`, `datapath_profile…` and `vxlan_encapsulation` are
 * ours.
 */
export function describeAgent(
  settings: OvsSettings,
  host: string,
  endpoint: Endpoint | null,
  devices: number,
  extensions: readonly string[] = [],
): Record<string, unknown> {
  return {
    arp_responder_enabled: settings.arpResponder,
    baremetal_smartnic: false,
    bridge_mappings: settings.bridgeMappings,
    datapath_profile: settings.profile.name,
    datapath_profile_reason: settings.profile.reason,
    datapath_offload: settings.profile.offload,
    datapath_type: settings.datapathType,
    devices,
    enable_distributed_routing: settings.distributedRouting,
    extensions,
    in_distributed_mode: settings.distributedRouting,
    integration_bridge: settings.integrationBridge,
    l2_population: settings.l2Population,
    log_agent_heartbeats: false,
    ovs_capabilities: { datapath_types: ['netdev', 'system'], iface_types: IFACE_TYPES },
    ovs_hybrid_plug: settings.firewall === 'iptables_hybrid',
    ...describeResources(settings.resources, settings.bridgeMappings, host),
    tunnel_types: settings.tunnelTypes,
    tunneling_ip: settings.localIp,
    tunneling_mac: endpoint?.mac ?? null,
    vxlan_encapsulation: settings.profile.vxlan === 'kernel' ? 'kernel' : 'openvswitch',
    vhostuser_socket_dir: '/var/run/openvswitch',
  }
}

/** Kinds of interfaces that ports on our bridges may have. */
const IFACE_TYPES = ['geneve', 'gre', 'internal', 'patch', 'system', 'tap', 'vxlan']
