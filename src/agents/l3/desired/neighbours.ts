import type { NeighbourView, PortView, RouterView } from '../../../bus/contracts/host-view.js'
import type { HostView } from '../../../bus/contracts/view.js'
import type { NeighbourSpec } from '../../../dataplane/ip/types.js'
import { qrName } from '../../../model/device-names.js'
import { cidrContains, cidrOf } from '../../../model/ip.js'
import { isRouterInterface } from '../../../model/owners.js'

type AnyPort = PortView | NeighbourView

/** MACs by subnet and by network, made once per pass and shared by all routers. */
export interface NeighbourIndex {
  /** subnet id -> address -> MAC */
  readonly fixed: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** network id -> address of allowed address pairs -> MAC, null when several ports claim it */
  readonly pairs: ReadonlyMap<string, ReadonlyMap<string, string | null>>
}

/**
 * Who has which address. An address that somebody holds as an allowed address pair belongs to that port rather than
 * to an unbound port it was reserved with; when several ports may hold it, nothing is fixed and ARP decides.
 */
export function neighbourIndex(view: HostView): NeighbourIndex {
  const fixed = new Map<string, Map<string, string>>()
  const pairs = new Map<string, Map<string, string | null>>()
  const unbound: AnyPort[] = []
  const ports: AnyPort[] = [...view.all('port'), ...view.all('neighbour')].filter(
    (port) => !isRouterInterface(port.deviceOwner),
  )
  for (const port of ports) {
    if (port.kind === 'neighbour' && port.host === null && port.deviceOwner === '') unbound.push(port)
    else addFixed(fixed, port)
    for (const pair of port.allowedAddressPairs) {
      const ip = pair.ip.replace(/\/(32|128)$/, '')
      if (ip.includes('/')) continue
      const ofNetwork = inner(pairs, port.networkId)
      const known = ofNetwork.get(ip)
      ofNetwork.set(ip, known === undefined || known === pair.mac ? pair.mac : null)
    }
  }
  for (const port of unbound) {
    const claimed = pairs.get(port.networkId)
    addFixed(fixed, { ...port, fixedIps: port.fixedIps.filter(({ ip }) => !claimed?.has(ip)) })
  }
  return { fixed, pairs }
}

function addFixed(fixed: Map<string, Map<string, string>>, port: AnyPort): void {
  for (const { subnetId, ip } of port.fixedIps) inner(fixed, subnetId).set(ip, port.mac)
}

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
