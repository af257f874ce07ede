/**
 * The objects of the cloud as the change log records them: the whole new value of an object at a revision.
 * `core` writes them, the per-host projection reads them; nothing here is API wire format.
 */

export type NetworkType = 'local' | 'flat' | 'vlan' | 'gre' | 'vxlan' | 'geneve'

export interface Segment {
  readonly networkType: NetworkType
  readonly physicalNetwork: string | null
  readonly segmentationId: number | null
}

/** `id`: what subnets of a routed network name; absent in records of former versions. */
export interface CloudSegment extends Segment {
  readonly id?: string
}

export interface FixedIp {
  readonly subnetId: string
  readonly ip: string
}

export interface AddressPair {
  /** address or CIDR */
  readonly ip: string
  readonly mac: string
}

export interface ExtraDhcpOpt {
  readonly name: string
  readonly value: string
  readonly ipVersion: 4 | 6
}

export interface Route {
  readonly destination: string
  readonly nexthop: string
}

export interface CloudNetwork {
  readonly kind: 'network'
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly adminStateUp: boolean
  readonly external: boolean
  readonly mtu: number
  readonly segments: readonly CloudSegment[]
  readonly dnsDomain: string
  /** hosts whose DHCP agent serves the network */
  readonly dhcpHosts: readonly string[]
  /** absent: none */
  readonly qosPolicyId?: string
}

export interface CloudSubnet {
  readonly kind: 'subnet'
  readonly id: string
  readonly networkId: string
  readonly cidr: string
  readonly ipVersion: 4 | 6
  readonly gatewayIp: string | null
  readonly enableDhcp: boolean
  readonly dnsNameservers: readonly string[]
  readonly hostRoutes: readonly Route[]
  readonly ipv6RaMode: string | null
  readonly ipv6AddressMode: string | null
  /** the only segment of its network that it is on; absent: it is on all */
  readonly segmentId?: string
}

export interface CloudPort {
  readonly kind: 'port'
  readonly id: string
  readonly networkId: string
  readonly projectId: string
  readonly name: string
  readonly mac: string
  readonly fixedIps: readonly FixedIp[]
  readonly deviceId: string
  readonly deviceOwner: string
  readonly adminStateUp: boolean
  readonly status: string
  /** `binding:host_id`; null when unbound. Distributed router interfaces have none: they are on every host of the router. */
  readonly host: string | null
  /** `binding:vif_type`: `ovs`, `unbound`, `binding_failed`, `distributed` */
  readonly vifType: string
  readonly portSecurityEnabled: boolean
  readonly securityGroups: readonly string[]
  readonly allowedAddressPairs: readonly AddressPair[]
  readonly extraDhcpOpts: readonly ExtraDhcpOpt[]
  readonly dnsName: string
  /** the port's own; absent: that of its network. */
  readonly qosPolicyId?: string
}

/** Connections to a port that the kernel follows by what is said in them (FTP, TFTP …). */
export interface CloudConntrackHelper {
  readonly id: string
  readonly protocol: string
  readonly port: number
  /** name of the kernel's helper */
  readonly helper: string
}

/** An address of a port for which a router answers neighbour solicitations outside. */
export interface CloudNdpProxy {
  readonly portId: string
  /** IPv6 */
  readonly ip: string
}

export interface CloudRouter {
  readonly kind: 'router'
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly adminStateUp: boolean
  readonly distributed: boolean
  readonly gatewayPortId: string | null
  readonly externalNetworkId: string | null
  readonly enableSnat: boolean
  readonly routes: readonly Route[]
  /** distributed: the host of its snat namespace; legacy: the host of the router. Null while unscheduled. */
  readonly centralHost: string | null
  /** of the gateway's addresses; absent: none */
  readonly gatewayQosPolicyId?: string
  /** sorted by id; absent: none */
  readonly conntrackHelpers?: readonly CloudConntrackHelper[]
  /** from outside only these addresses are reached, sorted; absent: everything that is routed here */
  readonly ndpProxies?: readonly CloudNdpProxy[]
  /** Highly available by VRRP, on the hosts of its `network:router_ha_interface` ports; `centralHost` is the active one. */
  readonly ha?: { readonly vrId: number }
}

export interface CloudFloatingIp {
  readonly kind: 'floatingip'
  readonly id: string
  readonly projectId: string
  readonly floatingNetworkId: string
  readonly floatingIp: string
  /** fixed address and its port; null while not associated */
  readonly fixedIp: string | null
  readonly portId: string | null
  readonly routerId: string | null
  readonly status: string
  /** absent: none */
  readonly qosPolicyId?: string
  /** sorted by id; absent: none. Such a floating IP has a router and no port. */
  readonly portForwardings?: readonly CloudPortForwarding[]
}

/** Ports of a floating IP that lead to ports of a fixed address: as many, or all of them to one. */
export interface CloudPortForwarding {
  readonly id: string
  readonly protocol: 'tcp' | 'udp'
  readonly externalFirst: number
  readonly externalLast: number
  readonly internalIp: string
  readonly internalFirst: number
  readonly internalLast: number
}

