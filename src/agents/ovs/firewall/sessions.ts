import type { Host } from '../../../dataplane/command/host.js'
import { changeConnections, endLines, forgetLines, forgetZoneLines } from '../../../dataplane/conntrack/change.js'
import { type Connection, listConnections } from '../../../dataplane/conntrack/connection.js'
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
    let writes = await changeConnections(this.#host, forgetZoneLines(ended))
    const marked = new Set([...this.#marked].filter((zone) => !zones.has(zone) && !ended.includes(zone)))
    for (const connections of await Promise.all(FAMILIES.map((family) => listConnections(this.#host, family, zones)))) {
      writes += await this.#judge(connections, now, marked)
    }
    this.#marked = marked
    this.#granted = now
    return writes
  }

  async #judge(connections: readonly Connection[], now: Granted, marked: Set<number>): Promise<number> {
    const { end, forget } = judge(connections, now, ENDED_MARK)
    const again = new Set(forget)
    for (const one of connections) if (one.mark === ENDED_MARK && !again.has(one)) marked.add(one.zone)
    for (const { zone } of end) marked.add(zone)
    return changeConnections(this.#host, [...forgetLines(forget), ...endLines(end, ENDED_MARK)])
  }
}
