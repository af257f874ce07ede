import { cidrOf, cidrsOverlap } from '../../model/ip.js'
import type { SubnetRecord } from '../../store/subnets.js'
import {
  alreadyOnSubnet,
  foreignRouterAdvertisements,
  overlappingSubnets,
  secondIpv6Port,
  severalIpv4Subnets,
} from './faults.js'

/** The subnets of one port of a router. */
export interface AttachedPort {
  readonly portId: string
  readonly networkId: string
  readonly subnets: readonly SubnetRecord[]
}

/** A router joins a subnet once, and no two of its subnets may claim the same addresses. */
export function checkNewSubnets(attached: readonly AttachedPort[], added: readonly SubnetRecord[]): void {
  const present = attached.flatMap(({ subnets }) => subnets)
  for (const subnet of added) {
    if (present.some(({ id }) => id === subnet.id)) throw alreadyOnSubnet(subnet.id)
  }
  for (const subnet of added) {
    const other = present.find(({ cidr }) => cidrsOverlap(cidrOf(cidr), cidrOf(subnet.cidr)))
    if (other) throw overlappingSubnets(subnet, other)
  }
}

/** Somebody else announces prefixes on such a subnet: a router of ours would be a second voice. */
export function checkRouterAdvertisements(subnet: SubnetRecord): void {
  if (subnet.ipVersion === 6 && subnet.ipv6RaMode === null && subnet.ipv6AddressMode !== null) {
    throw foreignRouterAdvertisements(subnet.id)
  }
}

/** What a port must be like to become a router's interface: one IPv4 subnet, and the only IPv6 port on its network. */
export function checkPortSubnets(
  attached: readonly AttachedPort[],
  networkId: string,
  subnets: readonly SubnetRecord[],
): void {
  if (subnets.filter(({ ipVersion }) => ipVersion === 4).length > 1) throw severalIpv4Subnets()
  for (const subnet of subnets) checkRouterAdvertisements(subnet)
  const other = ipv6PortOn(attached, networkId)
  if (other && subnets.some(({ ipVersion }) => ipVersion === 6)) throw secondIpv6Port(other.portId, networkId)
  checkNewSubnets(attached, subnets)
}

/** The router's interface that carries the network's IPv6 subnets, all of them. */
export function ipv6PortOn(attached: readonly AttachedPort[], networkId: string): AttachedPort | undefined {
  return attached.find((port) => port.networkId === networkId && port.subnets.some(({ ipVersion }) => ipVersion === 6))
}
