import type { Logger } from '../../base/log.js'
import type { ServiceClient } from '../../client/service.js'
import { ServiceSession } from '../../client/service-session.js'
import type { ServerConfig } from '../../config/server.js'
import { mayBeTold, type ServerEvent } from './event.js'
import { EventQueue } from './event-queue.js'
import { type Outcome, outcomeOf } from './outcome.js'

export type { ServerEvent } from './event.js'

export interface NovaNotifier {
  /** queues events; never throws, never waits */
  notify(...events: readonly ServerEvent[]): void
  close(): Promise<void>
}

export interface NotifierOptions {
  /** milliseconds before each further attempt; the last one for all that follow */
  readonly pauses?: readonly number[]
  /** milliseconds after which an event is told no more */
  readonly maxAge?: number
}

const TIMEOUT_MS = 10_000
const PAUSES_MS = [200, 1_000, 5_000, 15_000]
/** a catalog that lacks the interface which was asked for is no reason to leave instances waiting */
const ANY_INTERFACE = ['public', 'internal', 'admin'] as const

/** Without [nova] credentials nobody is told. */
export function novaNotifier(config: ServerConfig, log: Logger, options: NotifierOptions = {}): NovaNotifier {
  if (!config.nova.auth_url || !config.nova.username) return { notify: () => {}, close: async () => {} }
  return new HttpNotifier(config.nova, log, options)
}

/**
 * Sends what is queued in one request; what comes meanwhile makes the next one. While nova or the identity service is
 * away, events wait for as long as nova would wait for them.
 */
class HttpNotifier implements NovaNotifier {
  readonly #session: ServiceSession
  readonly #compute: ServiceClient
  readonly #log: Logger
  readonly #pauses: readonly number[]
  readonly #queue: EventQueue
  readonly #closing = new AbortController()
  #running: Promise<void> | null = null

  constructor(user: ServerConfig['nova'], log: Logger, { pauses = PAUSES_MS, maxAge }: NotifierOptions) {
    this.#session = new ServiceSession(user, { timeout: TIMEOUT_MS })
    this.#compute = this.#session.service({
      type: 'compute',
      endpoint: user.endpoint_override,
      interfaces: [user.endpoint_type, ...ANY_INTERFACE],
    })
    this.#log = log
    this.#pauses = pauses
    this.#queue = new EventQueue(maxAge)
  }

  notify(...events: readonly ServerEvent[]): void {
    const known = events.filter(mayBeTold)
    if (this.#closing.signal.aborted || known.length === 0) return
    const dropped = this.#queue.add(known, Date.now())
    if (dropped > 0) this.#log.warn({ dropped }, 'nova was not told: too many events wait')
    this.#running ??= this.#drain()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
    this.#session.close()
  }

  async #drain(): Promise<void> {
    // events of one transaction and of those right behind it share a request
    await new Promise((resolve) => setImmediate(resolve))
    for (let failures = 0; this.#queue.size > 0; ) {
      const batch = this.#queue.next()
      const outcome = await this.#deliver(batch)
      if (outcome === 'again') await this.#failed(failures++)
      else {
        failures = 0
        this.#queue.remove(batch)
      }
    }
    // in the same step as the look at the queue: an event that comes next starts a new round
    this.#running = null
  }

  async #deliver(events: readonly ServerEvent[]): Promise<Outcome> {
    try {
      const reply = await this.#compute.send('POST', '/os-server-external-events', { body: { events } })
      return outcomeOf(reply, this.#log)
    } catch (error) {
      this.#log.debug({ reason: (error as Error).message }, 'nova could not be told, trying again')
      return 'again'
    }
  }

  /** Waits before the next attempt, and gives up what is too old by then; everything when the service ends. */
  async #failed(failures: number): Promise<void> {
    // a service that moved is found in a new catalog
    this.#session.forget()
    const pause = this.#pauses[Math.min(failures, this.#pauses.length - 1)]!
    await untilAborted(pause, this.#closing.signal)
    const now = this.#closing.signal.aborted ? Number.POSITIVE_INFINITY : Date.now()
    const dropped = this.#queue.expire(now)
    if (dropped > 0) this.#log.warn({ dropped }, 'nova was not told: it could not be reached')
  }
}

/** That many milliseconds, or until it is aborted. */
async function untilAborted(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms).unref()
    signal.addEventListener('abort', done)
  })
}
