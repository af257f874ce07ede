import { randomUUID } from 'node:crypto'
import type { Logger } from '../base/log.js'
import type { Change } from '../model/cloud.js'
import type { AgentMessage, HelloMessage } from './contracts/messages.js'
import { HostFeed } from './host-feed.js'
import type { ChangeSource, ReportSink } from './ports.js'
import { Cloud } from './projection/cloud.js'
import { Projector } from './projection/projector.js'
import type { Session } from './transport.js'

export interface HubOptions {
  readonly source: ChangeSource
  readonly sink: ReportSink
  readonly log: Logger
}

const KNOWN: Readonly<Record<AgentMessage['type'], true>> = {
  hello: true,
  state: true,
  applied: true,
  ports: true,
  floatingips: true,
  metering: true,
  'ha-states': true,
}
/** After a report that could not be kept (the database was away too long), the agent is made to repeat it. */
const REPEAT_MS = 1_000

/** Follows the change log and keeps every connected agent at its host's newest view. */
export class Hub {
  /** names this life of the projection */
  readonly epoch = randomUUID()
  readonly #options: HubOptions
  readonly #feeds = new Map<string, HostFeed>()
  readonly #sessions = new Map<string, Set<Session>>()
  readonly #binaries = new WeakMap<Session, string>()
  #projector = new Projector(Cloud.of([]))
  /** read from the log / sent to everybody whom it concerns */
  #revision = 0
  #projected = 0
  #running = false
  #again = false

  constructor(options: HubOptions) {
    this.#options = options
  }

  async load(): Promise<void> {
    await this.#load()
    this.#projected = this.#revision
  }

  async #load(): Promise<void> {
    const { revision, objects } = await this.#options.source.load()
    this.#projector = new Projector(Cloud.of(objects))
    this.#revision = revision
  }

  get projected(): number {
    return this.#projected
  }

  touched(): Record<string, number> {
    return Object.fromEntries([...this.#feeds].map(([host, feed]) => [host, feed.touched]))
  }

  streams(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const session of [...this.#sessions.values()].flatMap((sessions) => [...sessions])) {
      const binary = this.#binaries.get(session) ?? 'unknown'
      counts[binary] = (counts[binary] ?? 0) + 1
    }
    return counts
  }

  accept(session: Session, host: string): void {
    let work = Promise.resolve()
    let binary = 'unknown'
    let over = false
    session.onClose(() => {
      over = true
      this.#sessions.get(host)?.delete(session)
    })
    session.onMessage((message) => {
      if (message === null || !Object.hasOwn(KNOWN, message.type)) {
        this.#options.log.warn({ host, binary }, 'not a message: the stream is ended')
        session.terminate()
        return
      }
      if (message.type === 'hello') {
        binary = message.binary
        this.#binaries.set(session, binary)
        this.#hello(session, host, message)
        return
      }
      // one after the other: a report must not overtake an earlier one of the same agent. What waits when the stream
      // ends is dropped: the agent tells everything in its next one, maybe to another server
      work = work
        .then(() => (over ? undefined : this.#report(host, binary, message)))
        .catch((error) => {
          this.#options.log.error({ host, binary, type: message.type, err: error }, 'report failed')
          // an agent tells a change once, and everything when it connects
          setTimeout(() => session.terminate(), REPEAT_MS).unref()
        })
    })
  }

  #hello(session: Session, host: string, message: HelloMessage): void {
    this.#options.log.info({ host, binary: message.binary, resume: message.resume?.revision }, 'agent connected')
    for (const update of this.#feed(host).catchUp(message.resume)) session.send(update)
    const sessions = this.#sessions.get(host)
    if (sessions) sessions.add(session)
    else this.#sessions.set(host, new Set([session]))
  }

  #feed(host: string): HostFeed {
    let feed = this.#feeds.get(host)
    if (!feed) {
      feed = new HostFeed(this.epoch, this.#projector.project(host), this.#revision)
      this.#feeds.set(host, feed)
    }
    return feed
  }

  #report(host: string, binary: string, message: Exclude<AgentMessage, HelloMessage>): Promise<void> {
    const { sink } = this.#options
    if (message.type === 'state') return sink.agentState(message)
    if (message.type === 'ports') return sink.portsReady(host, message)
    if (message.type === 'floatingips') return sink.floatingIps(host, message)
    if (message.type === 'ha-states') return sink.haStates(host, message)
    if (message.type === 'metering') return sink.metering(host, message)
    return sink.applied(host, binary, message)
  }

  /** Follows the log to its end. Commits that come in meanwhile are taken in one further round. */
  wake(): void {
    if (this.#running) {
      this.#again = true
      return
    }
    this.#running = true
    void this.#follow()
  }

  async #follow(): Promise<void> {
    const { log } = this.#options
    let pause = 0
    try {
      do {
        this.#again = false
        const started = performance.now()
        await this.#advance()
        // under a storm of commits, leave the API at least half of the time
        pause = Math.min(performance.now() - started, 50)
        if (this.#again && pause > 5) await new Promise((resolve) => setTimeout(resolve, pause))
      } while (this.#again)
    } catch (error) {
      log.error({ err: error }, 'could not follow the change log')
      setTimeout(() => this.wake(), 1_000)
    } finally {
      this.#running = false
    }
  }

  async #advance(): Promise<void> {
    const changes = await this.#options.source.since(this.#revision)
    if (changes.length === 0) return
    const affected = await this.#apply(changes)
    for (const host of affected ?? this.#feeds.keys()) {
      const feed = this.#feeds.get(host)
      if (!feed) continue
      const update = feed.advance(this.#projector.project(host), this.#revision)
      if (update) for (const session of this.#sessions.get(host) ?? []) session.send(update)
    }
    this.#projected = this.#revision
  }

  /** Hosts that the changes may concern; null: all. */
  async #apply(changes: readonly Change[]): Promise<Iterable<string> | null> {
    if (changes[0]!.revision === this.#revision + 1) {
      this.#revision = changes.at(-1)!.revision
      return this.#projector.apply(changes, (groupId) => this.#watchers(groupId))
    }
    // this server was away from the database for longer than the log reaches back
    this.#options.log.warn({ revision: this.#revision }, 'the change log begins later: everything is read anew')
    await this.#load()
    return null
  }

  #watchers(groupId: string): string[] {
    return [...this.#feeds].filter(([, feed]) => feed.watches(groupId)).map(([host]) => host)
  }
}
