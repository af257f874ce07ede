import type {
  CloudFloatingIp,
  CloudLog,
  CloudNetwork,
  CloudPort,
  CloudRouter,
  CloudSecurityGroupRule,
  CloudSubnet,
  Segment,
} from '../../model/cloud.js'
import { cidrOf } from '../../model/ip.js'
import { isRouterInterface, isTrustedOwner, OWNER } from '../../model/owners.js'
import type {
  AddressLimitView,
  FloatingIpView,
  GroupMembersView,
  HostObject,
  LocalIpView,
  MeteringLabelView,
  NdpProxiesView,
  NeighbourView,
  NetworkView,
  PeerView,
  PortLogView,
  PortQosView,
  PortView,
  RouterAddress,
  RouterPort,
  RouterView,
  SecurityGroupView,
  SubnetView,
  TrunkView,
} from '../contracts/host-view.js'
import type { Cloud } from './cloud.js'
import { boundHost, centralHosts, type Placement, routerInterfaces, snatPorts } from './placement.js'

const TUNNEL_TYPES: readonly string[] = ['gre', 'vxlan', 'geneve']

/**
 * Read before changing: everything an agent knows passes through here. One host's objects at one revision, as a
 * pure function of the cloud; sorted inside, so that equal clouds give equal views whatever the order of changes.
 */
export function projectHost(cloud: Cloud, placement: Placement, host: string): HostObject[] {
  const self = cloud.host(host)
  const networkIds = [...placement.networksOn(host)].sort()
  const routers = [...placement.routersOn(host)].sort().map((id) => cloud.router(id)!)
  const ports = localPorts(cloud, host, routers)
  const localIds = new Set(ports.map((port) => port.id))
  const networks = networkIds.flatMap((id) => {
    const network = cloud.network(id)
    return network ? [network] : []
  })
  const around = networks.flatMap((network) => neighbours(cloud, network, localIds))
  return [
    { kind: 'self', id: host, dvrMac: self?.dvrMac ?? null, l3AgentId: self?.l3AgentId ?? null },
    ...peers(cloud, placement, host, networkIds),
    ...networks.map((network) => networkView(cloud, placement, host, network, ports)),
    ...ports.map((port) => portView(port, waitsFor(cloud, port, host))),
    ...ports.flatMap((port) => portQos(cloud, port)),
    ...ports.flatMap((port) => localIps(cloud, port, host)),
    ...around,
    ...trunks(cloud, [...ports, ...around]),
    ...routers.map((router) => routerView(cloud, host, router)),
    ...securityGroups(cloud, ports),
    ...portLogs(cloud, ports),
    ...meteringLabels(cloud, routers),
  ]
}

