/** The networking API's resources as they travel, with the attributes that callers read. */
interface Standard {
  readonly id: string
  readonly name: string
  readonly tenant_id: string
  readonly project_id?: string
  readonly description?: string | null
  readonly revision_number?: number
  readonly tags?: readonly string[]
}

export interface Network extends Standard {
  readonly admin_state_up: boolean
  readonly status: string
  readonly shared: boolean
  readonly subnets: readonly string[]
  readonly mtu?: number
  readonly 'router:external'?: boolean
  readonly 'provider:network_type'?: string
  readonly 'provider:physical_network'?: string | null
  readonly 'provider:segmentation_id'?: number | null
}

export interface Subnet extends Standard {
  readonly network_id: string
  readonly ip_version: 4 | 6
  readonly cidr: string
  readonly gateway_ip: string | null
  readonly enable_dhcp: boolean
  readonly allocation_pools: readonly { readonly start: string; readonly end: string }[]
  readonly dns_nameservers: readonly string[]
  readonly host_routes: readonly { readonly destination: string; readonly nexthop: string }[]
}

export interface FixedIp {
  readonly subnet_id: string
  readonly ip_address: string
}

export interface Port extends Standard {
  readonly network_id: string
  readonly mac_address: string
  readonly admin_state_up: boolean
  readonly status: string
  readonly device_id: string
  readonly device_owner: string
  readonly fixed_ips: readonly FixedIp[]
  readonly security_groups: readonly string[]
  readonly 'binding:host_id'?: string
  readonly 'binding:vif_type'?: string
  readonly 'binding:vif_details'?: Readonly<Record<string, unknown>>
}

export interface Router extends Standard {
  readonly admin_state_up: boolean
  readonly status: string
  readonly distributed?: boolean
  readonly ha?: boolean
  readonly routes?: readonly { readonly destination: string; readonly nexthop: string }[]
  readonly external_gateway_info: {
    readonly network_id: string
    readonly enable_snat?: boolean
    readonly external_fixed_ips?: readonly FixedIp[]
  } | null
}

export interface FloatingIp extends Standard {
  readonly floating_network_id: string
  readonly floating_ip_address: string
  readonly fixed_ip_address: string | null
  readonly port_id: string | null
  readonly router_id: string | null
  readonly status: string
}

export interface SecurityGroupRule extends Standard {
  readonly security_group_id: string
  readonly direction: 'ingress' | 'egress'
  readonly ethertype: 'IPv4' | 'IPv6'
  readonly protocol: string | null
  readonly port_range_min: number | null
  readonly port_range_max: number | null
  readonly remote_ip_prefix: string | null
  readonly remote_group_id: string | null
}

export interface SecurityGroup extends Standard {
  readonly security_group_rules: readonly SecurityGroupRule[]
}

export interface Trunk extends Standard {
  readonly port_id: string
  readonly admin_state_up: boolean
  readonly status: string
  readonly sub_ports: readonly {
    readonly port_id: string
    readonly segmentation_type: string
    readonly segmentation_id: number
  }[]
}

export interface Agent {
  readonly id: string
  readonly agent_type: string
  readonly binary: string
  readonly host: string
  readonly alive: boolean
  readonly admin_state_up: boolean
  readonly configurations: Readonly<Record<string, unknown>>
}

/** Collection in the path -> its resource. */
export interface NetworkCollections {
  readonly networks: Network
  readonly subnets: Subnet
  readonly ports: Port
  readonly routers: Router
  readonly floatingips: FloatingIp
  readonly 'security-groups': SecurityGroup
  readonly 'security-group-rules': SecurityGroupRule
  readonly trunks: Trunk
  readonly agents: Agent
  readonly subnetpools: Standard & Readonly<Record<string, unknown>>
  readonly 'address-scopes': Standard & Readonly<Record<string, unknown>>
  readonly 'metering/metering-labels': Readonly<Record<string, unknown>> & { readonly id: string }
  readonly 'metering/metering-label-rules': Readonly<Record<string, unknown>> & { readonly id: string }
  readonly ndp_proxies: Readonly<Record<string, unknown>> & { readonly id: string }
  readonly local_ips: Readonly<Record<string, unknown>> & { readonly id: string }
  readonly segments: Readonly<Record<string, unknown>> & { readonly id: string }
  readonly network_segment_ranges: Readonly<Record<string, unknown>> & { readonly id: string }
  readonly 'qos/policies': Readonly<Record<string, unknown>> & { readonly id: string }
  readonly 'rbac-policies': Readonly<Record<string, unknown>> & { readonly id: string }
  readonly 'network-ip-availabilities': Readonly<Record<string, unknown>> & { readonly id: string }
}
