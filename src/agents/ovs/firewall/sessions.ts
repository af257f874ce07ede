import type { Host } from '../../../dataplane/command/host.js'
import { changeConnections, forgetZoneLines, zoneLines } from '../../../dataplane/conntrack/change.js'
import { type Connection, listConnections } from '../../../dataplane/conntrack/connection.js'
import type { FilteredPort } from './hybrid.js'
import { type Granted, judge, reviewOf } from './revoked.js'
import { ENDED_MARK } from './text.js'

const FAMILIES = ['ipv4', 'ipv6'] as const

/**
 * Ends established sessions that the rules do not allow any more: their packets never reach the rules. Call after the
 * rules are in place. What was ended is known from its mark, also by a process that starts later.
 */
export class Sessions {
  readonly #host: Host
  #granted: Granted | null = null
  /** zones with connections that carry the mark */
  #marked: ReadonlySet<number> = new Set()

  constructor(host: Host) {
    this.#host = host
  }

  /** Returns the number of commands that changed something. */
  async follow(now: Granted): Promise<number> {
    const { ended, narrowed, changed } = reviewOf(this.#granted, now)
    const zones = new Set(
      [...narrowed, ...changed.filter(({ zone }) => this.#marked.has(zone))].map(({ zone }) => zone),
    )
    const marked = new Set([...this.#marked].filter((zone) => !zones.has(zone) && !ended.includes(zone)))
    const listed = await Promise.all(FAMILIES.map((family) => listConnections(this.#host, family, zones)))
    const byZone = new Map<number, Connection[]>([...zones].map((zone) => [zone, []]))
    for (const one of listed.flat()) byZone.get(one.zone)?.push(one)
    const lines = now.ports.flatMap((port) => this.#judge(byZone.get(port.zone) ?? [], port, now, marked))
    const writes = await changeConnections(this.#host, [...forgetZoneLines(ended), ...lines])
    this.#marked = marked
    this.#granted = now
    return writes
  }

  #judge(connections: readonly Connection[], port: FilteredPort, now: Granted, marked: Set<number>): string[] {
    const change = judge(connections, port, now.members, ENDED_MARK)
    if (change.end.length > 0 || change.keep.some(({ mark }) => mark === ENDED_MARK)) marked.add(port.zone)
    return change.end.length + change.forget.length === 0 ? [] : zoneLines(port.zone, change)
  }
}