/** Ports that belong on the host: bound ones, and the interfaces of its routers. */
function localPorts(cloud: Cloud, host: string, routers: readonly CloudRouter[]): CloudPort[] {
  const ports = new Map(cloud.portsOnHost(host).map((port) => [port.id, port]))
  for (const router of routers) {
    const central = centralHosts(cloud, router).includes(host)
    for (const port of cloud.portsOfDevice(router.id)) {
      if (port.deviceOwner === OWNER.haInterface) continue
      const here = isRouterInterface(port.deviceOwner) ? router.distributed || central : central
      if (here) ports.set(port.id, port)
      else ports.delete(port.id)
    }
  }
  return [...ports.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function peers(cloud: Cloud, placement: Placement, host: string, networkIds: readonly string[]): PeerView[] {
  const names = new Set(networkIds.flatMap((id) => placement.hostsOf(id)))
  names.delete(host)
  return [...names].sort().flatMap((name) => {
    const peer = cloud.host(name)
    if (!peer) return []
    const { dvrMac, tunnelIp, tunnelMac, tunnelTypes } = peer
    return [{ kind: 'peer' as const, id: name, dvrMac, tunnelIp, tunnelMac, tunnelTypes }]
  })
}

/** Where the network is on a host: of several segments (a routed network: with subnets) the first that its agent can reach. */
function segmentOn(cloud: Cloud, network: CloudNetwork, host: string): Segment {
  const [first = NO_SEGMENT] = network.segments
  if (network.segments.length < 2) return first
  const routed = new Set(cloud.subnetsOf(network.id).flatMap(({ segmentId }) => segmentId ?? []))
  const open = network.segments.filter(({ id }) => routed.size === 0 || (id !== undefined && routed.has(id)))
  return open.find((segment) => reaches(cloud, host, segment)) ?? open[0] ?? first
}

const NO_SEGMENT: Segment = { networkType: 'local', physicalNetwork: null, segmentationId: null }

function networkView(
  cloud: Cloud,
  placement: Placement,
  host: string,
  network: CloudNetwork,
  ports: readonly CloudPort[],
): NetworkView {
  const segment = segmentOn(cloud, network, host)
  const dhcpPort = network.dhcpHosts.includes(host)
    ? ports.find((port) => port.networkId === network.id && port.deviceOwner === OWNER.dhcp)
    : undefined
  return {
    kind: 'network',
    id: network.id,
    projectId: network.projectId,
    name: network.name,
    adminStateUp: network.adminStateUp,
    type: segment.networkType,
    physicalNetwork: segment.physicalNetwork,
    segmentationId: segment.segmentationId,
    mtu: network.mtu,
    external: network.external,
    dnsDomain: network.dnsDomain,
    subnets: cloud.subnetsOf(network.id).map((subnet) => subnetView(cloud, subnet)),
    peers: placement.hostsOf(network.id).filter((name) => name !== host && sharesWire(cloud, network, segment, name)),
    dhcpPortId: dhcpPort?.id ?? null,
  }
}

/** Whether the host has the network on the same segment. */
function sharesWire(cloud: Cloud, network: CloudNetwork, segment: Segment, host: string): boolean {
  if (segmentOn(cloud, network, host) !== segment) return false
  return !TUNNEL_TYPES.includes(segment.networkType) || reaches(cloud, host, segment)
}

function reaches(cloud: Cloud, name: string, { networkType, physicalNetwork }: Segment): boolean {
  const host = cloud.host(name)
  if (networkType === 'local') return true
  if (!TUNNEL_TYPES.includes(networkType)) return Object.hasOwn(host?.bridgeMappings ?? {}, physicalNetwork ?? '')
  return host?.tunnelIp != null && host.tunnelTypes.includes(networkType)
}

function subnetView(cloud: Cloud, subnet: CloudSubnet): SubnetView {
  const { kind: _, networkId, ...facts } = subnet
  const routed = cloud
    .portsOfNetwork(networkId)
    .some(
      (port) =>
        isRouterInterface(port.deviceOwner) &&
        port.fixedIps.some((fixed) => fixed.subnetId === facts.id && fixed.ip === facts.gatewayIp),
    )
  return { ...facts, routed }
}

// Views of ports are made once per value of the port: an unchanged port gives the very same view object, which
// makes comparing two projections cheap.
const portViews = new WeakMap<CloudPort, PortView>()
/** of ports that wait on other hosts than the active one: they say the same to all of those */
const waitingViews = new WeakMap<CloudPort, PortView>()
const neighbourViews = new WeakMap<CloudPort, NeighbourView>()

function memo<T>(cache: WeakMap<CloudPort, T>, port: CloudPort, make: (port: CloudPort) => T): T {
  let view = cache.get(port)
  if (!view) {
    view = make(port)
    cache.set(port, view)
  }
  return view
}

/** The host that has a highly available router's port in use, when that is another than `host`. */
function waitsFor(cloud: Cloud, port: CloudPort, host: string): string | null {
  if (!cloud.router(port.deviceId)?.ha || port.deviceOwner === OWNER.distributedRouterInterface) return null
  const active = boundHost(port)
  return active === host ? null : active
}

function portView(port: CloudPort, activeHost: string | null): PortView {
  if (activeHost !== null) return memo(waitingViews, port, () => ({ ...portView(port, null), activeHost }))
  return memo(portViews, port, () => ({
    kind: 'port',
    id: port.id,
    networkId: port.networkId,
    projectId: port.projectId,
    name: port.name,
    mac: port.mac,
    fixedIps: port.fixedIps,
    deviceId: port.deviceId,
    deviceOwner: port.deviceOwner,
    adminStateUp: port.adminStateUp,
    portSecurityEnabled: port.portSecurityEnabled,
    securityGroups: isTrustedOwner(port.deviceOwner) ? [] : [...port.securityGroups].sort(),
    allowedAddressPairs: port.allowedAddressPairs,
    extraDhcpOpts: port.extraDhcpOpts,
    dnsName: port.dnsName,
  }))
}

/** Trunks that a port is a part of. A neighbour's parent is of no interest. */
function trunks(cloud: Cloud, ports: readonly (CloudPort | NeighbourView)[]): TrunkView[] {
  const found = ports.flatMap((port) =>
    port.deviceOwner === OWNER.trunkSubport
      ? (cloud.trunk(port.deviceId) ?? [])
      : 'status' in port
        ? cloud.trunksOf(port.id)
        : [],
  )
  return [...new Set(found)]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, portId, subports }) => {
      return { kind: 'trunk', id, portId, instanceId: cloud.port(portId)?.deviceId ?? '', subports }
    })
}

