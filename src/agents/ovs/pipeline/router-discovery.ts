import type { Match } from '../../../dataplane/openflow/match.js'
import { ipVersion } from '../../../model/ip.js'
import { linkLocal } from '../../../model/mac.js'
import type { RouterInterface } from '../desired/routing.js'

/** ICMPv6 types of RFC 4861. */
const ROUTER_SOLICITATION = 133
const ROUTER_ADVERTISEMENT = 134
const NEIGHBOUR_SOLICITATION = 135

/**
 * What must not leave a host on the way to others that have the same distributed router, for an interface with IPv6:
 * its own advertisements (recognised by its MAC, so this comes before the MAC is replaced), and solicitations that
 * every other host's router would answer, too: of its addresses, the link-local one included, and of routers, where
 * ours is the one that advertises.
 */
export function discoveryOfRouter({ port: { mac, fixedIps }, on }: Pick<RouterInterface, 'port' | 'on'>): Match[] {
  const addresses = fixedIps.filter(({ ip }) => ipVersion(ip) === 6)
  if (addresses.length === 0) return []
  const isAdvertiser = addresses.some(
    ({ subnetId }) => (on.network.subnets.find(({ id }) => id === subnetId)?.ipv6RaMode ?? null) !== null,
  )
  const own = { proto: 'icmp6', vlan: on.vlan } as const
  return [
    { ...own, ethSrc: mac, icmpType: ROUTER_ADVERTISEMENT },
    ...[...addresses.map(({ ip }) => ip), linkLocal(mac)].map(
      (ndTarget): Match => ({ ...own, icmpType: NEIGHBOUR_SOLICITATION, ndTarget }),
    ),
    ...(isAdvertiser ? [{ ...own, icmpType: ROUTER_SOLICITATION }] : []),
  ]
}
