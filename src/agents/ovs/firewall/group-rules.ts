import { printedProtocol } from '../../../dataplane/iptables/protocol-names.js'
import type { Family } from '../../../dataplane/iptables/types.js'
import type { CloudSecurityGroupRule } from '../../../model/cloud.js'
import { cidrOf, formatCidr } from '../../../model/ip.js'
import { PROTOCOL_NUMBERS, protocolNumber } from '../../../model/protocols.js'
import { setName } from './sets.js'

/** What a rule with a remote group refers to: the members, or a set that holds them. */
export interface Remotes {
  readonly useSets: boolean
  /** addresses and prefixes of a group's ports */
  readonly members: (groupId: string, family: Family) => readonly string[]
}

type Rule = CloudSecurityGroupRule

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
  const name = protocolName(rule.protocol, family)
  if (name === null) return null
  if (name === 'icmp' || name === 'ipv6-icmp') return `-p ${name}${icmpMatch(rule, name)}`
  return `-p ${name}${portMatch(rule, name)}`
}

/** Written by name; an older /etc/protocols may not have the others. */
const NAMED: ReadonlySet<number> = new Set(Object.values(PROTOCOL_NUMBERS))

/** As iptables-save prints it; null: any protocol. 0 says the same, whatever it is called. */
function protocolName(protocol: string | null, family: Family): string | null {
  const text = protocol?.toLowerCase() ?? 'any'
  const number = text === 'any' ? 0 : protocolNumber(text)
  // nothing but what the API accepted comes here; a word that iptables does not know closes the port
  if (number === null) return text
  if (number === 0) return null
  const meant = number === 1 && family === 'ipv6' ? 58 : number
  return NAMED.has(meant) ? printedProtocol(meant) : String(meant)
}

/** Minimum is the type, maximum the code; both may be 0. */
function icmpMatch({ portMin, portMax }: Rule, name: 'icmp' | 'ipv6-icmp'): string {
  if (portMin === null) return ''
  if (portMin === ANY_TYPE && name === 'icmp') return ` -m u32 --u32 "${icmpBytes(portMax)}"`
  const [module, option] = name === 'icmp' ? ['icmp', 'icmp-type'] : ['icmp6', 'icmpv6-type']
  return ` -m ${module} --${option} ${portMin}${portMax === null ? '' : `/${portMax}`}`
}

/** iptables takes type 255 for every type. */
const ANY_TYPE = 255

/** Type 255, and a code, read from the bytes behind the IP header, as iptables-save prints it. */
function icmpBytes(code: number | null): string {
  const header = '0x0>>0x16&0x3c@0x0'
  return code === null ? `${header}>>0x18=0xff` : `${header}>>0x10=0xff${code.toString(16).padStart(2, '0')}`
}

function portMatch({ portMin, portMax }: Rule, name: string): string {
  if (portMin === null || portMax === null) return ''
  const hasModule = PORT_MODULES.has(name)
  if (portMin === portMax && hasModule) return ` -m ${name} --dport ${portMin}`
  const module = name === 'tcp' || name === 'udp' ? ` -m ${name}` : ''
  return `${module} -m multiport --dports ${portMin === portMax ? portMin : `${portMin}:${portMax}`}`
}
