import { formatCidr, parseCidr } from '../../model/ip.js'

/** What a rule lets pass, apart from its id and texts. */
export interface RuleWords {
  readonly direction: 'ingress' | 'egress'
  readonly ethertype: 'IPv4' | 'IPv6'
  readonly protocol: string | null
  readonly portRangeMin: number | null
  readonly portRangeMax: number | null
  readonly remoteIpPrefix: string | null
  readonly remoteGroupId: string | null
}

/** Names that say the same protocol: a rule by name equals one by number. */
const NUMBERS: Readonly<Record<string, number>> = {
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  egp: 8,
  udp: 17,
  dccp: 33,
  'ipv6-encap': 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  icmpv6: 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  ospf: 89,
  vrrp: 112,
  pgm: 113,
  sctp: 132,
  udplite: 136,
}

/** Equal text = equal rule; a group may hold each only once. */
export function meaningOf(rule: RuleWords): string {
  const { direction, ethertype, portRangeMin, portRangeMax, remoteIpPrefix, remoteGroupId } = rule
  const prefix = remoteIpPrefix === null ? '' : normalizedCidr(remoteIpPrefix)
  return [
    direction,
    ethertype,
    protocol(rule),
    portRangeMin ?? '',
    portRangeMax ?? '',
    prefix,
    remoteGroupId ?? '',
  ].join('|')
}

function protocol({ protocol, ethertype }: RuleWords): string {
  if (protocol === null || protocol === 'any') return ''
  // `icmp` in an IPv6 rule is ICMPv6
  if (ethertype === 'IPv6' && (protocol === 'icmp' || protocol === '1')) return '58'
  return String(NUMBERS[protocol] ?? protocol)
}

/** `10.0.0.5/24` as `10.0.0.0/24`. */
export function normalizedCidr(text: string): string {
  const cidr = parseCidr(text)
  return cidr ? formatCidr(cidr) : text
}
