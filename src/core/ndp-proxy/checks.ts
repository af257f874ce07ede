import { isRouterInterface } from '../../model/owners.js'
import { ndpProxies } from '../../store/ndp-proxies.js'
import { loadNetwork } from '../../store/networks.js'
import { findPorts, type PortRecord } from '../../store/ports.js'
import type { RouterRecord } from '../../store/routers.js'
import type { Db } from '../../store/table.js'
import {
  duplicateProxy,
  invalidAddress,
  portUnreachable,
  portWithoutIpv6,
  proxiesNotEnabled,
  scopesDiffer,
} from './faults.js'

const ipv6Of = ({ fixedIps }: Pick<PortRecord, 'fixedIps'>) => fixedIps.filter(({ ip }) => ip.includes(':'))

/** The router's interfaces on the port's network; PortUnreachableRouter without any. */
export async function interfacesTowards(db: Db, port: PortRecord, routerId: string): Promise<PortRecord[]> {
  const found = await findPorts(db, { deviceId: routerId, networkId: port.networkId })
  const interfaces = found.filter(({ deviceOwner }) => isRouterInterface(deviceOwner))
  if (interfaces.length === 0) throw portUnreachable(port.id, routerId)
  return interfaces
}

/** The address that the router can answer for: the one that is asked for, or the port's first that it reaches. */
export function chooseAddress(
  port: PortRecord,
  routerId: string,
  interfaces: readonly PortRecord[],
  asked: string | null,
): string {
  const own = ipv6Of(port)
  if (own.length === 0) throw portWithoutIpv6(port.id)
  const reached = new Set(interfaces.flatMap(ipv6Of).map(({ subnetId }) => subnetId))
  if (asked === null) {
    const first = own.find(({ subnetId }) => reached.has(subnetId))
    if (!first) throw portUnreachable(port.id, routerId)
    return first.ip
  }
  const fixed = own.find(({ ip }) => ip === asked)
  if (!fixed) throw invalidAddress(asked, `This address not belong to the port ${port.id}`)
  if (!reached.has(fixed.subnetId)) throw invalidAddress(asked, `This address cannot reach the router ${routerId}`)
  return fixed.ip
}

export function checkEnabled(router: RouterRecord): void {
  if (!router.enableNdpProxy) throw proxiesNotEnabled(router.id)
}

/** Between address scopes nothing is routed, so there would be no way from outside to the address. */
export async function checkScopesMatch(db: Db, router: RouterRecord, port: PortRecord): Promise<void> {
  const outside = (await loadNetwork(db, router.gatewayNetworkId!))!.ipv6AddressScopeId
  const inside = (await loadNetwork(db, port.networkId))!.ipv6AddressScopeId
  if (outside !== inside) throw scopesDiffer(outside, inside)
}

export async function checkOnce(db: Db, routerId: string, ip: string): Promise<void> {
  if (await ndpProxies.findOne(db, { routerId, ip })) throw duplicateProxy(routerId, ip)
}
