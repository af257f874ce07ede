import type { Logger } from '../../base/log.js'
import type { HostView } from '../../bus/contracts/view.js'
import type { Host } from '../../dataplane/command/host.js'
import { followNamespaces } from '../../dataplane/netns/follow-namespaces.js'
import type { Agent, ApplyOutcome, ApplyReason, Report } from '../common/agent.js'
import { type MeteredNamespace, meteredNamespaces } from './desired.js'
import { MeterFile } from './meter-file.js'
import { MeterTables } from './meter-tables.js'
import { keyOf, type MeterState, measured, reported, samplesOf } from './meters.js'

export interface MeteringAgentOptions {
  readonly host: Host
  readonly log: Logger
  /** `noop`: counts nothing */
  readonly driver: 'iptables' | 'noop'
  /** seconds between readings of the counters, and between reports */
  readonly measureInterval: number
  readonly reportInterval: number
  /** reports of each router by itself */
  readonly granular: boolean
}

/** Counts what passes the external gateways of this host's routers, for metering labels. Without labels it does nothing. */
export class MeteringAgent implements Agent {
  readonly binary = 'neutron-metering-agent'
  readonly agentType = 'Metering agent'
  readonly topic = 'metering_agent'
  readonly availabilityZone = null
  readonly portAspect = null
  readonly #options: MeteringAgentOptions
  readonly #tables: MeterTables
  readonly #file: MeterFile
  #state: MeterState
  #kick: (reason: ApplyReason) => void = () => {}
  #report: Report = () => false
  #timer: NodeJS.Timeout | null = null
  #unfollow: (() => void) | null = null
  /** seconds since 1970 */
  #lastReport = 0
  /** applying and measuring, one after the other: an older reading after a newer one would look like a new counter */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: MeteringAgentOptions) {
    this.#options = options
    this.#tables = new MeterTables(options.host)
    this.#file = new MeterFile(options.host.paths.state)
    this.#state = this.#file.load()
  }

  configurations(): Record<string, unknown> {
    const { driver, measureInterval, reportInterval } = this.#options
    return { metering_driver: driver, measure_interval: measureInterval, report_interval: reportInterval }
  }

  async start(kick: (reason: ApplyReason) => void, report: Report): Promise<void> {
    const { driver, measureInterval, log } = this.#options
    if (driver === 'noop') return
    this.#kick = kick
    this.#report = report
    const tick = () =>
      this.#inTurn(() => this.#tick()).catch((error: unknown) => log.error({ err: error }, 'could not measure'))
    this.#timer = setInterval(tick, measureInterval * 1000)
  }

  async apply(view: HostView, reason: ApplyReason): Promise<ApplyOutcome> {
    if (this.#options.driver === 'noop') return { writes: 0, errors: [] }
    return this.#inTurn(() => this.#apply(meteredNamespaces(view), reason))
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    this.#unfollow?.()
    await this.#turn
  }

  async #apply(wanted: readonly MeteredNamespace[], reason: ApplyReason): Promise<ApplyOutcome> {
    this.#follow(wanted.length > 0)
    if (wanted.length === 0 && this.#tables.isEmpty && reason !== 'resync') return { writes: 0, errors: [] }
    // what is about to go has counted until now
    if (!this.#tables.isEmpty && this.#tables.differs(wanted)) await this.#measure()
    const { writes, problems } = await this.#tables.apply(wanted, reason === 'audit' || reason === 'resync')
    return { writes, errors: problems.map(({ routerId, message }) => ({ kind: 'router', id: routerId, message })) }
  }

  /** Routers' namespaces may come after the news of them. */
  #follow(wanted: boolean): void {
    if (wanted) this.#unfollow ??= followNamespaces(this.#options.host, () => this.#kick('local'))
    else {
      this.#unfollow?.()
      this.#unfollow = null
    }
  }

  async #tick(): Promise<void> {
    if (this.#tables.isEmpty && this.#state.meters.length === 0) return
    await this.#measure()
    const now = seconds()
    if (now - this.#lastReport < this.#options.reportInterval) return
    if (!this.#report({ type: 'metering', samples: samplesOf(this.#state, this.#options.granular) })) return
    this.#lastReport = now
    this.#keep(reported(this.#state, this.#counting()))
    // the server keeps the last word: that nothing is counted any more
    if (this.#state.meters.length === 0) this.#report({ type: 'metering', samples: [] })
  }

  #counting(): ReadonlySet<string> {
    const { counting } = this.#tables
    return new Set(counting.flatMap(({ routerId, labels }) => labels.map(({ id }) => keyOf({ labelId: id, routerId }))))
  }

  async #measure(): Promise<void> {
    const { readings, unread } = await this.#tables.read()
    this.#keep(measured(this.#state, readings, seconds(), unread))
  }

  #keep(state: MeterState): void {
    this.#state = state
    this.#file.save(state)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }
}

const seconds = () => Math.floor(Date.now() / 1000)
