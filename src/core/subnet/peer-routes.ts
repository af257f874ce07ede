import type { Route } from '../../model/cloud.js'
import { type Cidr, cidrOf, cidrRange } from '../../model/ip.js'
import { revise } from '../../store/standard-attributes.js'
import { type SubnetRecord, subnets, subnetsOfNetwork } from '../../store/subnets.js'
import type { Transaction } from '../../store/transaction.js'

type Routed = Pick<SubnetRecord, 'cidr' | 'ipVersion' | 'segmentId' | 'gatewayIp' | 'hostRoutes'>
type Peer = Pick<SubnetRecord, 'cidr' | 'ipVersion' | 'segmentId'>

/** What the routes were made for and no longer is. */
interface Former {
  readonly gatewayIp?: string | null
  /** prefix of a subnet that is gone */
  readonly deletedCidr?: string
}

/**
 * Host routes of a subnet of a routed network: its own, and over its gateway one to each subnet on the network's other
 * segments that none of them covers (Neutron: segments-peer-subnet-host-routes). Pure.
 */
export function withPeerRoutes(subnet: Routed, others: readonly Peer[], former: Former = {}): readonly Route[] {
  const { segmentId, gatewayIp, ipVersion } = subnet
  if (segmentId === null) return subnet.hostRoutes
  const peers = others.filter((other) => other.segmentId !== segmentId && other.ipVersion === ipVersion)
  const isFormer = ({ destination, nexthop }: Route) =>
    (nexthop === gatewayIp && destination === former.deletedCidr) ||
    (nexthop === former.gatewayIp && nexthop !== gatewayIp && peers.some(({ cidr }) => cidr === destination))
  const kept = subnet.hostRoutes.filter((route) => !isFormer(route))
  if (gatewayIp === null) return kept
  const known = kept.map(({ destination }) => cidrOf(destination))
  const missing = peers.filter(({ cidr }) => !known.some((other) => covers(other, cidrOf(cidr))))
  return [...kept, ...missing.map(({ cidr }) => ({ destination: cidr, nexthop: gatewayIp }))]
}

function covers(outer: Cidr, inner: Cidr): boolean {
  if (outer.version !== inner.version) return false
  const [whole, part] = [cidrRange(outer), cidrRange(inner)]
  return whole.first <= part.first && part.last <= whole.last
}

/** Brings the routes of a network's subnets in line after one of them came or went. */
export async function settlePeerRoutes(tx: Transaction, networkId: string, deletedCidr?: string): Promise<void> {
  const all = await subnetsOfNetwork(tx.db, networkId)
  for (const subnet of all) {
    const others = all.filter(({ id }) => id !== subnet.id)
    const hostRoutes = withPeerRoutes(subnet, others, deletedCidr === undefined ? {} : { deletedCidr })
    if (hostRoutes.length === subnet.hostRoutes.length && hostRoutes.every((r, i) => r === subnet.hostRoutes[i]))
      continue
    await revise(tx, subnets, subnet, { hostRoutes })
    tx.touch('subnet', subnet.id)
  }
}
