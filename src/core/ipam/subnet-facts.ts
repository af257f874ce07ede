import { type Cidr, cidrContains, cidrOf, cidrRange, ipToInt } from '../../model/ip.js'
import { OWNER } from '../../model/owners.js'
import type { SubnetRecord } from '../../store/subnets.js'

type Modes = Pick<SubnetRecord, 'ipVersion' | 'ipv6AddressMode'>

/** Instances make their own address from the router's prefix and their MAC: the server only records it. */
export function hasAutoAddresses({ ipVersion, ipv6AddressMode }: Modes): boolean {
  return ipVersion === 6 && (ipv6AddressMode === 'slaac' || ipv6AddressMode === 'dhcpv6-stateless')
}

const CHOOSES_OWN_ADDRESS: readonly string[] = [
  OWNER.routerInterface,
  OWNER.distributedRouterInterface,
  OWNER.haRouterInterface,
  OWNER.centralizedSnat,
]

/**
 * Interfaces of routers are given addresses even on subnets where hosts make their own. A gateway port is none: on its
 * network the router is a host like any other.
 */
export function isRouterPort(deviceOwner: string): boolean {
  return CHOOSES_OWN_ADDRESS.includes(deviceOwner)
}

/** Whether a port may have the address: inside the prefix and neither its network nor its broadcast address. */
export function isUsableAddress(cidrText: string, ip: string): boolean {
  const cidr = cidrOf(cidrText)
  if (!cidrContains(cidr, ip)) return false
  return !isReserved(cidr, ip)
}

/** Network and broadcast address of an IPv4 prefix that has them (up to /30); none in IPv6. */
export function isReserved(cidr: Cidr, ip: string): boolean {
  if (cidr.version === 6 || cidr.prefix > 30) return false
  const { first, last } = cidrRange(cidr)
  const value = ipToInt(ip)
  return value === first || value === last
}
