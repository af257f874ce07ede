import type { NeighbourView, PortView, RouterView } from '../../../bus/contracts/host-view.js'
import type { HostView } from '../../../bus/contracts/view.js'
import type { NeighbourSpec } from '../../../dataplane/ip/types.js'
import { qrName } from '../../../model/device-names.js'
import { isRouterInterface } from '../../../model/owners.js'
import { SharedAddresses } from '../../common/shared-addresses.js'

type AnyPort = PortView | NeighbourView

/** Subnet id -> address -> MAC, made once per pass and shared by all routers. */
export type NeighbourIndex = ReadonlyMap<string, ReadonlyMap<string, string>>

/**
 * Who certainly has which address: a port that is bound has its own, unless an allowed address pair says that another
 * one may have it. What is not certain (virtual addresses, addresses reserved with a port that is nowhere) is asked
 * for on the network, which tells the truth at every moment.
 */
export function neighbourIndex(view: HostView): NeighbourIndex {
  const certain = new Map<string, Map<string, string>>()
  const all: AnyPort[] = [...view.all('port'), ...view.all('neighbour')]
  const ports = all.filter((port) => !isRouterInterface(port.deviceOwner))
  const shared = SharedAddresses.of(ports)
  for (const port of ports.filter(isBound)) {
    for (const { subnetId, ip } of port.fixedIps) {
      if (shared.has(port, ip)) continue
      const ofSubnet = certain.get(subnetId) ?? new Map<string, string>()
      certain.set(subnetId, ofSubnet.set(ip, port.mac))
    }
  }
  return certain
}

const isBound = (port: AnyPort) => port.kind === 'port' || port.host !== null

/**
 * Permanent entries of a distributed router's internal interfaces (§9.1): its address is on every host, so that each
 * answer to its requests has to go to all of them.
 */
export function routerNeighbours(router: RouterView, index: NeighbourIndex): NeighbourSpec[] {
  const entries = new Map<string, NeighbourSpec>()
  for (const port of router.interfaces) {
    const device = qrName(port.portId)
    const set = (ip: string, mac: string) => void entries.set(`${ip} ${device}`, { ip, mac, device })
    for (const { subnetId } of port.addresses) {
      for (const [ip, mac] of index.get(subnetId) ?? []) set(ip, mac)
      for (const snat of router.snatPorts) {
        for (const address of snat.addresses) if (address.subnetId === subnetId) set(address.ip, snat.mac)
      }
    }
    for (const { ip } of port.addresses) entries.delete(`${ip} ${device}`)
  }
  return [...entries.values()]
}
