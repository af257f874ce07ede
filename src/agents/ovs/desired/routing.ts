import type { PortView, SubnetView } from '../../../bus/contracts/host-view.js'
import { cidrContains, cidrOf, hostAddress, ipVersion } from '../../../model/ip.js'
import { isDvrServiced, OWNER } from '../../../model/owners.js'
import { type Facts, type LocalNetwork, type LocalPort, sorted } from './facts.js'

/** An interface of a distributed router on a network that is here. It exists on every host with the same MAC. */
export interface RouterInterface {
  readonly port: PortView
  readonly on: LocalNetwork
  /** OpenFlow port of its `qr-` device; null until the L3 agent plugged it */
  readonly ofport: number | null
}

/** A local MAC that another host's router may send to, and the router MAC those frames must show. */
export interface ServicedMac {
  readonly mac: string
  /** sorted; several when the MAC is in allowed pairs of several ports here, of which one has it at a time */
  readonly ofports: readonly number[]
  readonly on: LocalNetwork
  readonly gatewayMac: string
  /** only for IPv6: the port's IPv4 and IPv6 subnets have different router interfaces */
  readonly ipv6Only: boolean
}

export interface DistributedRouting {
  /** source MAC of routed frames of this host on the wire */
  readonly ownMac: string
  /** the same of the other hosts */
  readonly otherMacs: readonly string[]
  readonly interfaces: readonly RouterInterface[]
  readonly serviced: readonly ServicedMac[]
}

/** Null when routing on this host is not distributed, or the server has not assigned a MAC yet. */
export function distributedRouting(facts: Facts): DistributedRouting | null {
  const ownMac = facts.self?.dvrMac
  if (!facts.settings.distributedRouting || !ownMac) return null
  const otherMacs = facts.peers.flatMap(({ dvrMac }) => (dvrMac && dvrMac !== ownMac ? [dvrMac] : []))
  return {
    ownMac,
    otherMacs: [...new Set(otherMacs)].sort(),
    interfaces: routerInterfaces(facts),
    serviced: servicedMacs(facts),
  }
}

/** Those that own a subnet's gateway address first: where only one per network can win, they do. */
function routerInterfaces(facts: Facts): RouterInterface[] {
  const networks = new Map(facts.networks.map((on) => [on.network.id, on]))
  const plugged = new Map(facts.ports.map(({ port, ofport }) => [port.id, ofport]))
  const found = sorted(facts.view.all('port')).flatMap((port): RouterInterface[] => {
    const on = networks.get(port.networkId)
    if (port.deviceOwner !== OWNER.distributedRouterInterface || !on) return []
    return [{ port, on, ofport: plugged.get(port.id) ?? null }]
  })
  const isGateway = ({ port, on }: RouterInterface) => on.network.subnets.some((subnet) => ownsGateway(port, subnet))
  return [...found.filter(isGateway), ...found.filter((candidate) => !isGateway(candidate))]
}

function ownsGateway(port: PortView, subnet: SubnetView): boolean {
  return port.fixedIps.some(({ subnetId, ip }) => subnetId === subnet.id && ip === subnet.gatewayIp)
}

/**
 * MAC under which each subnet's distributed router shows itself, by subnet id: that of the interface with the gateway
 * address; where there is none (it came by a port of another address), that of the first interface.
 */
function gatewayMacs(facts: Facts): Map<string, string> {
  const owners = new Map<string, string>()
  const others = new Map<string, string>()
  const claim = (subnetId: string, mac: string, isGateway: boolean) => {
    const macs = isGateway ? owners : others
    if (!macs.has(subnetId)) macs.set(subnetId, mac)
  }
  // routers tell of interfaces whose port is not (yet) in the view
  for (const router of sorted(facts.view.all('router')).filter(({ distributed }) => distributed)) {
    for (const { mac, addresses } of router.interfaces) {
      for (const { subnetId, ip, gatewayIp } of addresses) claim(subnetId, mac, ip === gatewayIp)
    }
  }
  for (const port of sorted(facts.view.all('port'))) {
    if (port.deviceOwner !== OWNER.distributedRouterInterface) continue
    const subnets = facts.view.get('network', port.networkId)?.subnets ?? []
    for (const { subnetId, ip } of port.fixedIps) {
      claim(subnetId, port.mac, subnets.find(({ id }) => id === subnetId)?.gatewayIp === ip)
    }
  }
  return new Map([...others, ...owners])
}

function servicedMacs(facts: Facts): ServicedMac[] {
  const gateways = gatewayMacs(facts)
  const found = new Map<string, ServicedMac>()
  for (const local of facts.ports.filter(({ port }) => isServiced(port.deviceOwner) && port.activeHost === undefined)) {
    for (const each of macsOf(local, gateways)) {
      const key = `${each.on.vlan} ${each.mac} ${each.ipv6Only}`
      const same = found.get(key)
      found.set(key, same ? { ...same, ofports: merged(same.ofports, each.ofports) } : each)
    }
  }
  return [...found.values()]
}

const merged = (a: readonly number[], b: readonly number[]) => [...new Set([...a, ...b])].sort((x, y) => x - y)

/** The centralized SNAT port is reached by other hosts' routers exactly like an instance. */
function isServiced(owner: string): boolean {
  return isDvrServiced(owner) || owner === OWNER.centralizedSnat
}

function macsOf({ port, ofport, on }: LocalPort, gateways: ReadonlyMap<string, string>): ServicedMac[] {
  const routed = port.fixedIps.flatMap(({ subnetId, ip }) => {
    const mac = gateways.get(subnetId)
    return mac ? [{ version: ipVersion(ip), subnetId, mac }] : []
  })
  const first = routed.find(({ version }) => version === 4) ?? routed[0]
  if (!first) return []
  const v6 = routed.find(({ version }) => version === 6)
  return [port.mac, ...pairMacs(port, on)].flatMap((mac): ServicedMac[] => [
    { mac, ofports: [ofport], on, gatewayMac: first.mac, ipv6Only: false },
    ...(v6 && v6.mac !== first.mac ? [{ mac, ofports: [ofport], on, gatewayMac: v6.mac, ipv6Only: true }] : []),
  ])
}

/** MACs of the allowed pairs that are one address inside a subnet of the port. */
function pairMacs(port: PortView, { network }: LocalNetwork): string[] {
  const own = new Set(port.fixedIps.map(({ subnetId }) => subnetId))
  const subnets = network.subnets.filter(({ id }) => own.has(id)).map(({ cidr }) => cidrOf(cidr))
  const macs = port.allowedAddressPairs.flatMap(({ ip, mac }) => {
    const address = hostAddress(ip)
    return address !== null && subnets.some((subnet) => cidrContains(subnet, address)) ? [mac] : []
  })
  return [...new Set(macs)].filter((mac) => mac !== port.mac).sort()
}
