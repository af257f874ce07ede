import type { PortView } from '../../../bus/contracts/host-view.js'
import type { Connection } from '../../../dataplane/conntrack/connection.js'
import type { CloudSecurityGroupRule } from '../../../model/cloud.js'
import { cidrContains, cidrOf } from '../../../model/ip.js'
import { linkLocal } from '../../../model/mac.js'
import { protocolNumber } from '../../../model/protocols.js'
import type { FilteredPort, Members } from './hybrid.js'

type Rule = CloudSecurityGroupRule
type Direction = Rule['direction']

/** Whether a group's members include an address; asked often, so prepared once. */
export type MemberTest = (groupId: string, address: string) => boolean

export function memberTest(members: ReadonlyMap<string, Members>): MemberTest {
  const prepared = new Map<string, { readonly single: ReadonlySet<string>; readonly prefixes: readonly string[] }>()
  return (groupId, address) => {
    let group = prepared.get(groupId)
    if (!group) {
      const { ipv4 = [], ipv6 = [] } = members.get(groupId) ?? {}
      const all = [...ipv4, ...ipv6]
      group = { single: new Set(all), prefixes: all.filter((member) => member.includes('/')) }
      prepared.set(groupId, group)
    }
    return group.single.has(address) || group.prefixes.some((prefix) => contains(prefix, address))
  }
}

/**
 * Whether the rules of a port would let the connection's first packet through now. Must say what the chains of
 * `port-rules.ts` do. Answers of DHCP servers pass whatever the rules are.
 */
export function isAllowed(connection: Connection, { port, rules }: FilteredPort, isMember: MemberTest): boolean {
  if (isDhcp(connection)) return true
  const directions = directionsOf(connection, port)
  return directions.every((direction) =>
    rules.some((rule) => rule.direction === direction && matches(rule, connection, isMember)),
  )
}

function isDhcp({ protocol, ports }: Connection): boolean {
  if (protocol !== 17 || !ports) return false
  const [low, high] = [ports.source, ports.destination].sort((a, b) => a - b)
  return (low === 67 && high === 68) || (low === 546 && high === 547)
}

/**
 * Who began: the port itself, somebody else, or perhaps either when its addresses do not tell. A port can send from
 * its own addresses only (anti-spoofing), so that any other source is somebody else.
 */
function directionsOf({ source, destination }: Connection, port: PortView): Direction[] {
  const own = new Set([...port.fixedIps.map(({ ip }) => ip), linkLocal(port.mac)])
  const pairs = port.allowedAddressPairs.map(({ ip }) => ip)
  const anything = port.fixedIps.length === 0
  const paired = (address: string) => anything || own.has(address) || pairs.some((pair) => contains(pair, address))
  if (!paired(source)) return ['ingress']
  if (!paired(destination)) return ['egress']
  if (own.has(source) !== own.has(destination)) return [own.has(source) ? 'egress' : 'ingress']
  return ['egress', 'ingress']
}

function matches(rule: Rule, connection: Connection, isMember: MemberTest): boolean {
  if (rule.ethertype !== (connection.family === 'ipv4' ? 'IPv4' : 'IPv6')) return false
  if (!matchesProtocol(rule, connection)) return false
  const remote = rule.direction === 'ingress' ? connection.source : connection.destination
  if (rule.remoteGroupId !== null) return isMember(rule.remoteGroupId, remote)
  return rule.remoteIpPrefix === null || contains(rule.remoteIpPrefix, remote)
}

function matchesProtocol(rule: Rule, { family, protocol, ports, icmp }: Connection): boolean {
  const asked = protocolNumber(rule.protocol?.toLowerCase() ?? 'ip') ?? -1
  if (asked === 0) return true
  if ((asked === 1 && family === 'ipv6' ? 58 : asked) !== protocol) return false
  const { portMin: min, portMax: max } = rule
  if (min === null) return true
  if (icmp) return icmp.type === min && (max === null || icmp.code === max)
  return ports !== null && ports.destination >= min && ports.destination <= (max ?? min)
}

function contains(prefix: string, address: string): boolean {
  return cidrContains(cidrOf(prefix), address)
}
