import type { Family } from '../../../dataplane/iptables/types.js'
import type { CloudSecurityGroupRule } from '../../../model/cloud.js'
import { cidrOf, formatCidr } from '../../../model/ip.js'
import { setName } from './sets.js'

/** What a rule with a remote group refers to: the members, or a set that holds them. */
export interface Remotes {
  readonly useSets: boolean
  /** addresses and prefixes of a group's ports */
  readonly members: (groupId: string, family: Family) => readonly string[]
}

type Rule = CloudSecurityGroupRule

/** Protocols as iptables-save prints them; the API knows some by other names. */
const PRINTED: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '2': 'igmp',
  '4': 'ipencap',
  '6': 'tcp',
  '8': 'egp',
  '17': 'udp',
  '33': 'dccp',
  '41': 'ipv6',
  '43': 'ipv6-route',
  '44': 'ipv6-frag',
  '46': 'rsvp',
  '47': 'gre',
  '50': 'esp',
  '51': 'ah',
  '58': 'ipv6-icmp',
  '59': 'ipv6-nonxt',
  '60': 'ipv6-opts',
  '89': 'ospf',
  '112': 'vrrp',
  '113': 'pgm',
  '132': 'sctp',
  '136': 'udplite',
  icmpv6: 'ipv6-icmp',
  ipip: 'ipencap',
  'ipv6-encap': 'ipv6',
}

/** Those whose match module takes `--dport`; udplite has none. */
const PORT_MODULES = new Set(['tcp', 'udp', 'sctp', 'dccp'])

/** A group's rule as iptables rules (several for a remote group without sets, none for an empty group). */
export function translateRule(
  rule: Rule,
  family: Family,
  ownAddresses: ReadonlySet<string>,
  remotes: Remotes,
): string[] {
  if (rule.ethertype !== (family === 'ipv4' ? 'IPv4' : 'IPv6')) return []
  const protocol = protocolMatch(rule, family)
  const line = (...parts: (string | null)[]) =>
    [...parts, '-j RETURN'].filter((part) => part !== null && part !== '').join(' ')
  if (rule.remoteGroupId === null) return [line(prefixMatch(rule, rule.remoteIpPrefix), protocol)]
  const members = remotes.members(rule.remoteGroupId, family)
  if (members.length === 0) return []
  if (remotes.useSets) {
    const side = rule.direction === 'ingress' ? 'src' : 'dst'
    return [line(protocol, `-m set --match-set ${setName(rule.remoteGroupId, family)} ${side}`)]
  }
  return members.filter((ip) => !ownAddresses.has(ip)).map((ip) => line(prefixMatch(rule, ip), protocol))
}

function prefixMatch({ direction }: Rule, prefix: string | null): string | null {
  if (prefix === null) return null
  const cidr = cidrOf(prefix)
  return cidr.prefix === 0 ? null : `${direction === 'ingress' ? '-s' : '-d'} ${formatCidr(cidr)}`
}

function protocolMatch(rule: Rule, family: Family): string | null {
  const name = printedProtocol(rule.protocol, family)
  if (name === null) return null
  if (name === 'icmp' || name === 'ipv6-icmp') return `-p ${name}${icmpMatch(rule, name)}`
  return `-p ${name}${portMatch(rule, name)}`
}

/** Null: any protocol. */
function printedProtocol(protocol: string | null, family: Family): string | null {
  const text = protocol?.toLowerCase() ?? 'any'
  if (text === 'any' || text === '0') return null
  const name = PRINTED[text] ?? text
  return name === 'icmp' && family === 'ipv6' ? 'ipv6-icmp' : name
}

/** Minimum is the type, maximum the code; both may be 0. */
function icmpMatch({ portMin, portMax }: Rule, name: 'icmp' | 'ipv6-icmp'): string {
  if (portMin === null) return ''
  const [module, option] = name === 'icmp' ? ['icmp', 'icmp-type'] : ['icmp6', 'icmpv6-type']
  return ` -m ${module} --${option} ${portMin}${portMax === null ? '' : `/${portMax}`}`
}

function portMatch({ portMin, portMax }: Rule, name: string): string {
  if (portMin === null || portMax === null) return ''
  const hasModule = PORT_MODULES.has(name)
  if (portMin === portMax && hasModule) return ` -m ${name} --dport ${portMin}`
  const module = name === 'tcp' || name === 'udp' ? ` -m ${name}` : ''
  return `${module} -m multiport --dports ${portMin === portMax ? portMin : `${portMin}:${portMax}`}`
}