/** A port's own policy, else its network's: that one is for instances only. */
function portQos(cloud: Cloud, port: CloudPort): PortQosView[] {
  const ofNetwork = /^(network|neutron):/.test(port.deviceOwner)
    ? undefined
    : cloud.network(port.networkId)?.qosPolicyId
  const policy = cloud.qosPolicy(port.qosPolicyId ?? ofNetwork ?? '')
  if (!policy) return []
  const { egress, ingress, dscp, packets } = policy
  if (egress === null && ingress === null && dscp === null && !packets) return []
  return [{ kind: 'port_qos', id: port.id, egress, ingress, dscp, ...(packets && { packets }) }]
}

/** Local IPs that a port of the host stands for. */
function localIps(cloud: Cloud, port: CloudPort, host: string): LocalIpView[] {
  if (boundHost(port) !== host) return []
  return cloud.localIpsOf(port.id).flatMap(({ id, ip, mode, associations }) => {
    const { fixedIp } = associations.find(({ portId }) => portId === port.id)!
    return [{ kind: 'local_ip', id: `${id}:${port.id}`, ip, mode, portId: port.id, fixedIp }]
  })
}

/** Owners that stand for no single place (distributed interfaces) or for no device at all (floating IPs). */
const NEVER_NEIGHBOURS: readonly string[] = [OWNER.distributedRouterInterface, OWNER.floatingIp]

function neighbours(cloud: Cloud, network: CloudNetwork, localIds: ReadonlySet<string>): NeighbourView[] {
  // on an external network with a wire of its own, addresses are learned there
  if (network.external && !network.segments.some(({ networkType }) => TUNNEL_TYPES.includes(networkType))) return []
  return cloud
    .portsOfNetwork(network.id)
    .filter((port) => !localIds.has(port.id) && !NEVER_NEIGHBOURS.includes(port.deviceOwner))
    .map((port) =>
      memo(neighbourViews, port, () => ({
        kind: 'neighbour',
        id: port.id,
        networkId: port.networkId,
        projectId: port.projectId,
        host: boundHost(port),
        mac: port.mac,
        fixedIps: port.fixedIps,
        allowedAddressPairs: port.allowedAddressPairs,
        deviceId: port.deviceId,
        deviceOwner: port.deviceOwner,
        extraDhcpOpts: port.extraDhcpOpts,
        dnsName: port.dnsName,
      })),
    )
}

// ── routers ─────────────────────────────────────────────────────────────────────

function routerView(cloud: Cloud, host: string, router: CloudRouter): RouterView {
  const central = centralHosts(cloud, router).includes(host)
  const gateway = router.gatewayPortId ? cloud.port(router.gatewayPortId) : undefined
  const { here, onCentral } = floatingIps(cloud, host, router, central)
  const forwardings = portForwardings(cloud, router, central)
  const proxies = ndpProxies(cloud, host, router, central)
  const held = [...here, ...(central ? onCentral : []), ...(forwardings.portForwardings ?? [])]
  return {
    kind: 'router',
    id: router.id,
    projectId: router.projectId,
    name: router.name,
    adminStateUp: router.adminStateUp,
    distributed: router.distributed,
    central,
    interfaces: routerInterfaces(cloud, router).map((port) => routerPort(cloud, port)),
    snatPorts: snatPorts(cloud, router).map((port) => routerPort(cloud, port)),
    gateway: gateway ? routerPort(cloud, gateway) : null,
    externalNetworkId: router.externalNetworkId,
    enableSnat: router.enableSnat,
    floatingIps: here,
    centralFloatingIps: central ? onCentral : [],
    agentGateway:
      here.length > 0 || (proxies.ndpProxies?.here ?? []).length > 0 ? agentGateway(cloud, host, router) : null,
    routes: router.routes,
    ...forwardings,
    ...addressLimits(cloud, router, new Set(held.map(({ floatingIp }) => floatingIp)), central ? gateway : undefined),
    ...(router.conntrackHelpers && { conntrackHelpers: router.conntrackHelpers }),
    ...proxies,
    ...haView(cloud, host, router),
  }
}

