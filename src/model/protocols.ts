/**
 * IP protocols by the names that a security group rule may use (Neutron: `IP_PROTOCOL_MAP`), with IANA's numbers.
 * Not all of them mean the same elsewhere: /etc/protocols gives the name `ipip` to 94 and calls 4 `ipencap`.
 */
export const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = {
  ah: 51, dccp: 33, egp: 8, esp: 50, gre: 47, hopopt: 0, icmp: 1, icmpv6: 58, igmp: 2, ip: 0, ipip: 4,
  'ipv6-encap': 41, 'ipv6-frag': 44, 'ipv6-icmp': 58, 'ipv6-nonxt': 59, 'ipv6-opts': 60, 'ipv6-route': 43,
  ospf: 89, pgm: 113, rsvp: 46, sctp: 132, tcp: 6, udp: 17, udplite: 136, vrrp: 112,
} // biome-ignore format: a table reads better in rows

/** Number of a protocol given by name or number; null when it is neither (0–255). */
export function protocolNumber(text: string): number | null {
  if (Object.hasOwn(PROTOCOL_NUMBERS, text)) return PROTOCOL_NUMBERS[text]!
  const number = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  return number <= 255 ? number : null
}
