import type { ConnectionFilter } from '../../../dataplane/conntrack/delete.js'
import type { CloudSecurityGroupRule } from '../../../model/cloud.js'
import { ipVersion } from '../../../model/ip.js'
import type { FilteredPort, Firewall } from './hybrid.js'

/** What was allowed at one time. */
export type Granted = Pick<Firewall, 'ports' | 'members'>

type Family = 'ipv4' | 'ipv6'

/**
 * Connections that the change from `before` to `after` no longer allows: established ones would otherwise live on,
 * because their packets never reach the group's rules.
 */
export function revokedConnections(before: Granted, after: Granted): ConnectionFilter[] {
  const now = new Map(after.ports.map((filtered) => [filtered.port.id, filtered]))
  return before.ports.flatMap((old) => {
    const current = now.get(old.port.id)
    // the zone may be given to the next port at once
    if (!current || current.zone !== old.zone) return [wholeZone('ipv4', old.zone), wholeZone('ipv6', old.zone)]
    return [...lostRules(old, current), ...lostMembers(old, current, before, after)]
  })
}

const wholeZone = (family: Family, zone: number): ConnectionFilter => ({ family, zone })

function lostRules(old: FilteredPort, current: FilteredPort): ConnectionFilter[] {
  const kept = new Set(current.rules.map(meaning))
  const lost = old.rules.filter((rule) => !kept.has(meaning(rule)))
  return unique(lost.flatMap((rule) => filtersOf(old, rule, [])))
}

function lostMembers(old: FilteredPort, current: FilteredPort, before: Granted, after: Granted): ConnectionFilter[] {
  const filters = current.rules.flatMap((rule) => {
    if (rule.remoteGroupId === null) return []
    const family = familyOf(rule)
    const were = before.members.get(rule.remoteGroupId)?.[family] ?? []
    const are = after.members.get(rule.remoteGroupId)?.[family] ?? []
    if (were === are) return []
    const still = new Set(are)
    const gone = were.filter((member) => !still.has(member))
    return gone.length === 0 ? [] : filtersOf(old, rule, gone)
  })
  return unique(filters)
}

/** Per address of the port; `remotes` empty: with whomever. */
function filtersOf(
  { port, zone }: FilteredPort,
  rule: CloudSecurityGroupRule,
  remotes: readonly string[],
): ConnectionFilter[] {
  const family = familyOf(rule)
  const version = family === 'ipv4' ? 4 : 6
  const own = port.fixedIps.map(({ ip }) => ip).filter((ip) => ipVersion(ip) === version)
  const protocol = protocolOf(rule)
  return own.flatMap((ip) =>
    (remotes.length === 0 ? [undefined] : remotes).map((remote) => ({
      family,
      zone,
      ...(protocol === null ? {} : { protocol }),
      ...(rule.direction === 'ingress' ? ends(remote, ip) : ends(ip, remote)),
    })),
  )
}

function ends(
  source: string | undefined,
  destination: string | undefined,
): Pick<ConnectionFilter, 'source' | 'destination'> {
  return { ...(source === undefined ? {} : { source }), ...(destination === undefined ? {} : { destination }) }
}

function familyOf(rule: CloudSecurityGroupRule): Family {
  return rule.ethertype === 'IPv4' ? 'ipv4' : 'ipv6'
}

function protocolOf({ protocol, ethertype }: CloudSecurityGroupRule): string | null {
  const name = protocol?.toLowerCase() ?? 'any'
  if (name === 'any' || name === '0') return null
  return ethertype === 'IPv6' && ['icmp', 'ipv6-icmp', '58', '1'].includes(name) ? 'icmpv6' : name
}

/** Rules are the same when they mean the same, whatever their id or group. */
function meaning({ id: _, ...rest }: CloudSecurityGroupRule): string {
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function unique(filters: readonly ConnectionFilter[]): ConnectionFilter[] {
  return [...new Map(filters.map((filter) => [JSON.stringify(filter), filter])).values()]
}