function routerPort(cloud: Cloud, port: CloudPort): RouterPort {
  return {
    portId: port.id,
    networkId: port.networkId,
    mac: port.mac,
    mtu: cloud.network(port.networkId)?.mtu ?? 1500,
    addresses: port.fixedIps.flatMap(({ subnetId, ip }): RouterAddress[] => {
      const subnet = cloud.subnet(subnetId)
      if (!subnet) return []
      const { cidr, ipVersion, gatewayIp, ipv6RaMode } = subnet
      return [{ subnetId, ip, prefixLength: cidrOf(cidr).prefix, cidr, ipVersion, gatewayIp, ipv6RaMode }]
    }),
  }
}

/** Whether the host does the NAT of its own instances' floating IPs. */
function isDvrHost(cloud: Cloud, host: string | null): boolean {
  const mode = host === null ? null : cloud.host(host)?.l3Mode
  return mode === 'dvr' || mode === 'dvr_snat'
}

function floatingIps(
  cloud: Cloud,
  host: string,
  router: CloudRouter,
  central: boolean,
): { here: FloatingIpView[]; onCentral: FloatingIpView[] } {
  const here: FloatingIpView[] = []
  const onCentral: FloatingIpView[] = []
  for (const fip of cloud.floatingIpsOf(router.id)) {
    const port = fip.portId ? cloud.port(fip.portId) : undefined
    if (!port || fip.fixedIp === null) continue
    const portHost = boundHost(port)
    if (!router.distributed) {
      if (central) here.push(floatingIpView(fip))
    } else if (!isDvrHost(cloud, portHost)) onCentral.push(floatingIpView(fip))
    else if (portHost === host) here.push(floatingIpView(fip))
  }
  return { here, onCentral }
}

function ndpProxies(
  cloud: Cloud,
  host: string,
  router: CloudRouter,
  central: boolean,
): { ndpProxies?: NdpProxiesView } {
  if (!router.ndpProxies || router.gatewayPortId === null) return {}
  const hosts = router.ndpProxies.map(({ ip, portId }) => {
    const port = cloud.port(portId)
    return { ip, portHost: port ? boundHost(port) : null }
  })
  const isLocal = (portHost: string | null) => router.distributed && isDvrHost(cloud, portHost)
  const here = hosts.filter(({ portHost }) => portHost === host && isLocal(portHost)).map(({ ip }) => ip)
  const onCentral = hosts.filter(({ portHost }) => !isLocal(portHost)).map(({ ip }) => ip)
  return { ndpProxies: { here, central: central ? onCentral : [] } }
}

function haView(cloud: Cloud, host: string, router: CloudRouter): Pick<RouterView, 'ha'> {
  const port = cloud
    .portsOfDevice(router.id)
    .find((each) => each.deviceOwner === OWNER.haInterface && boundHost(each) === host)
  return router.ha && port ? { ha: { vrId: router.ha.vrId, port: routerPort(cloud, port) } } : {}
}

/** Forwarded ports are translated beside the gateway port, wherever the instances are. */
function portForwardings(cloud: Cloud, router: CloudRouter, central: boolean): Pick<RouterView, 'portForwardings'> {
  if (!central) return {}
  const all = cloud
    .floatingIpsOf(router.id)
    .flatMap(({ id, floatingIp, portForwardings = [] }) =>
      portForwardings.map((each) => ({ ...each, floatingIpId: id, floatingIp })),
    )
  return all.length === 0 ? {} : { portForwardings: all.sort((a, b) => (a.id < b.id ? -1 : 1)) }
}

/**
 * Limits of floating IPs that the host holds, and of the gateway port's addresses (IPv4: others are nobody's but the
 * router's): by a policy of their own, else by their external network's.
 */
function addressLimits(
  cloud: Cloud,
  router: CloudRouter,
  held: ReadonlySet<string>,
  gateway: CloudPort | undefined,
): Pick<RouterView, 'limits'> {
  const limit = (address: string, policyId: string | undefined): AddressLimitView[] => {
    const { egress = null, ingress = null } = cloud.qosPolicy(policyId ?? '') ?? {}
    return egress || ingress ? [{ address, egress, ingress }] : []
  }
  const ofNetwork = (id: string | null) => (id === null ? undefined : cloud.network(id)?.qosPolicyId)
  const own = (gateway?.fixedIps ?? []).filter(({ ip }) => !ip.includes(':'))
  const limits = [
    ...cloud
      .floatingIpsOf(router.id)
      .filter(({ floatingIp }) => held.has(floatingIp))
      .flatMap((fip) => limit(fip.floatingIp, fip.qosPolicyId ?? ofNetwork(fip.floatingNetworkId))),
    ...own.flatMap(({ ip }) => limit(ip, router.gatewayQosPolicyId ?? ofNetwork(router.externalNetworkId))),
  ]
  return limits.length === 0 ? {} : { limits: limits.sort((a, b) => (a.address < b.address ? -1 : 1)) }
}

