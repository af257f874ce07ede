import { formatCidr, parseCidr } from '../../model/ip.js'
import { protocolNumber } from '../../model/protocols.js'

/** What a rule lets pass, apart from its id and texts. */
export interface RuleWords {
  readonly direction: 'ingress' | 'egress'
  readonly ethertype: 'IPv4' | 'IPv6'
  readonly protocol: string | null
  readonly portRangeMin: number | null
  readonly portRangeMax: number | null
  readonly remoteIpPrefix: string | null
  readonly remoteGroupId: string | null
  readonly remoteAddressGroupId: string | null
}

/** Equal text = equal rule; a group may hold each only once. */
export function meaningOf(rule: RuleWords): string {
  const { direction, ethertype, portRangeMin, portRangeMax, remoteIpPrefix, remoteGroupId, remoteAddressGroupId } = rule
  const prefix = remoteIpPrefix === null ? '' : normalizedCidr(remoteIpPrefix)
  return [
    direction,
    ethertype,
    protocol(rule),
    portRangeMin ?? '',
    portRangeMax ?? '',
    prefix,
    remoteGroupId ?? '',
    // at the end and only then, as rules from before address groups have it
    ...(remoteAddressGroupId === null ? [] : [remoteAddressGroupId]),
  ].join('|')
}

function protocol({ protocol, ethertype }: RuleWords): string {
  if (protocol === null || protocol === 'any') return ''
  // `icmp` in an IPv6 rule is ICMPv6
  if (ethertype === 'IPv6' && (protocol === 'icmp' || protocol === '1')) return '58'
  // a rule by name equals one by number
  return String(protocolNumber(protocol) ?? protocol)
}

/** `10.0.0.5/24` as `10.0.0.0/24`. */
export function normalizedCidr(text: string): string {
  const cidr = parseCidr(text)
  return cidr ? formatCidr(cidr) : text
}
