import { agentSection, commonDefault } from './common.js'
import { bool, dict, ignored, int, list, oneOf, optionalStr, str } from './options.js'
import { rabbitSection } from './transport.js'

/** Files the agent reads when none is named; later ones win. Kilo's configuration is in ml2_conf.ini. */
export const OVS_AGENT_FILES = [
  '/etc/neutron/neutron.conf',
  '/etc/neutron/plugins/ml2/ml2_conf.ini',
  '/etc/neutron/plugins/ml2/openvswitch_agent.ini',
]

const FIREWALL_DRIVERS = [
  'iptables_hybrid',
  'neutron.agent.linux.iptables_firewall.OVSHybridIptablesFirewallDriver',
  'noop',
  'neutron.agent.firewall.NoopFirewallDriver',
] as const

/** The option's value as an alias. */
export function firewallAlias(driver: (typeof FIREWALL_DRIVERS)[number]): 'iptables_hybrid' | 'noop' {
  return driver === 'noop' || driver === 'neutron.agent.firewall.NoopFirewallDriver' ? 'noop' : 'iptables_hybrid'
}

export const ovsAgentOptions = {
  DEFAULT: commonDefault,
  oslo_messaging_rabbit: rabbitSection,
  agent: {
    ...agentSection,
    l2_population: bool(false),
    tunnel_types: list([]),
    enable_distributed_routing: bool(false),
    arp_responder: bool(false),
    dont_fragment: bool(true),
    tunnel_csum: bool(false),
    vxlan_udp_port: int(4789),
    polling_interval: ignored('changes are noticed when they happen'),
    minimize_polling: ignored('changes are noticed when they happen'),
    prevent_arp_spoofing: ignored('ARP spoofing is always prevented'),
    drop_flows_on_start: ignored('flows are never dropped on start'),
  },
  ovs: {
    local_ip: optionalStr(),
    bridge_mappings: dict(),
    integration_bridge: str('br-int'),
    resource_provider_bandwidths: list([]),
    resource_provider_hypervisors: dict(),
    resource_provider_default_hypervisor: optionalStr(),
    resource_provider_inventory_defaults: dict(),
    resource_provider_packet_processing_without_direction: list([]),
    resource_provider_packet_processing_with_direction: list([]),
    resource_provider_packet_processing_inventory_defaults: dict(),
    tunnel_bridge: str('br-tun'),
    /** unset: that of the bridges that exist, else the kernel's where it has one */
    datapath_type: optionalStr(),
    /** ours: whether offloads are used where the userspace datapath has them; `auto`: where that is right in every case */
    datapath_profile: oneOf(['auto', 'plain', 'fast'], 'auto'),
    tenant_network_type: ignored('the server decides about network types'),
    enable_tunneling: ignored('tunnels are used when local_ip and tunnel_types are set'),
    tunnel_type: ignored('use [agent] tunnel_types'),
    int_peer_patch_port: ignored('the name is patch-tun'),
    tun_peer_patch_port: ignored('the name is patch-int'),
    use_veth_interconnection: ignored('bridges are joined by patch ports'),
    of_interface: ignored('there is one OpenFlow interface'),
    ovsdb_interface: ignored('there is one OVSDB interface'),
  },
  /** what a host logs of the packets that security groups let through or drop */
  network_log: {
    /** packets a second, and how many more at once */
    rate_limit: int(100),
    burst_limit: int(25),
    /** file; unset: the agent's own log */
    local_output_log_base: optionalStr(),
  },
  securitygroup: {
    firewall_driver: oneOf(FIREWALL_DRIVERS, 'iptables_hybrid'),
    enable_security_group: bool(true),
    enable_ipset: bool(true),
  },
}
