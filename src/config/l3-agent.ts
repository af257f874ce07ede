import { agentSection, commonDefault } from './common.js'
import { bool, ignored, int, oneOf, optionalStr, str } from './options.js'
import { rabbitSection } from './transport.js'

/** Files of neutron-l3-agent when none is named; later ones win. */
export const L3_AGENT_FILES = ['/etc/neutron/neutron.conf', '/etc/neutron/l3_agent.ini']

export const l3AgentOptions = {
  DEFAULT: {
    ...commonDefault,
    agent_mode: oneOf(['legacy', 'dvr', 'dvr_snat', 'dvr_no_external'], 'legacy'),
    enable_metadata_proxy: bool(true),
    metadata_port: int(9697),
    // seconds between unsolicited router advertisements
    min_rtr_adv_interval: int(30),
    max_rtr_adv_interval: int(100),
    // seconds between announcements of an active highly available router; the others wait for three
    ha_vrrp_advert_int: int(2),
    ha_vrrp_auth_type: oneOf(['AH', 'PASS'], 'PASS'),
    ha_vrrp_auth_password: optionalStr(),
    ha_confs_path: optionalStr(),
    ha_keepalived_state_change_server_threads: ignored('states come from keepalived itself'),
    // one driver exists; Kilo's class path and today's alias both name it
    interface_driver: str('openvswitch'),
    ovs_integration_bridge: str('br-int'),
    use_namespaces: ignored('removed; routers always have namespaces'),
    router_delete_namespaces: ignored('removed; namespaces are always deleted'),
    external_network_bridge: ignored('removed; external networks are reached by bridge_mappings'),
  },
  oslo_messaging_rabbit: rabbitSection,
  agent: { ...agentSection, availability_zone: str('nova') },
}
