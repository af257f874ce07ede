import { agentSection, commonDefault } from './common.js'
import { bool, ignored, int, list, str } from './options.js'
import { rabbitSection } from './transport.js'

/** Files of neutron-dhcp-agent when none is named; later ones win. */
export const DHCP_AGENT_FILES = ['/etc/neutron/neutron.conf', '/etc/neutron/dhcp_agent.ini']

export const dhcpAgentOptions = {
  DEFAULT: {
    ...commonDefault,
    // one driver exists for each; Kilo's class paths and today's aliases name them
    interface_driver: str('openvswitch'),
    dhcp_driver: str('neutron.agent.linux.dhcp.Dnsmasq'),
    ovs_integration_bridge: str('br-int'),
    dns_domain: str('openstacklocal', { aliases: ['dhcp_domain'] }),
    dnsmasq_dns_servers: list([]),
    dnsmasq_config_file: str(''),
    dnsmasq_lease_max: int(16_777_216),
    dhcp_lease_duration: int(86_400),
    enable_isolated_metadata: bool(false),
    force_metadata: bool(false),
    use_namespaces: ignored('removed; networks always have namespaces'),
    dhcp_delete_namespaces: ignored('removed; namespaces are always deleted'),
    enable_metadata_network: ignored('removed; use enable_isolated_metadata or force_metadata'),
    resync_interval: ignored('what failed is tried again by itself'),
  },
  oslo_messaging_rabbit: rabbitSection,
  agent: { ...agentSection, availability_zone: str('nova') },
}
