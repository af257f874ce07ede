/**
 * What one host is told: exactly the objects it needs, each with an id, each self-contained enough that an
 * agent computes its desired state from the current set alone. Server and agents share these types and
 * nothing else.
 */
import type {
  AddressPair,
  CloudConntrackHelper,
  CloudLog,
  CloudMeteringRule,
  CloudPortForwarding,
  CloudSecurityGroupRule,
  CloudSubport,
  ExtraDhcpOpt,
  FixedIp,
  LocalIpMode,
  NetworkType,
  PacketRates,
  RateLimit,
  Route,
} from '../../model/cloud.js'

/** The host itself. */
export interface SelfView {
  readonly kind: 'self'
  /** host name */
  readonly id: string
  /** source MAC of routed frames on the wire; null until the host reported distributed routing */
  readonly dvrMac: string | null
  readonly l3AgentId: string | null
}

/** Another host that shares a network with this one. */
export interface PeerView {
  readonly kind: 'peer'
  /** host name */
  readonly id: string
  readonly dvrMac: string | null
  readonly tunnelIp: string | null
  readonly tunnelMac: string | null
  readonly tunnelTypes: readonly string[]
}

export interface SubnetView {
  readonly id: string
  readonly cidr: string
  readonly ipVersion: 4 | 6
  readonly gatewayIp: string | null
  readonly enableDhcp: boolean
  readonly dnsNameservers: readonly string[]
  readonly hostRoutes: readonly Route[]
  readonly ipv6RaMode: string | null
  readonly ipv6AddressMode: string | null
  /** of a routed network: subnets with the same are on the same wire; absent: all of the network are */
  readonly segmentId?: string
  /** a router interface of the subnet owns `gatewayIp` */
  readonly routed: boolean
}

/** A network that is present on this host (a port, a router interface or its DHCP server is here). */
export interface NetworkView {
  readonly kind: 'network'
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly adminStateUp: boolean
  readonly type: NetworkType
  readonly physicalNetwork: string | null
  readonly segmentationId: number | null
  readonly mtu: number
  readonly external: boolean
  readonly dnsDomain: string
  readonly subnets: readonly SubnetView[]
  /** names of other hosts where the network is present: flood targets of a tunnel network */
  readonly peers: readonly string[]
  /** this host's DHCP agent serves the network, with this port (see `port`) */
  readonly dhcpPortId: string | null
}

/** A port that belongs on this host: of an instance, DHCP server or any kind of router interface. */
export interface PortView {
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
  readonly portSecurityEnabled: boolean
  /** ids, sorted; empty for trusted ports */
  readonly securityGroups: readonly string[]
  readonly allowedAddressPairs: readonly AddressPair[]
  readonly extraDhcpOpts: readonly ExtraDhcpOpt[]
  readonly dnsName: string
  /** a highly available router's, which another host has taken: here it waits in silence. Absent: it is in use here */
  readonly activeHost?: string
}

/**
 * A port on another host, or on none, of a network that is present here. Distributed router interfaces are
 * never neighbours (they are the same everywhere).
 */
export interface NeighbourView {
  readonly kind: 'neighbour'
  /** port id */
  readonly id: string
  readonly networkId: string
  readonly projectId: string
  /** null: not bound */
  readonly host: string | null
  readonly mac: string
  readonly fixedIps: readonly FixedIp[]
  readonly allowedAddressPairs: readonly AddressPair[]
  readonly deviceId: string
  readonly deviceOwner: string
  readonly extraDhcpOpts: readonly ExtraDhcpOpt[]
  readonly dnsName: string
}

/** An address of a router port with what the router needs to know of its subnet. */
export interface RouterAddress {
  readonly subnetId: string
  readonly ip: string
  readonly prefixLength: number
  readonly cidr: string
  readonly ipVersion: 4 | 6
  /** gateway_ip of the subnet */
  readonly gatewayIp: string | null
  readonly ipv6RaMode: string | null
}

export interface RouterPort {
  readonly portId: string
  readonly networkId: string
  readonly mac: string
  readonly mtu: number
  readonly addresses: readonly RouterAddress[]
}

/** How fast an address outside may send (`egress`) and be sent to. */
export interface AddressLimitView {
  readonly address: string
  readonly egress: RateLimit | null
  readonly ingress: RateLimit | null
}

export interface FloatingIpView {
  readonly id: string
  readonly floatingIp: string
  readonly fixedIp: string
  readonly portId: string
}

/** Ports of a floating IP that lead to ports of a fixed address: as many, or all of them to one. */
export interface PortForwardingView extends CloudPortForwarding {
  readonly floatingIpId: string
  readonly floatingIp: string
}

