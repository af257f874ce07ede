import type { CloudPort, CloudRouter } from '../../model/cloud.js'
import { isDvrServiced, isRouterInterface, OWNER } from '../../model/owners.js'
import { boundHost, type Cloud } from './cloud.js'

export { boundHost }

/** Which routers and networks each host carries at one revision; shared by the projections of all hosts. */
export interface Placement {
  routersOn(host: string): ReadonlySet<string>
  networksOn(host: string): ReadonlySet<string>
  /** hosts where the network is present, sorted */
  hostsOf(networkId: string): readonly string[]
}

/** Internal interfaces of a router, sorted by port id. */
export function routerInterfaces(cloud: Cloud, router: CloudRouter): CloudPort[] {
  return cloud.portsOfDevice(router.id).filter((port) => isRouterInterface(port.deviceOwner))
}

/** Centralized SNAT ports of a distributed router. */
export function snatPorts(cloud: Cloud, router: CloudRouter): CloudPort[] {
  return cloud.portsOfDevice(router.id).filter((port) => port.deviceOwner === OWNER.centralizedSnat)
}

/**
 * Hosts with the router's central part, which a distributed one has with its gateway, though it may have been given its
 * agent by hand before: one, or those where a highly available router has a port on its HA network
 * (without that it could not tell that another host is active).
 */
export function centralHosts(cloud: Cloud, router: CloudRouter): string[] {
  if (router.distributed && !router.ha && router.externalNetworkId === null) return []
  if (!router.ha) return router.centralHost === null ? [] : [router.centralHost]
  return cloud
    .portsOfDevice(router.id)
    .flatMap((port) => (port.deviceOwner === OWNER.haInterface ? (boundHost(port) ?? []) : []))
}

/**
 * Where everything is (Neutron: "who gets a distributed router"): a distributed router is on each host with a
 * serviced port on one of its subnets, on hosts of routers that share a subnet with it, and on its SNAT host; a legacy
 * router on its one host. A network is where one of its ports or a router interface is.
 */
export function place(cloud: Cloud): Placement {
  const portsOn = Array.from(cloud.hostsWithPorts(), (host) => [host, cloud.portsOnHost(host)] as const)
  const routersOfSubnet = new SetMap<string>()
  const subnetsOfRouter = new SetMap<string>()
  const routersOn = new SetMap<string>()
  for (const router of cloud.routers()) {
    if (!router.adminStateUp) continue
    for (const host of centralHosts(cloud, router)) routersOn.add(host, router.id)
    if (!router.distributed) continue
    for (const port of routerInterfaces(cloud, router)) {
      for (const { subnetId } of port.fixedIps) {
        routersOfSubnet.add(subnetId, router.id)
        subnetsOfRouter.add(router.id, subnetId)
      }
    }
  }
  for (const [host, ports] of portsOn) {
    const subnets = ports.filter((port) => isDvrServiced(port.deviceOwner)).flatMap((port) => port.fixedIps)
    spread(
      subnets.map(({ subnetId }) => subnetId),
      routersOfSubnet,
      subnetsOfRouter,
      (id) => routersOn.add(host, id),
    )
  }
  const networksOn = new SetMap<string>()
  for (const [host, ports] of portsOn) for (const port of ports) networksOn.add(host, port.networkId)
  for (const [host, routers] of routersOn.entries()) {
    for (const id of routers) {
      for (const networkId of networksOfRouter(cloud, cloud.router(id)!, host)) networksOn.add(host, networkId)
    }
  }
  const hostsOf = networksOn.inverted()
  const sortedHosts = new Map([...hostsOf.entries()].map(([id, hosts]) => [id, [...hosts].sort()]))
  return {
    routersOn: (host) => routersOn.get(host),
    networksOn: (host) => networksOn.get(host),
    hostsOf: (networkId) => sortedHosts.get(networkId) ?? [],
  }
}

function networksOfRouter(cloud: Cloud, router: CloudRouter, host: string): string[] {
  const networks = routerInterfaces(cloud, router).map((port) => port.networkId)
  const central = centralHosts(cloud, router).includes(host)
  return central && router.externalNetworkId ? [...networks, router.externalNetworkId] : networks
}

/** Visits every router reachable from `subnets` over routers' common subnets. */
function spread(
  subnets: readonly string[],
  routersOfSubnet: SetMap<string>,
  subnetsOfRouter: SetMap<string>,
  visit: (routerId: string) => void,
): void {
  const seen = new Set<string>()
  const queue = [...new Set(subnets)]
  for (let subnetId = queue.pop(); subnetId !== undefined; subnetId = queue.pop()) {
    for (const routerId of routersOfSubnet.get(subnetId)) {
      if (seen.has(routerId)) continue
      seen.add(routerId)
      visit(routerId)
      queue.push(...subnetsOfRouter.get(routerId))
    }
  }
}

class SetMap<T> {
  readonly #map = new Map<string, Set<T>>()

  add(key: string, value: T): void {
    const set = this.#map.get(key)
    if (set) set.add(value)
    else this.#map.set(key, new Set([value]))
  }

  get(key: string): ReadonlySet<T> {
    return this.#map.get(key) ?? new Set()
  }

  entries(): IterableIterator<[string, Set<T>]> {
    return this.#map.entries()
  }

  /** value -> keys, for string values */
  inverted(this: SetMap<string>): SetMap<string> {
    const result = new SetMap<string>()
    for (const [key, values] of this.#map) for (const value of values) result.add(value, key)
    return result
  }
}
