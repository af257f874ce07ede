/**
 * Tables as Kysely sees them. Portable by choice: booleans are 0/1, JSON is text, times are ISO 8601 text in UTC,
 * addresses are also kept as sortable text keys. Nothing here may need one particular database.
 */

export type Flag = 0 | 1
/** JSON text */
export type Json = string

/** Columns that every API resource has. */
export interface StandardColumns {
  readonly id: string
  readonly project_id: string
  readonly description: string
  readonly tags: Json
  readonly created_at: string
  readonly updated_at: string
  readonly revision_number: number
}

export interface NetworkTable extends StandardColumns {
  readonly name: string
  readonly admin_state_up: Flag
  readonly status: string
  readonly external: Flag
  readonly is_default: Flag
  readonly mtu: number
  readonly port_security_enabled: Flag
  readonly availability_zone_hints: Json
  readonly dns_domain: string
  readonly qos_policy_id: string | null
}

export interface NetworkSegmentTable {
  readonly id: string
  readonly network_id: string
  readonly position: number
  readonly network_type: string
  readonly physical_network: string | null
  readonly segmentation_id: number | null
  /** one holder per segment of the wire: `vlan/physnet1/100`, `vxlan//7`; null where many may share (local) */
  readonly allocation: string | null
  readonly name: string | null
  readonly description: string
  readonly created_at: string
  readonly updated_at: string
  readonly revision_number: number
}

/** Ranges that operators made; those of the configuration are not kept. */
export interface NetworkSegmentRangeTable extends StandardColumns {
  readonly name: string
  readonly shared: Flag
  readonly network_type: string
  readonly physical_network: string | null
  readonly minimum: number
  readonly maximum: number
}

export interface SubnetTable extends StandardColumns {
  readonly network_id: string
  readonly name: string
  readonly cidr: string
  readonly ip_version: number
  readonly gateway_ip: string | null
  readonly enable_dhcp: Flag
  readonly dns_nameservers: Json
  readonly host_routes: Json
  readonly ipv6_ra_mode: string | null
  readonly ipv6_address_mode: string | null
  readonly subnetpool_id: string | null
  readonly service_types: Json
  readonly dns_publish_fixed_ip: Flag
  readonly segment_id: string | null
}

export interface AllocationPoolTable {
  readonly subnet_id: string
  readonly position: number
  readonly first_key: string
  readonly last_key: string
  /** every address of the pool below this key is taken: where a search for the lowest free one starts */
  readonly next_key: string
}

export interface IpAllocationTable {
  readonly subnet_id: string
  /** `ipKey` of the address: fixed width, sorts like the number */
  readonly ip_key: string
  readonly ip: string
  readonly network_id: string
  readonly port_id: string
  readonly position: number
}

export interface PortTable extends StandardColumns {
  readonly network_id: string
  readonly name: string
  readonly mac_address: string
  readonly admin_state_up: Flag
  readonly status: string
  readonly device_id: string
  readonly device_owner: string
  readonly host_id: string
  readonly vnic_type: string
  readonly profile: Json
  readonly vif_type: string
  readonly vif_details: Json
  readonly port_security_enabled: Flag
  readonly allowed_address_pairs: Json
  readonly extra_dhcp_opts: Json
  readonly dns_name: string
  readonly dns_domain: string
  readonly propagate_uplink_status: Flag
  readonly numa_affinity_policy: string | null
  readonly device_profile: string | null
  readonly qos_policy_id: string | null
  /** a DHCP server knows the port */
  readonly dhcp_ready: Flag
  readonly ip_allocation: string
}

/** Hosts on which a port is wired, as their agents say: one, or several for a distributed router interface. */
export interface WiredPortTable {
  readonly port_id: string
  readonly host: string
}

export interface PortSecurityGroupTable {
  readonly port_id: string
  readonly security_group_id: string
}

export interface SecurityGroupTable extends StandardColumns {
  readonly name: string
  readonly stateful: Flag
}

export interface DefaultSecurityGroupTable {
  readonly project_id: string
  readonly security_group_id: string
}

export interface SecurityGroupRuleTable extends StandardColumns {
  readonly security_group_id: string
  readonly direction: string
  readonly ethertype: string
  readonly protocol: string | null
  readonly port_range_min: number | null
  readonly port_range_max: number | null
  readonly remote_ip_prefix: string | null
  readonly remote_group_id: string | null
  readonly remote_address_group_id: string | null
  /** the rule's meaning as one text: two equal rules of a group cannot both be stored */
  readonly meaning: string
}

