import type { Logger } from '../../base/log.js'
import { BusClient } from '../../bus/client.js'
import type { FloatingIpView, RouterView } from '../../bus/contracts/host-view.js'
import type { ObjectError, PortsMessage, ServerMessage } from '../../bus/contracts/messages.js'
import { HostView } from '../../bus/contracts/view.js'
import type { Transport } from '../../config/transport.js'
import type { Host } from '../../dataplane/command/host.js'
import type { Agent, ApplyOutcome, ApplyReason } from './agent.js'
import { startControlSocket } from './control-socket.js'

export interface RuntimeOptions {
  readonly host: Host
  readonly transport: Transport
  /** seconds between heartbeats */
  readonly reportInterval: number
  readonly log: Logger
  /** seconds between audits that read the data plane back; default 30 */
  readonly auditInterval?: number
}

/** Stronger reasons win when several wait for one apply. */
const STRENGTH: readonly ApplyReason[] = ['change', 'local', 'retry', 'audit', 'resync']
const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 30_000

/** Runs an agent until the returned function is called. The data plane stays as it is when the agent stops. */
export async function runAgent(agent: Agent, options: RuntimeOptions): Promise<() => Promise<void>> {
  const runtime = new Runtime(agent, options)
  await runtime.start()
  return () => runtime.stop()
}

/**
 * The loop around an agent: news marks the view dirty, one apply at a time makes the host right, what failed is
 * tried again with growing pauses, results are reported. Nothing is applied before the first complete view.
 */
class Runtime {
  readonly #agent: Agent
  readonly #options: RuntimeOptions
  readonly #bus: BusClient
  readonly #view = new HostView()
  readonly #reported = new ReportedSets()
  #complete = false
  #pending: ApplyReason | null = null
  #applying: Promise<void> | null = null
  #retryDelay = FIRST_RETRY_MS
  #timers: NodeJS.Timeout[] = []
  #retryTimer: NodeJS.Timeout | null = null
  #started = false
  #stopped = false
  #last: { writes: number; errors: readonly ObjectError[]; revision: number } = { writes: 0, errors: [], revision: 0 }
  #totalWrites = 0
  #applies = 0
  #closeControl: () => Promise<void> = async () => {}

  constructor(agent: Agent, options: RuntimeOptions) {
    this.#agent = agent
    this.#options = options
    this.#bus = new BusClient(options.transport, { host: options.host.name, binary: agent.binary }, options.log)
  }

