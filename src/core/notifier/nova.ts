import type { Logger } from '../../base/log.js'
import type { ServiceClient } from '../../client/service.js'
import { ServiceSession } from '../../client/service-session.js'
import type { ServerConfig } from '../../config/server.js'

/** An entry of nova's `/os-server-external-events`. */
export interface ServerEvent {
  readonly name: 'network-vif-plugged' | 'network-vif-unplugged' | 'network-vif-deleted' | 'network-changed'
  readonly server_uuid: string
  /** port id */
  readonly tag?: string
  readonly status?: 'completed'
}

export interface NovaNotifier {
  /** queues events; never throws, never waits */
  notify(...events: readonly ServerEvent[]): void
  close(): Promise<void>
}

const TIMEOUT_MS = 10_000
const RETRY_MS = [200, 1_000, 5_000] as const
/** a catalog that lacks the interface which was asked for is no reason to leave instances waiting */
const ANY_INTERFACE = ['public', 'internal', 'admin'] as const

/** Without [nova] credentials nobody is told. */
export function novaNotifier(config: ServerConfig, log: Logger): NovaNotifier {
  if (!config.nova.auth_url || !config.nova.username) return { notify: () => {}, close: async () => {} }
  return new HttpNotifier(config.nova, log)
}

/**
 * Sends what is queued in one request; what comes meanwhile makes the next one. A failed request is tried again a
 * few times and then dropped: nova has time-outs of its own.
 */
class HttpNotifier implements NovaNotifier {
  readonly #session: ServiceSession
  readonly #compute: ServiceClient
  readonly #log: Logger
  #queue: ServerEvent[] = []
  #running: Promise<void> | null = null
  #closed = false

  constructor(user: ServerConfig['nova'], log: Logger) {
    this.#session = new ServiceSession(user, { timeout: TIMEOUT_MS })
    this.#compute = this.#session.service({
      type: 'compute',
      endpoint: user.endpoint_override,
      interfaces: [user.endpoint_type, ...ANY_INTERFACE],
    })
    this.#log = log
  }

  notify(...events: readonly ServerEvent[]): void {
    if (this.#closed || events.length === 0) return
    this.#queue.push(...events)
    this.#running ??= this.#drain()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
    this.#session.close()
  }

  async #drain(): Promise<void> {
    // events of one transaction and of those right behind it share a request
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#queue.length > 0) {
      const batch = this.#queue
      this.#queue = []
      await this.#deliver(batch)
    }
    // in the same step as the look at the queue: an event that comes next starts a new round
    this.#running = null
  }

  async #deliver(batch: readonly ServerEvent[]): Promise<void> {
    for (const pause of [...RETRY_MS, null]) {
      try {
        await this.#post(batch)
        return
      } catch (error) {
        // a service that moved is found in a new catalog
        this.#session.forget()
        const reason = (error as Error).message
        if (pause === null || this.#closed) {
          this.#log.warn({ reason, events: batch }, 'nova was not told')
          return
        }
        this.#log.debug({ reason }, 'nova could not be told, trying again')
        await new Promise((resolve) => setTimeout(resolve, pause).unref())
      }
    }
  }

  async #post(events: readonly ServerEvent[]): Promise<void> {
    const { status } = await this.#compute.send('POST', '/os-server-external-events', { body: { events } })
    // 404 and 422: nova does not know (any more) of any of these servers; there is nobody to tell
    if (status >= 300 && status !== 404 && status !== 422) throw new Error(`the compute service answered ${status}`)
  }
}
