/** What a subnet must be, given its network's other subnets (reference: API, section 5). Pure; throws faults. */

import type { Route } from '../../model/cloud.js'
import {
  type Cidr,
  cidrContains,
  cidrOf,
  cidrRange,
  cidrsOverlap,
  formatCidr,
  intToIp,
  ipToInt,
  ipVersion,
  parseCidr,
} from '../../model/ip.js'
import type { Pool } from '../../store/subnets.js'
import { gatewayInPool, invalidInput, invalidPool, overlappingPools, poolOutOfBounds } from '../fault-messages.js'
import { hasAutoAddresses, isReserved } from '../ipam/subnet-facts.js'

/** The prefix of a new subnet; host bits are cleared. */
export function checkCidr(text: string, version: 4 | 6, enableDhcp: boolean): Cidr {
  const cidr = parseCidr(text)
  if (!cidr) throw invalidInput(`'${text}' is not a valid CIDR`)
  if (cidr.version !== version) {
    throw invalidInput(`CIDR '${text}' does not match the ip_version '${version}'`)
  }
  if (cidr.prefix === 0) throw invalidInput('0 is not allowed as CIDR prefix length')
  const address = intToIp(cidr.network, cidr.version)
  if (enableDhcp) {
    if (isMulticast(cidr)) throw invalidInput('Multicast IP subnet is not supported if enable_dhcp is True')
    if (isLoopback(cidr)) throw invalidInput('Loopback IP subnet is not supported if enable_dhcp is True')
    checkRoomForDhcp(cidr)
  }
  if (address === '0.0.0.0' && cidr.version === 4) throw invalidInput(`'${text}' is not a valid CIDR`)
  return cidr
}

/** A DHCP server needs an address beside the router's. */
export function checkRoomForDhcp(cidr: Cidr): void {
  const longest = cidr.version === 4 ? 30 : 126
  if (cidr.prefix > longest)
    throw invalidInput('Subnet has a prefix length that is incompatible with DHCP service enabled')
}

const MULTICAST: readonly Cidr[] = [cidrOf('224.0.0.0/4'), cidrOf('ff00::/8')]
const LOOPBACK: readonly Cidr[] = [cidrOf('127.0.0.0/8'), cidrOf('::1/128')]

const isMulticast = (cidr: Cidr) => MULTICAST.some((range) => cidrsOverlap(range, cidr))
const isLoopback = (cidr: Cidr) => LOOPBACK.some((range) => cidrsOverlap(range, cidr))

export function checkOverlap(cidr: Cidr, networkId: string, others: readonly { readonly cidr: string }[]): void {
  if (others.some((other) => cidrsOverlap(cidr, cidrOf(other.cidr)))) {
    throw invalidInput(
      `Requested subnet with cidr: ${formatCidr(cidr)} for network: ${networkId} overlaps with another subnet`,
    )
  }
}

interface Ipv6Modes {
  readonly ipVersion: 4 | 6
  readonly ipv6RaMode: string | null
  readonly ipv6AddressMode: string | null
  readonly enableDhcp: boolean
}

export function checkIpv6Modes(modes: Ipv6Modes, cidr: Cidr): void {
  const { ipv6RaMode, ipv6AddressMode } = modes
  if (ipv6RaMode === null && ipv6AddressMode === null) return
  if (modes.ipVersion === 4) {
    const name = ipv6RaMode === null ? 'ipv6_address_mode' : 'ipv6_ra_mode'
    throw invalidInput(`${name} is not valid when ip_version is 4`)
  }
  if (!modes.enableDhcp) {
    throw invalidInput('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False')
  }
  if (ipv6RaMode !== null && ipv6AddressMode !== null && ipv6RaMode !== ipv6AddressMode) {
    throw invalidInput(
      `ipv6_ra_mode set to '${ipv6RaMode}' with ipv6_address_mode set to '${ipv6AddressMode}' is not valid. ` +
        'If both attributes are set, they must be the same value',
    )
  }
  if (hasAutoAddresses(modes) && cidr.prefix !== 64) {
    throw invalidInput(
      `Invalid CIDR ${formatCidr(cidr)} for IPv6 address mode. OpenStack uses the EUI-64 address format, ` +
        'which requires the prefix to be /64',
    )
  }
}

