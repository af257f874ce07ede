import type { Host } from '../command/host.js'
import { type Cookie, formatCookie, OUR_FLOWS } from './cookie.js'
import { diffFlows, removeLine } from './diff.js'
import { parseDump } from './dump.js'
import { type Flow, type FlowTable, type FlowText, flowTable } from './flow.js'

// without --no-names every call first fetches the names of all ports and the features of all 254 tables: 15 ms
const OFCTL = ['ovs-ofctl', '-O', 'OpenFlow14', '--no-names']

/** Flows that the switch makes by itself, by a learn action of ours. */
export interface LearnedFlows {
  readonly cookie: Cookie
  /** false: the flow refers to something that no longer exists */
  readonly valid: (flow: FlowText) => boolean
}

export interface FlowOrder {
  readonly flows: readonly Flow[]
  /** read the bridge back now; otherwise trust what was written last (the first time is always read) */
  readonly audit: boolean
  readonly learned?: LearnedFlows
  /** matches of learned flows to be forgotten now (`table=20,vlan_tci=0x0009/0x0fff`, `table=20,out_port=4`) */
  readonly forget?: readonly string[]
}

export interface FlowResult {
  /** bundles sent that changed something */
  readonly writes: number
  /** flows the switch refused, with its reason; all others are in place */
  readonly refused: readonly { readonly line: string; readonly reason: string }[]
}

/** Keeps our flows of one bridge as desired: one bundle (all or nothing, no gap) per pass. */
export class FlowWriter {
  readonly #host: Host
  readonly bridge: string
  #known: FlowTable | null = null

  constructor(host: Host, bridge: string) {
    this.#host = host
    this.bridge = bridge
  }

  async apply({ flows, audit, learned, forget = [] }: FlowOrder): Promise<FlowResult> {
    const reading = audit || !this.#known
    const actual = reading ? await this.read() : this.#known!
    const desired = flowTable(flows)
    const { add, remove } = diffFlows(actual, desired, learned?.cookie ?? null)
    const stale = learned && reading ? invalid(actual, learned) : []
    const forgotten = learned && !reading ? forget.map((match) => forgetLine(match, learned.cookie)) : []
    this.#known = null
    const lines = [...add, ...remove, ...stale, ...forgotten]
    const refused = lines.length === 0 ? [] : await this.#send(lines)
    // a refused flow is tried again by the next pass, which therefore has to look at the switch
    if (refused.length === 0) this.#known = desired
    return { writes: lines.length > refused.length ? 1 : 0, refused }
  }

  /** Our flows, learned ones included, as they are on the bridge now. */
  async read(): Promise<FlowTable> {
    const { stdout } = await this.#host.run([...OFCTL, '--no-stats', 'dump-flows', this.bridge, OUR_FLOWS])
    return parseDump(stdout)
  }

  /** Sends one bundle. When the switch refuses it, the halves are sent on their own: one bad flow harms no other. */
  async #send(lines: readonly string[]): Promise<FlowResult['refused'][number][]> {
    try {
      await this.#host.run([...OFCTL, '--bundle', 'add-flows', this.bridge, '-'], { input: `${lines.join('\n')}\n` })
      return []
    } catch (error) {
      const reason = (error as Error).message
      if (lines.length === 1) return [{ line: lines[0]!, reason }]
      if (/failed to connect|is not a bridge/.test(reason)) throw error
      const middle = Math.ceil(lines.length / 2)
      return [...(await this.#send(lines.slice(0, middle))), ...(await this.#send(lines.slice(middle)))]
    }
  }
}

function invalid(actual: FlowTable, learned: LearnedFlows): string[] {
  return [...actual.values()].filter((flow) => flow.cookie === learned.cookie && !learned.valid(flow)).map(removeLine)
}

function forgetLine(match: string, cookie: Cookie): string {
  return `delete cookie=${formatCookie(cookie)}/-1,${match}`
}