export interface AgentTable {
  readonly id: string
  readonly agent_type: string
  readonly binary: string
  readonly host: string
  readonly topic: string
  readonly admin_state_up: Flag
  readonly description: string | null
  readonly availability_zone: string | null
  readonly configurations: Json
  readonly created_at: string
  readonly started_at: string
  readonly heartbeat_at: string
  readonly resources_synced: number | null
}

export interface HostTable {
  readonly host: string
  readonly dvr_mac: string | null
}

export interface DhcpBindingTable {
  readonly network_id: string
  readonly agent_id: string
}

export interface QuotaTable {
  readonly project_id: string
  readonly resource: string
  readonly max: number
}

export interface RouterTable extends StandardColumns {
  readonly name: string
  readonly admin_state_up: Flag
  readonly status: string
  readonly distributed: Flag
  readonly gateway_port_id: string | null
  readonly gateway_network_id: string | null
  readonly enable_snat: Flag
  readonly routes: Json
  readonly availability_zone_hints: Json
  readonly flavor_id: string | null
  readonly ha: Flag
  readonly gateway_qos_policy_id: string | null
  readonly enable_ndp_proxy: Flag
}

export interface HaNetworkTable {
  readonly project_id: string
  readonly network_id: string
}

export interface HaVridTable {
  readonly router_id: string
  readonly network_id: string
  readonly vr_id: number
}

export interface HaRouterAgentTable {
  readonly router_id: string
  readonly agent_id: string
  readonly port_id: string
  readonly state: string
}

/** The agent that has the router's central part; of a highly available one: the active of its agents. */
export interface RouterBindingTable {
  readonly router_id: string
  readonly agent_id: string
}

export interface FloatingIpTable extends StandardColumns {
  readonly floating_network_id: string
  readonly floating_ip_address: string
  readonly floating_port_id: string
  readonly port_id: string | null
  readonly fixed_ip_address: string | null
  readonly router_id: string | null
  readonly status: string
  readonly dns_name: string
  readonly dns_domain: string
  readonly qos_policy_id: string | null
}

export interface PortForwardingTable {
  readonly id: string
  readonly floating_ip_id: string
  readonly protocol: string
  readonly external_first: number
  readonly external_last: number
  readonly internal_port_id: string
  readonly internal_ip_address: string
  readonly internal_first: number
  readonly internal_last: number
  readonly description: string
}

/** A host's own port on an external network, there as long as a floating IP is served on the host. */
export interface AgentGatewayTable {
  readonly network_id: string
  readonly host: string
  readonly port_id: string
}

export interface InactiveBindingTable {
  readonly port_id: string
  readonly host: string
  readonly vnic_type: string
  readonly profile: Json
  readonly vif_type: string
  readonly vif_details: Json
}

export interface QosPolicyTable extends StandardColumns {
  readonly name: string
  readonly default_for: string | null
}

export interface ConntrackHelperTable {
  readonly id: string
  readonly router_id: string
  readonly protocol: string
  readonly port: number
  readonly helper: string
}

export interface LocalIpTable extends StandardColumns {
  readonly name: string
  readonly local_port_id: string
  readonly network_id: string
  readonly local_ip_address: string
  readonly ip_mode: string
}

export interface LocalIpAssociationTable {
  readonly id: string
  readonly local_ip_id: string
  readonly fixed_port_id: string
  readonly fixed_ip: string
}

export interface NdpProxyTable extends StandardColumns {
  readonly name: string
  readonly router_id: string
  readonly port_id: string
  readonly ip_address: string
}

export interface MeteringLabelTable {
  readonly id: string
  readonly project_id: string
  readonly name: string
  readonly description: string
  readonly shared: number
}

export interface MeteringLabelRuleTable {
  readonly id: string
  readonly metering_label_id: string
  readonly direction: string
  readonly excluded: number
  readonly remote_ip_prefix: string | null
  readonly source_ip_prefix: string | null
  readonly destination_ip_prefix: string | null
}

export interface LogTable extends StandardColumns {
  readonly name: string
  readonly resource_type: string
  readonly resource_id: string | null
  readonly target_id: string | null
  readonly event: string
  readonly enabled: Flag
}

