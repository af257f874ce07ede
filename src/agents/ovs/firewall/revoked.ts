import type { ZoneChange } from '../../../dataplane/conntrack/change.js'
import type { Connection } from '../../../dataplane/conntrack/connection.js'
import type { CloudSecurityGroupRule } from '../../../model/cloud.js'
import { isAllowed, memberTest } from './allowed.js'
import type { FilteredPort, Firewall } from './hybrid.js'

/** What was allowed at one time. */
export type Granted = Pick<Firewall, 'ports' | 'members'>

/** What a change of the rules means for connections that were let in before. */
export interface Review {
  /** zones of ports that ended: nothing in them counts any more; a zone may be given to the next port at once */
  readonly ended: readonly number[]
  /** ports that allow something less than before: each of their connections has to be looked at */
  readonly narrowed: readonly FilteredPort[]
  /** ports that allow something more, or otherwise: only what was ended before is of interest */
  readonly changed: readonly FilteredPort[]
}

/** `before` null: nothing is known of what was allowed (a process that starts), so that every port is looked at. */
export function reviewOf(before: Granted | null, after: Granted): Review {
  const tracked = after.ports.filter(({ tracked }) => tracked)
  if (!before) return { ended: [], narrowed: tracked, changed: [] }
  const now = new Map(tracked.map((filtered) => [filtered.port.id, filtered]))
  const old = new Map(before.ports.map((filtered) => [filtered.port.id, filtered]))
  const ended = before.ports
    .filter(({ tracked }) => tracked)
    .filter(({ port, zone }) => now.get(port.id)?.zone !== zone)
    .map(({ zone }) => zone)
  const seen = tracked.flatMap((current) => {
    const former = old.get(current.port.id)
    return former?.zone === current.zone ? [{ former, current }] : []
  })
  const isNarrowed = ({ former, current }: Pair) => losesRule(former, current) || losesMember(current, before, after)
  return {
    ended,
    narrowed: seen.filter(isNarrowed).map(({ current }) => current),
    changed: seen.filter((pair) => !isNarrowed(pair) && isChanged(pair, before, after)).map(({ current }) => current),
  }
}

interface Pair {
  readonly former: FilteredPort
  readonly current: FilteredPort
}

function losesRule(former: FilteredPort, current: FilteredPort): boolean {
  if (former.rules === current.rules) return false
  const kept = new Set(current.rules.map(meaning))
  return former.rules.some((rule) => !kept.has(meaning(rule)))
}

function losesMember({ rules }: FilteredPort, before: Granted, after: Granted): boolean {
  return remoteGroups(rules).some((id) =>
    (['ipv4', 'ipv6'] as const).some((family) => {
      const were = before.members.get(id)?.[family] ?? []
      const are = after.members.get(id)?.[family] ?? []
      if (were === are) return false
      const still = new Set(are)
      return were.some((member) => !still.has(member))
    }),
  )
}

function isChanged({ former, current }: Pair, before: Granted, after: Granted): boolean {
  return losesRule(current, former) || losesMember(current, after, before)
}

function remoteGroups(rules: readonly CloudSecurityGroupRule[]): string[] {
  return [...new Set(rules.flatMap(({ remoteGroupId }) => remoteGroupId ?? []))]
}

/** Rules are the same when they mean the same, whatever their id or group. */
function meaning({ id: _, ...rest }: CloudSecurityGroupRule): string {
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Looks at each connection of a port, which ones go and which stay. To end: let in once, and not allowed any more;
 * exactly these, others of the same port go on. To forget: ended once, and allowed again. `mark`: that of ended ones.
 */
export function judge(
  connections: readonly Connection[],
  port: FilteredPort,
  members: Granted['members'],
  mark: number,
): ZoneChange {
  const isMember = memberTest(members)
  const forget: Connection[] = []
  const end: Connection[] = []
  const keep: Connection[] = []
  for (const connection of connections) {
    const wasEnded = connection.mark === mark
    if (isAllowed(connection, port, isMember) !== wasEnded) keep.push(connection)
    else if (wasEnded) forget.push(connection)
    else end.push(connection)
  }
  return { forget, end, mark, keep }
}
