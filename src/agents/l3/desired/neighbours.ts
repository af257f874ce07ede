import type { NeighbourView, PortView, RouterView } from '../../../bus/contracts/host-view.js'
import type { HostView } from '../../../bus/contracts/view.js'
import type { NeighbourSpec } from '../../../dataplane/ip/types.js'
import { qrName } from '../../../model/device-names.js'
import { cidrContains, cidrOf, hostAddress, ipVersion } from '../../../model/ip.js'
import { isRouterInterface } from '../../../model/owners.js'
import { SharedAddresses } from '../../common/shared-addresses.js'

type AnyPort = PortView | NeighbourView

/** MACs by subnet and by network, made once per pass and shared by all routers. */
export interface NeighbourIndex {
  /** subnet id -> address -> MAC */
  readonly fixed: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** network id -> IPv6 address of allowed address pairs -> MAC, null when several ports claim it */
  readonly pairs: ReadonlyMap<string, ReadonlyMap<string, string | null>>
}

/**
 * Who certainly has which address: a port that is bound has its own, unless an allowed address pair says that another
 * one may have it. What is not certain (virtual addresses, addresses reserved with a port that is nowhere) is asked
 * for by ARP, which tells the truth at every moment. Between distributed routers there is no such way for IPv6:
 * there an address of a pair is taken for its port's as long as there is one only.
 */
export function neighbourIndex(view: HostView): NeighbourIndex {
  const fixed = new Map<string, Map<string, string>>()
  const pairs = new Map<string, Map<string, string | null>>()
  const all: AnyPort[] = [...view.all('port'), ...view.all('neighbour')]
  const ports = all.filter((port) => !isRouterInterface(port.deviceOwner))
  const shared = SharedAddresses.of(ports)
  for (const port of ports) {
    for (const { subnetId, ip } of isBound(port) ? port.fixedIps : []) {
      if (ipVersion(ip) === 6 || !shared.has(port, ip)) inner(fixed, subnetId).set(ip, port.mac)
    }
    for (const pair of port.allowedAddressPairs) {
      const ip = hostAddress(pair.ip)
      if (ip === null || ipVersion(ip) === 4) continue
      const ofNetwork = inner(pairs, port.networkId)
      const known = ofNetwork.get(ip)
      ofNetwork.set(ip, known === undefined || known === pair.mac ? pair.mac : null)
    }
  }
  return { fixed, pairs }
}

const isBound = (port: AnyPort) => port.kind === 'port' || port.host !== null

function inner<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const found = map.get(key) ?? new Map<string, V>()
  map.set(key, found)
  return found
}

/**
 * Permanent entries of a distributed router's internal interfaces (§9.1): its address is on every host, so an
 * answer to its own ARP request may never find its way back.
 */
export function routerNeighbours(router: RouterView, index: NeighbourIndex): NeighbourSpec[] {
  const entries = new Map<string, NeighbourSpec>()
  for (const port of router.interfaces) {
    const device = qrName(port.portId)
    const set = (ip: string, mac: string) => void entries.set(`${ip} ${device}`, { ip, mac, device })
    for (const { subnetId, cidr } of port.addresses) {
      const subnet = cidrOf(cidr)
      for (const [ip, mac] of index.pairs.get(port.networkId) ?? []) if (mac && cidrContains(subnet, ip)) set(ip, mac)
      for (const [ip, mac] of index.fixed.get(subnetId) ?? []) set(ip, mac)
      for (const snat of router.snatPorts) {
        for (const address of snat.addresses) if (address.subnetId === subnetId) set(address.ip, snat.mac)
      }
    }
    for (const { ip } of port.addresses) entries.delete(`${ip} ${device}`)
  }
  return [...entries.values()]
}