/** First address after the network's own (IPv4 /31 and /32, IPv6 /128 included: the last then). */
export function defaultGateway(cidr: Cidr): string {
  const { first, last } = cidrRange(cidr)
  return intToIp(first + 1n > last ? last : first + 1n, cidr.version)
}

/** A gateway outside the subnet is allowed (an address on the link); one inside must be a host's. */
export function checkGateway(gateway: string, cidr: Cidr): void {
  if (ipVersion(gateway) !== cidr.version) {
    throw invalidInput(`gateway_ip '${gateway}' does not match the ip_version '${cidr.version}'`)
  }
  const isNetwork = cidr.version === 6 && cidr.prefix < 127 && ipToInt(gateway) === cidr.network
  if (cidrContains(cidr, gateway) && (isReserved(cidr, gateway) || isNetwork)) {
    throw invalidInput('Gateway is not valid on subnet')
  }
}

/** Everything but the gateway, the network and the broadcast address. */
export function defaultPools(cidr: Cidr, gateway: string | null): Pool[] {
  const { first, last } = cidrRange(cidr)
  const hostOnly = cidr.version === 4 ? cidr.prefix > 30 : cidr.prefix > 126
  const low = hostOnly ? first : first + 1n
  const high = hostOnly || cidr.version === 6 ? last : last - 1n
  const at = gateway !== null && ipVersion(gateway) === cidr.version ? ipToInt(gateway) : -1n
  const ranges: [bigint, bigint][] =
    at >= low && at <= high
      ? [
          [low, at - 1n],
          [at + 1n, high],
        ]
      : [[low, high]]
  return ranges
    .filter(([start, end]) => start <= end)
    .map(([start, end]) => ({ start: intToIp(start, cidr.version), end: intToIp(end, cidr.version) }))
}

const poolText = ({ start, end }: Pool) => `${start}-${end}`

/** Pools must be ranges inside the subnet that do not meet each other or the gateway. */
export function checkPools(pools: readonly Pool[], cidr: Cidr, gateway: string | null): void {
  for (const pool of pools) {
    if (ipVersion(pool.start) !== cidr.version || ipVersion(pool.end) !== cidr.version)
      throw invalidPool(poolText(pool))
    if (ipToInt(pool.end) < ipToInt(pool.start)) throw invalidPool(poolText(pool))
    const reserved = isReserved(cidr, pool.start) || isReserved(cidr, pool.end)
    if (reserved || !cidrContains(cidr, pool.start) || !cidrContains(cidr, pool.end)) {
      throw poolOutOfBounds(poolText(pool), formatCidr(cidr))
    }
  }
  const sorted = [...pools].sort((a, b) => (ipToInt(a.start) < ipToInt(b.start) ? -1 : 1))
  for (const [i, pool] of sorted.entries()) {
    const next = sorted[i + 1]
    if (next && ipToInt(next.start) <= ipToInt(pool.end)) {
      throw overlappingPools(poolText(pool), poolText(next), formatCidr(cidr))
    }
  }
  if (gateway !== null) checkGatewayOutsidePools(gateway, pools)
}

export function checkGatewayOutsidePools(gateway: string, pools: readonly Pool[]): void {
  for (const pool of pools) {
    if (ipVersion(gateway) !== ipVersion(pool.start)) continue
    const value = ipToInt(gateway)
    if (value >= ipToInt(pool.start) && value <= ipToInt(pool.end)) throw gatewayInPool(gateway, poolText(pool))
  }
}

export function checkHostRoutes(routes: readonly Route[], version: 4 | 6): void {
  for (const { destination, nexthop } of routes) {
    if (parseCidr(destination)?.version !== version) {
      throw invalidInput(`destination '${destination}' does not match the ip_version '${version}'`)
    }
    if (ipVersion(nexthop) !== version) {
      throw invalidInput(`nexthop '${nexthop}' does not match the ip_version '${version}'`)
    }
  }
}
