import { commonDefault } from './common.js'
import { conntrackHelpers } from './conntrack-helpers.js'
import { bool, type ConfigOf, dict, ignored, int, list, optionalStr, str } from './options.js'
import { rabbitSection } from './transport.js'

/** Files that neutron-server reads when none is named on its command line. */
export const SERVER_FILES = ['/etc/neutron/neutron.conf', '/etc/neutron/plugins/ml2/ml2_conf.ini'] as const

/** Options of one service user of the identity service ([keystone_authtoken], [nova]). */
const serviceUser = {
  auth_section: ignored('give the credentials in this section'),
  auth_url: optionalStr(),
  auth_type: str('password', { aliases: ['auth_plugin'] }),
  username: optionalStr({ aliases: ['admin_user', 'user_name'] }),
  password: optionalStr({ aliases: ['admin_password'] }),
  project_name: optionalStr({ aliases: ['admin_tenant_name', 'tenant_name'] }),
  user_domain_name: str('Default'),
  user_domain_id: optionalStr(),
  project_domain_name: str('Default'),
  project_domain_id: optionalStr(),
  region_name: optionalStr(),
}

/** neutron.conf and ml2_conf.ini, as the server reads them (reference: scenario 5.1; API, Defaults). */
export const serverOptions = {
  DEFAULT: {
    ...commonDefault,
    bind_host: str('0.0.0.0'),
    bind_port: int(9696),
    core_plugin: str('ml2'),
    service_plugins: list(['router']),
    api_workers: ignored('one server process serves all requests'),
    rpc_workers: ignored('one server process serves all agents'),
    rpc_backend: ignored('set transport_url'),
    auth_strategy: str('keystone'),
    allow_overlapping_ips: ignored('always true'),
    router_distributed: bool(false),
    enable_dvr: bool(true),
    l3_ha: bool(false),
    host_dvr_for_dhcp: bool(true),
    // 0: all
    max_l3_agents_per_router: int(3),
    min_l3_agents_per_router: ignored('removed; a router is made whatever the number of agents'),
    l3_ha_net_cidr: str('169.254.192.0/18'),
    // none: the first of tenant_network_types
    l3_ha_network_type: optionalStr(),
    l3_ha_network_physical_name: optionalStr(),
    dhcp_agents_per_network: int(1),
    agent_down_time: int(75),
    base_mac: str('fa:16:3e:00:00:00'),
    dvr_base_mac: str('fa:16:3f:00:00:00'),
    mac_generation_retries: int(16),
    global_physnet_mtu: int(1500),
    dns_domain: str('openstacklocal'),
    max_dns_nameservers: int(5),
    max_subnet_host_routes: int(20),
    max_fixed_ips_per_port: int(5),
    max_allowed_address_pair: int(10),
    max_routes: int(30),
    dhcp_lease_duration: int(86400),
    pagination_max_limit: str('-1'),
    network_auto_schedule: bool(true),
    router_auto_schedule: bool(true),
    allow_automatic_dhcp_failover: bool(true),
    allow_automatic_l3agent_failover: bool(false),
    network_scheduler_driver: str(''),
    router_scheduler_driver: str(''),
    notify_nova_on_port_status_changes: bool(true),
    notify_nova_on_port_data_changes: bool(true),
    nova_url: ignored('set [nova] endpoint_override, or let the catalog name it'),
    nova_admin_auth_url: ignored('set [nova] auth_url'),
    nova_admin_username: ignored('set [nova] username'),
    nova_admin_password: ignored('set [nova] password'),
    nova_admin_tenant_id: ignored('set [nova] project_name'),
    nova_admin_tenant_name: ignored('set [nova] project_name'),
    nova_region_name: ignored('set [nova] region_name'),
    dhcp_agent_notification: ignored('agents watch the change log'),
    use_syslog: ignored('the log goes to standard error'),
    log_dir: ignored('the log goes to standard error'),
    lock_path: ignored('no lock files are used'),
    send_events_interval: ignored('events are sent at once, and together while nova is answering'),
    default_availability_zones: list([]),
    allowed_conntrack_helpers: conntrackHelpers(),
    enable_ndp_proxy_by_default: bool(false),
  },
  oslo_messaging_rabbit: rabbitSection,
  /** limits of what one request, or one project, may ask for */
  oslo_middleware: { max_request_body_size: int(1_048_576) },
  api: {
    /** per project; 0: no limit. Administrators and services are not limited */
    requests_per_second: int(0),
  },
  metrics: {
    /** Prometheus' text format at /metrics; 0: none */
    bind_port: int(0),
    bind_host: str('127.0.0.1'),
  },
  database: {
    connection: str('sqlite:////var/lib/neutron/neutron.sqlite'),
    max_pool_size: int(10),
    /** days that the change log keeps its records; 0: for ever. Nothing is decided by old ones */
    change_log_max_days: int(90),
  },
  keystone_authtoken: {
    ...serviceUser,
    www_authenticate_uri: optionalStr({ aliases: ['auth_uri'] }),
    identity_uri: optionalStr(),
    token_cache_time: int(300),
    memcached_servers: ignored('tokens are kept in memory'),
  },
  oslo_policy: {
    policy_file: optionalStr(),
    policy_dirs: ignored('put all rules into policy_file'),
    enforce_scope: ignored('tokens are of a project'),
    enforce_new_defaults: ignored('the defaults are the new ones'),
  },
  nova: {
    ...serviceUser,
    endpoint_override: optionalStr(),
    endpoint_type: str('public'),
  },
  placement: {
    ...serviceUser,
    endpoint_override: optionalStr(),
    endpoint_type: str('public'),
  },
  quotas: {
    default_quota: int(-1),
    quota_network: int(100),
    quota_subnet: int(100),
    quota_port: int(500),
    quota_router: int(10),
    quota_floatingip: int(50),
    quota_security_group: int(10),
    quota_security_group_rule: int(100),
    quota_rbac_policy: int(10),
    quota_subnetpool: int(-1),
    quota_driver: ignored('limits are always kept in the database'),
  },
  ml2: {
    type_drivers: list(['local', 'flat', 'vlan', 'gre', 'vxlan', 'geneve']),
    tenant_network_types: list(['local'], { aliases: ['project_network_types'] }),
    mechanism_drivers: list(['openvswitch', 'l2population']),
    extension_drivers: list(['port_security']),
    segment_mtu: ignored('set [DEFAULT] global_physnet_mtu'),
    path_mtu: int(0),
    physical_network_mtus: dict(),
    external_network_type: optionalStr(),
    overlay_ip_version: int(4),
  },
  ml2_type_flat: { flat_networks: list(['*']) },
  ml2_type_vlan: { network_vlan_ranges: list([]) },
  ml2_type_gre: { tunnel_id_ranges: list([]) },
  ml2_type_vxlan: { vni_ranges: list([]), vxlan_group: optionalStr() },
  ml2_type_geneve: { vni_ranges: list([]), max_header_size: int(30) },
  securitygroup: {
    firewall_driver: optionalStr(),
    enable_security_group: bool(true),
    enable_ipset: bool(true),
  },
}

export type ServerConfig = ConfigOf<typeof serverOptions>