function floatingIpView(fip: CloudFloatingIp): FloatingIpView {
  return { id: fip.id, floatingIp: fip.floatingIp, fixedIp: fip.fixedIp!, portId: fip.portId! }
}

function agentGateway(cloud: Cloud, host: string, router: CloudRouter): RouterPort | null {
  if (!router.distributed || !router.externalNetworkId) return null
  const port = cloud
    .portsOfNetwork(router.externalNetworkId)
    .find((candidate) => candidate.deviceOwner === OWNER.agentGateway && candidate.host === host)
  return port ? routerPort(cloud, port) : null
}

// ── security groups ─────────────────────────────────────────────────────────────

function securityGroups(cloud: Cloud, ports: readonly CloudPort[]): (SecurityGroupView | GroupMembersView)[] {
  const groupIds = [...new Set(ports.filter(isFiltered).flatMap((port) => port.securityGroups))].sort()
  const groups = groupIds.flatMap((id) => {
    const group = cloud.securityGroup(id)
    return group ? [group] : []
  })
  const named = groups.flatMap((group) => group.rules)
  const remoteIds = new Set(named.flatMap((rule) => rule.remoteGroupId ?? []))
  const addressGroupIds = new Set(named.flatMap((rule) => rule.remoteAddressGroupId ?? []))
  return [
    ...groups.map(({ id, stateful, rules }): SecurityGroupView => {
      const sorted = rules.map(viewedRule).sort((a, b) => (a.id < b.id ? -1 : 1))
      return { kind: 'security_group', id, stateful, rules: sorted }
    }),
    ...[...remoteIds].sort().map((id) => groupMembers(cloud, id)),
    ...[...addressGroupIds].sort().map((id) => membersView(id, cloud.addressGroup(id)?.addresses ?? [])),
  ]
}

/** Whether the addresses are those of a group's ports or of an address group makes no difference to a host. */
function viewedRule({ remoteAddressGroupId, ...rule }: CloudSecurityGroupRule): CloudSecurityGroupRule {
  return remoteAddressGroupId === undefined ? rule : { ...rule, remoteGroupId: remoteAddressGroupId }
}

function groupMembers(cloud: Cloud, groupId: string): GroupMembersView {
  const ips = cloud
    .portsInGroup(groupId)
    .flatMap((port) => [...port.fixedIps.map(({ ip }) => ip), ...port.allowedAddressPairs.map(({ ip }) => ip)])
  return membersView(groupId, ips)
}

function membersView(id: string, addresses: readonly string[]): GroupMembersView {
  const unique = [...new Set(addresses)].sort()
  return {
    kind: 'group_members',
    id,
    ipv4: unique.filter((ip) => !ip.includes(':')),
    ipv6: unique.filter((ip) => ip.includes(':')),
  }
}

function isFiltered(port: CloudPort): boolean {
  return port.portSecurityEnabled && !isTrustedOwner(port.deviceOwner)
}

function portLogs(cloud: Cloud, ports: readonly CloudPort[]): PortLogView[] {
  const logs = cloud.logs().sort((a, b) => (a.id < b.id ? -1 : 1))
  if (logs.length === 0) return []
  return ports.filter(isFiltered).flatMap((port) => {
    const own = logs.filter((log) => isAbout(log, port))
    if (own.length === 0) return []
    const views = own.map(({ id, projectId, event, groupId }) => ({ id, projectId, event, groupId }))
    return [{ kind: 'port_log' as const, id: port.id, logs: views }]
  })
}

/** A log that names neither a group nor a port is about the ports of its project. */
function isAbout({ projectId, groupId, portId }: CloudLog, port: CloudPort): boolean {
  if (groupId === null && portId === null) return port.projectId === projectId
  return (portId === null || portId === port.id) && (groupId === null || port.securityGroups.includes(groupId))
}

// ── metering ────────────────────────────────────────────────────────────────────

/** Labels of the projects of these routers, and everybody's: they count at external gateways. */
function meteringLabels(cloud: Cloud, routers: readonly CloudRouter[]): MeteringLabelView[] {
  const projects = new Set(routers.filter((router) => router.gatewayPortId !== null).map((router) => router.projectId))
  if (projects.size === 0) return []
  return cloud
    .meteringLabels()
    .filter(({ projectId, shared }) => shared || projects.has(projectId))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}