export interface QosRuleTable {
  readonly id: string
  readonly policy_id: string
  readonly type: string
  readonly direction: string
  readonly max_kbps: number | null
  readonly max_burst_kbps: number | null
  readonly dscp_mark: number | null
  readonly max_kpps: number | null
  readonly max_burst_kpps: number | null
  readonly min_kbps: number | null
}

export interface FlavorTable {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly service_type: string
  readonly enabled: Flag
}

export interface ServiceProfileTable {
  readonly id: string
  readonly description: string
  readonly driver: string
  readonly enabled: Flag
  readonly metainfo: string
}

export interface FlavorProfileTable {
  readonly flavor_id: string
  readonly service_profile_id: string
}

export interface TrunkTable extends StandardColumns {
  readonly name: string
  readonly port_id: string
  readonly admin_state_up: Flag
  readonly status: string
}

export interface SubportTable {
  readonly port_id: string
  readonly trunk_id: string
  readonly segmentation_type: string
  readonly segmentation_id: number
}

export interface AddressGroupTable extends StandardColumns {
  readonly name: string
  readonly addresses: Json
}

export interface AddressScopeTable {
  readonly id: string
  readonly project_id: string
  readonly name: string
  readonly ip_version: number
}

export interface SubnetpoolTable extends StandardColumns {
  readonly name: string
  readonly ip_version: number
  readonly prefixes: Json
  readonly default_prefixlen: number
  readonly min_prefixlen: number
  readonly max_prefixlen: number
  readonly default_quota: number | null
  readonly default_for: number | null
  readonly address_scope_id: string | null
  readonly allocations: number
}

export interface RbacPolicyTable {
  readonly id: string
  readonly project_id: string
  readonly object_type: string
  readonly object_id: string
  readonly action: string
  readonly target_project: string
}

export interface AutoAllocatedTopologyTable {
  readonly project_id: string
  readonly network_id: string
  readonly router_id: string
}

export interface ChangeLogTable {
  readonly revision: number
  readonly time: string
  readonly request_id: string
  readonly actor: string
  readonly kind: string
  readonly object_id: string
  readonly project_id: string
  /** the object's whole new value; null = deleted */
  readonly value: Json | null
}

/** The last value of every object in the change log. */
export interface CloudObjectTable {
  readonly kind: string
  readonly object_id: string
  readonly revision: number
  readonly value: Json
}

/** One row: the last revision given out. */
export interface RevisionTable {
  readonly id: number
  readonly revision: number
}

export interface Schema {
  networks: NetworkTable
  network_segments: NetworkSegmentTable
  network_segment_ranges: NetworkSegmentRangeTable
  subnets: SubnetTable
  allocation_pools: AllocationPoolTable
  ip_allocations: IpAllocationTable
  ports: PortTable
  inactive_bindings: InactiveBindingTable
  wired_ports: WiredPortTable
  port_security_groups: PortSecurityGroupTable
  security_groups: SecurityGroupTable
  default_security_groups: DefaultSecurityGroupTable
  security_group_rules: SecurityGroupRuleTable
  agents: AgentTable
  hosts: HostTable
  dhcp_bindings: DhcpBindingTable
  quotas: QuotaTable
  routers: RouterTable
  router_bindings: RouterBindingTable
  ha_networks: HaNetworkTable
  ha_vrids: HaVridTable
  ha_router_agents: HaRouterAgentTable
  floating_ips: FloatingIpTable
  port_forwardings: PortForwardingTable
  agent_gateways: AgentGatewayTable
  address_groups: AddressGroupTable
  trunks: TrunkTable
  subports: SubportTable
  flavors: FlavorTable
  service_profiles: ServiceProfileTable
  flavor_profiles: FlavorProfileTable
  qos_policies: QosPolicyTable
  qos_rules: QosRuleTable
  logs: LogTable
  conntrack_helpers: ConntrackHelperTable
  ndp_proxies: NdpProxyTable
  local_ips: LocalIpTable
  local_ip_associations: LocalIpAssociationTable
  metering_labels: MeteringLabelTable
  metering_label_rules: MeteringLabelRuleTable
  address_scopes: AddressScopeTable
  subnetpools: SubnetpoolTable
  rbac_policies: RbacPolicyTable
  auto_allocated_topologies: AutoAllocatedTopologyTable
  change_log: ChangeLogTable
  cloud_objects: CloudObjectTable
  revisions: RevisionTable
}