/** A router with a part on this host. */
export interface RouterView {
  readonly kind: 'router'
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly adminStateUp: boolean
  readonly distributed: boolean
  /** this host holds the central part: the snat namespace (distributed), the whole router (legacy) */
  readonly central: boolean
  /** internal interfaces (qr), one per port; identical on every host of a distributed router */
  readonly interfaces: readonly RouterPort[]
  /** centralized SNAT ports (sg); on every host, because the redirect routes point at them */
  readonly snatPorts: readonly RouterPort[]
  /** external gateway port (qg); plugged only where `central` */
  readonly gateway: RouterPort | null
  readonly externalNetworkId: string | null
  readonly enableSnat: boolean
  /** floating IPs whose NAT happens on this host (in qrouter; in snat when `central` and the port has no DVR host) */
  readonly floatingIps: readonly FloatingIpView[]
  /** distributed only: floating IPs that the central host holds because their port is bound to no DVR host */
  readonly centralFloatingIps: readonly FloatingIpView[]
  /** agent gateway port (fg) of this host on the external network; null when no floating IP is here */
  readonly agentGateway: RouterPort | null
  readonly routes: readonly Route[]
  /** sorted by id; only where `central`, also for a distributed router. Absent: none */
  readonly portForwardings?: readonly PortForwardingView[]
  /** of floating IPs and gateway addresses that this host holds; sorted by address. Absent: none */
  readonly limits?: readonly AddressLimitView[]
  /** sorted by id; wherever addresses are translated. Absent: none */
  readonly conntrackHelpers?: readonly CloudConntrackHelper[]
  /** addresses for which the router answers outside; absent: everything that is routed to it passes */
  readonly ndpProxies?: NdpProxiesView
  /** where `central`: one of several hosts that have the central part, of which VRRP chooses one. Absent: the only one */
  readonly ha?: RouterHaView
}

/** IPv6 addresses of instances, sorted: what comes in by the central part reaches those of `central` only. */
export interface NdpProxiesView {
  /** distributed only: of instances on this host, which answers for them itself */
  readonly here: readonly string[]
  /** where `central`: all of a legacy router; of a distributed one those that no host answers for itself */
  readonly central: readonly string[]
}

export interface RouterHaView {
  /** VRID, 1 to 254 */
  readonly vrId: number
  /** this host's port on the HA network (ha-) */
  readonly port: RouterPort
}

export interface SecurityGroupView {
  readonly kind: 'security_group'
  readonly id: string
  readonly stateful: boolean
  /** sorted by id */
  readonly rules: readonly CloudSecurityGroupRule[]
}

/** Addresses of the ports in a group, or of an address group, that a local rule names as remote group. Sorted. */
export interface GroupMembersView {
  readonly kind: 'group_members'
  /** what the rule has as `remoteGroupId` */
  readonly id: string
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
}

/** What a policy asks for a port on this host that is no part of the network service; directions as the instance sees them. */
export interface PortQosView {
  readonly kind: 'port_qos'
  /** port id */
  readonly id: string
  readonly egress: RateLimit | null
  readonly ingress: RateLimit | null
  readonly dscp: number | null
  /** absent: no limit of packet rates */
  readonly packets?: PacketRates
}

/** What of the packets of a filtered port on this host is to be written down. */
export interface PortLogView {
  readonly kind: 'port_log'
  /** port id */
  readonly id: string
  /** sorted by id, at least one */
  readonly logs: readonly PortLog[]
}

export interface PortLog {
  readonly id: string
  readonly projectId: string
  readonly event: CloudLog['event']
  /** of what is let through, only what rules of this group of the port do; null: of any */
  readonly groupId: string | null
}

/** A metering label of a router with a part on this host and a gateway. */
export interface MeteringLabelView {
  readonly kind: 'metering_label'
  readonly id: string
  readonly projectId: string
  /** counts at the routers of all projects */
  readonly shared: boolean
  /** sorted by id */
  readonly rules: readonly CloudMeteringRule[]
}

/** A port on this host that stands for a local IP: what the instances of its network here send to `ip` is for it. */
export interface LocalIpView {
  readonly kind: 'local_ip'
  /** `<local IP>:<port>` */
  readonly id: string
  readonly ip: string
  readonly mode: LocalIpMode
  readonly portId: string
  readonly fixedIp: string
}

/** A trunk with a port that the host is told of. Where its parent is bound, parent and subports are here as `port`. */
export interface TrunkView {
  readonly kind: 'trunk'
  readonly id: string
  /** the parent */
  readonly portId: string
  /** whose the parent is, and so the subports: their own `deviceId` is the trunk */
  readonly instanceId: string
  /** sorted by port id */
  readonly subports: readonly CloudSubport[]
}

export type HostObject =
  | SelfView
  | PeerView
  | NetworkView
  | PortView
  | PortQosView
  | TrunkView
  | NeighbourView
  | RouterView
  | SecurityGroupView
  | GroupMembersView
  | PortLogView
  | MeteringLabelView
  | LocalIpView

export type HostObjectKind = HostObject['kind']
export type HostObjectOf<K extends HostObjectKind> = Extract<HostObject, { kind: K }>

export function hostObjectKey(object: { kind: HostObjectKind; id: string }): string {
  return `${object.kind}/${object.id}`
}