  async start(): Promise<void> {
    const { reportInterval, auditInterval = 30, log } = this.#options
    await this.#agent.start(
      (reason) => this.#kick(reason),
      (message) => {
        const { connected } = this.#bus
        if (connected) this.#bus.send(message)
        return connected
      },
    )
    this.#bus.on('connected', () => this.#connected())
    this.#bus.on('disconnected', () => log.warn('connection to the server lost; the data plane stays as it is'))
    this.#bus.on('message', (message) => {
      this.#view.apply(message)
      this.#reported.note(message)
      // the first view is compared with everything that is there; later ones with what we know we made
      const reason = message.type === 'snapshot' && !this.#complete ? 'resync' : 'change'
      this.#complete = true
      this.#kick(reason)
    })
    this.#closeControl = await startControlSocket(this.#options.host, this.#agent.binary, {
      status: () => this.#status(),
      resync: () => this.#resync(),
    })
    this.#bus.start()
    this.#timers.push(setInterval(() => this.#sendState(), reportInterval * 1000))
    this.#timers.push(setInterval(() => this.#kick('audit'), auditInterval * 1000))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) clearInterval(timer)
    if (this.#retryTimer) clearTimeout(this.#retryTimer)
    this.#bus.stop()
    await this.#applying
    await this.#closeControl()
    await this.#agent.stop()
  }

  #connected(): void {
    this.#options.log.info('connected to the server')
    this.#reported.forget()
    this.#sendState()
    if (this.#complete) this.#kick('local')
  }

  #sendState(): void {
    const { agentType, binary, topic, availabilityZone } = this.#agent
    const configurations = this.#agent.configurations()
    const host = this.#options.host.name
    this.#bus.send({
      type: 'state',
      host,
      binary,
      agentType,
      topic,
      availabilityZone,
      configurations,
      start: !this.#started,
    })
    if (this.#bus.connected) this.#started = true
  }

  #kick(reason: ApplyReason): void {
    if (this.#stopped || !this.#complete) return
    if (this.#pending === null || STRENGTH.indexOf(reason) > STRENGTH.indexOf(this.#pending)) this.#pending = reason
    this.#applying ??= this.#drain().finally(() => {
      this.#applying = null
    })
  }

  async #drain(): Promise<void> {
    while (this.#pending !== null && !this.#stopped) {
      const reason = this.#pending
      this.#pending = null
      await this.#applyOnce(reason)
    }
  }

  async #applyOnce(reason: ApplyReason): Promise<void> {
    const { log } = this.#options
    const revision = this.#view.revision
    const started = performance.now()
    let outcome: ApplyOutcome
    try {
      outcome = await this.#agent.apply(this.#view, reason)
    } catch (error) {
      log.error({ err: error, revision, reason }, 'apply failed')
      outcome = { writes: 0, errors: [{ kind: 'agent', id: this.#agent.binary, message: (error as Error).message }] }
    }
    const ms = Math.round(performance.now() - started)
    this.#applies++
    this.#totalWrites += outcome.writes
    this.#last = { writes: outcome.writes, errors: outcome.errors, revision }
    for (const { kind, id, message } of outcome.errors) log.warn({ kind, id, message, revision }, `${kind} not applied`)
    if (outcome.writes > 0) log.info({ revision, reason, writes: outcome.writes, ms }, 'applied')
    else log.debug({ revision, reason, ms }, 'nothing to write')
    if (reason === 'audit' && outcome.writes > 0) log.warn({ writes: outcome.writes }, 'drift healed')
    this.#report(outcome, revision)
    this.#scheduleRetry(outcome.errors.length > 0)
  }

  #report(outcome: ApplyOutcome, revision: number): void {
    const { portAspect } = this.#agent
    if (portAspect && outcome.readyPorts) {
      const message = this.#reported.ports(portAspect, outcome.readyPorts, outcome.waitingPorts ?? [])
      if (message && this.#bus.connected) this.#bus.send(message)
    }
    // before what only the active host may tell
    if (outcome.haStates && this.#bus.connected) {
      const message = this.#reported.haStates(outcome.haStates)
      if (message) this.#bus.send(message)
    }
    if (outcome.activeFloatingIps || outcome.failedFloatingIps) {
      const message = this.#reported.floatingIps(outcome.activeFloatingIps ?? [], outcome.failedFloatingIps ?? [])
      if (message && this.#bus.connected) this.#bus.send(message)
    }
    this.#bus.send({ type: 'applied', revision, errors: outcome.errors })
  }

  #scheduleRetry(failed: boolean): void {
    if (this.#retryTimer) clearTimeout(this.#retryTimer)
    this.#retryTimer = null
    if (!failed) {
      this.#retryDelay = FIRST_RETRY_MS
      return
    }
    this.#retryTimer = setTimeout(() => this.#kick('retry'), this.#retryDelay)
    this.#retryDelay = Math.min(this.#retryDelay * 2, LONGEST_RETRY_MS)
  }

  #status(): Record<string, unknown> {
    return {
      binary: this.#agent.binary,
      host: this.#options.host.name,
      connected: this.#bus.connected,
      revision: this.#view.revision,
      applied: this.#last.revision,
      applies: this.#applies,
      writes: this.#totalWrites,
      last_writes: this.#last.writes,
      errors: this.#last.errors,
      view: this.#view.keys(),
    }
  }

  /** Reads everything back and corrects it; resolves to what that took. */
  async #resync(): Promise<Record<string, unknown>> {
    const applies = this.#applies
    this.#kick('resync')
    while (this.#applies === applies && this.#applying) await this.#applying
    return this.#status()
  }
}

/** Remembers what the server was told, so that only differences are sent, and everything again after a reconnect. */
class ReportedSets {
  #ports: Set<string> | null = null
  #waiting: ReadonlySet<string> = new Set()
  #active: Set<string> = new Set()
  #failed: Set<string> = new Set()
  #haStates: ReadonlyMap<string, 'active' | 'standby'> = new Map()
  /** ids of routers that the server changed since the last report */
  #changedRouters: Set<string> = new Set()
  /** ids of ports and routers that the server changed since the last report: it may have reset their status */
  #changed: Set<string> = new Set()

  forget(): void {
    this.#ports = null
    this.#waiting = new Set()
    this.#active = new Set()
    this.#failed = new Set()
    this.#haStates = new Map()
  }

  note(message: ServerMessage): void {
    const objects = message.type === 'snapshot' ? message.objects : message.put
    for (const object of objects) {
      if (object.kind === 'port' || object.kind === 'neighbour') this.#changed.add(object.id)
      if (object.kind !== 'router') continue
      this.#changedRouters.add(object.id)
      for (const { id } of allFloatingIps(object)) this.#changed.add(id)
    }
  }

  ports(aspect: 'l2' | 'dhcp', ready: readonly string[], waiting: readonly string[]): PortsMessage | null {
    const before = this.#ports
    const now = new Set(ready)
    const arrived = waiting.filter((id) => !this.#waiting.has(id))
    this.#ports = now
    this.#waiting = new Set(waiting)
    const news = arrived.length > 0 ? { waiting: arrived } : {}
    if (!before) this.#changed.clear()
    if (!before) return { type: 'ports', aspect, complete: true, ready: [...now], gone: [], ...news }
    const added = [...now].filter((id) => !before.has(id) || this.#changed.has(id))
    const gone = [...before].filter((id) => !now.has(id))
    this.#changed.clear()
    if (added.length === 0 && gone.length === 0 && arrived.length === 0) return null
    return { type: 'ports', aspect, complete: false, ready: added, gone, ...news }
  }

  floatingIps(active: readonly string[], failed: readonly string[]) {
    const newlyActive = active.filter((id) => !this.#active.has(id) || this.#changed.has(id))
    const newlyFailed = failed.filter((id) => !this.#failed.has(id) || this.#changed.has(id))
    this.#changed.clear()
    this.#active = new Set(active)
    this.#failed = new Set(failed)
    if (newlyActive.length === 0 && newlyFailed.length === 0) return null
    return { type: 'floatingips', active: newlyActive, failed: newlyFailed } as const
  }

  haStates(states: Readonly<Record<string, 'active' | 'standby'>>) {
    const before = this.#haStates
    const news = Object.entries(states).filter(
      ([id, state]) => before.get(id) !== state || this.#changedRouters.has(id),
    )
    this.#haStates = new Map(Object.entries(states))
    this.#changedRouters.clear()
    return news.length === 0 ? null : ({ type: 'ha-states', states: Object.fromEntries(news) } as const)
  }
}

function allFloatingIps(router: RouterView): readonly FloatingIpView[] {
  return [...router.floatingIps, ...router.centralFloatingIps]
}