export interface CloudSecurityGroupRule {
  readonly id: string
  readonly direction: 'ingress' | 'egress'
  readonly ethertype: 'IPv4' | 'IPv6'
  /** name or decimal number as the API holds it; null = any */
  readonly protocol: string | null
  readonly portMin: number | null
  readonly portMax: number | null
  readonly remoteIpPrefix: string | null
  readonly remoteGroupId: string | null
  /** absent: none */
  readonly remoteAddressGroupId?: string
}

export interface CloudSecurityGroup {
  readonly kind: 'security_group'
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly stateful: boolean
  readonly rules: readonly CloudSecurityGroupRule[]
}

/** Addresses that rules name together. */
export interface CloudAddressGroup {
  readonly kind: 'address_group'
  readonly id: string
  /** CIDRs of either IP version, canonical, sorted */
  readonly addresses: readonly string[]
}

/** A rate in kbit/s, and how many kbit may come at once. */
export interface RateLimit {
  readonly kbps: number
  readonly burstKb: number
}

/** Packets a second, and how many may come at once. */
export interface PacketRate {
  readonly perSecond: number
  readonly burst: number
}

/** What applies to every port under the policy; directions as the instance sees them. Null: no limit, no mark. */
export interface CloudQosPolicy {
  readonly kind: 'qos_policy'
  readonly id: string
  readonly egress: RateLimit | null
  readonly ingress: RateLimit | null
  readonly dscp: number | null
  /** absent: no limit of packet rates */
  readonly packets?: PacketRates
}

/** Null: no limit in this direction. */
export interface PacketRates {
  readonly egress: PacketRate | null
  readonly ingress: PacketRate | null
}

/** Networks that an instance tells apart by VLAN tags on one port of its own. */
export interface CloudTrunk {
  readonly kind: 'trunk'
  readonly id: string
  /** the parent: what the instance sends without a tag is its */
  readonly portId: string
  /** sorted by port id */
  readonly subports: readonly CloudSubport[]
}

export interface CloudSubport {
  readonly portId: string
  /** the tag inside the instance, unique on the trunk */
  readonly vlan: number
}

/** Which packets a metering label counts, or (`excluded`) does not. Of the prefixes at least one is given, all of one IP version. */
export interface CloudMeteringRule {
  readonly id: string
  readonly direction: 'ingress' | 'egress'
  readonly excluded: boolean
  /** an address behind the router: source of what goes out, destination of what comes in; alone */
  readonly remoteIpPrefix: string | null
  readonly sourceIpPrefix: string | null
  readonly destinationIpPrefix: string | null
}

/** A count of what passes the external gateways of its project's routers, or of everybody's. */
export interface CloudMeteringLabel {
  readonly kind: 'metering_label'
  readonly id: string
  readonly projectId: string
  /** counts at the routers of all projects */
  readonly shared: boolean
  /** sorted by id */
  readonly rules: readonly CloudMeteringRule[]
}

/**
 * Packets that security groups let through or drop are to be written down. With neither group nor port: those of all
 * ports of the project. One that is switched off is not recorded here.
 */
export interface CloudLog {
  readonly kind: 'log'
  readonly id: string
  readonly projectId: string
  readonly event: 'ACCEPT' | 'DROP' | 'ALL'
  /** only what rules of this group let through, only ports that are in it; null: any */
  readonly groupId: string | null
  /** only this port; null: any */
  readonly portId: string | null
}

/** `translate`: packets get the address of the port that stands for it; `passthrough`: they keep their own. */
export type LocalIpMode = 'translate' | 'passthrough'

/** An IPv4 address that leads to another port on each host: to one that stands for it there. */
export interface CloudLocalIp {
  readonly kind: 'local_ip'
  readonly id: string
  readonly ip: string
  readonly mode: LocalIpMode
  /** sorted by port id */
  readonly associations: readonly { readonly portId: string; readonly fixedIp: string }[]
}

/** What the server knows of a host from the reports of its agents. */
export interface CloudHost {
  readonly kind: 'host'
  /** host name */
  readonly id: string
  /** allocated by the server for hosts with distributed routing */
  readonly dvrMac: string | null
  readonly tunnelIp: string | null
  /** link-layer address behind `tunnelIp`, null when the agent cannot tell */
  readonly tunnelMac: string | null
  readonly tunnelTypes: readonly string[]
  /** physical network -> bridge */
  readonly bridgeMappings: Readonly<Record<string, string>>
  readonly l3AgentId: string | null
  readonly l3Mode: 'legacy' | 'dvr' | 'dvr_snat' | 'dvr_no_external' | null
}

export type CloudObject =
  | CloudNetwork
  | CloudSubnet
  | CloudPort
  | CloudRouter
  | CloudFloatingIp
  | CloudSecurityGroup
  | CloudAddressGroup
  | CloudQosPolicy
  | CloudTrunk
  | CloudMeteringLabel
  | CloudLog
  | CloudLocalIp
  | CloudHost

export type CloudKind = CloudObject['kind']

/** One record of the change log. `value` null = deleted. */
export interface Change {
  readonly revision: number
  readonly kind: CloudKind
  readonly id: string
  readonly value: CloudObject | null
}
