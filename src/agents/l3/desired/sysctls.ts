import type { RouterPort } from '../../../bus/contracts/host-view.js'

/**
 * Settings of every namespace of the L3 agent. Reverse path filtering is switched off here too and not only on
 * the host: floating IPs take another way in than out, and a new namespace inherits what the host had.
 */
export const NAMESPACE_SYSCTLS = {
  'net.ipv4.ip_forward': '1',
  'net.ipv6.conf.all.forwarding': '1',
  'net.ipv4.conf.all.arp_ignore': '1',
  'net.ipv4.conf.all.arp_announce': '2',
  'net.ipv4.conf.all.rp_filter': '0',
  // an address takes the place of another of its subnet: without this the kernel would take the new one away with
  // the old one, and every route of the device with them
  'net.ipv4.conf.all.promote_secondaries': '1',
  'net.ipv4.conf.default.rp_filter': '0',
  'net.netfilter.nf_conntrack_tcp_be_liberal': '1',
} as const

export function rpFilterOff(devices: readonly string[]): Record<string, string> {
  return Object.fromEntries(devices.map((device) => [`net.ipv4.conf.${device}.rp_filter`, '0']))
}

/**
 * Makes devices believe newer ARP at once. The kernel's default ignores for a second that an address changed its MAC,
 * and asks a silent neighbour only where it was last, never everybody.
 */
export function followMoves(devices: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    devices.flatMap((device) => [
      [`net.ipv4.neigh.${device}.locktime`, '0'],
      [`net.ipv4.neigh.${device}.mcast_resolicit`, '3'],
    ]),
  )
}

/**
 * A gateway port with IPv6 addresses on subnets that name no gateway learns its default route from advertisements, also
 * while it forwards (2); its addresses stay those that were allocated.
 */
export function gatewayAdvertisements(device: string, { addresses }: RouterPort): Record<string, string> {
  const ipv6 = addresses.filter(({ ipVersion }) => ipVersion === 6)
  if (ipv6.length === 0 || ipv6.some(({ gatewayIp }) => gatewayIp !== null)) return {}
  return { [`net.ipv6.conf.${device}.accept_ra`]: '2', [`net.ipv6.conf.${device}.autoconf`]: '0' }
}
