import type { SubnetView } from '../../../bus/contracts/host-view.js'
import type { DnsmasqRange } from '../../../dataplane/dnsmasq/arguments.js'
import { cidrOf } from '../../../model/ip.js'
import type { ServedNetwork } from './served-network.js'

/** IPv6 addresses or options of the subnet come from DHCPv6, not from router advertisements alone. */
export function isDhcpV6({ ipv6AddressMode, ipv6RaMode }: SubnetView): boolean {
  if (ipv6AddressMode === null) return ipv6RaMode === null
  return ipv6AddressMode === 'dhcpv6-stateful' || ipv6AddressMode === 'dhcpv6-stateless'
}

/** Hosts form their addresses from the router's prefix: DHCPv6 has at most other settings for them. */
export function hasOwnAddresses({ ipVersion, ipv6AddressMode }: SubnetView): boolean {
  return ipVersion === 6 && (ipv6AddressMode === 'slaac' || ipv6AddressMode === 'dhcpv6-stateless')
}

/** Subnets that dnsmasq serves. It refuses IPv6 prefixes shorter than 64 bits. */
export function ranges({ subnets }: ServedNetwork): DnsmasqRange[] {
  return [...subnets.values()]
    .filter((subnet) => subnet.ipVersion === 4 || (isDhcpV6(subnet) && cidrOf(subnet.cidr).prefix >= 64))
    .map(({ id, cidr }) => ({ subnetId: id, cidr }))
}
