import { randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '../base/log.js'
import { decoded, parseMessage } from '../base/message.js'
import type { AgentMessage, HelloMessage, ServerMessage } from './contracts/messages.js'
import { HostFeed } from './host-feed.js'
import type { ChangeSource, ReportSink } from './ports.js'
import { Cloud } from './projection/cloud.js'
import { Projector } from './projection/projector.js'

export interface BusOptions {
  readonly source: ChangeSource
  readonly sink: ReportSink
  readonly host: string
  readonly port: number
  /** agents must present it; without one only loopback is served */
  readonly secret: string
  readonly log: Logger
}

export interface Bus {
  /** port that is really listened on (for port 0) */
  readonly port: number
  /** host -> revision of the last change of its view; a host whose agents applied at least that is in sync */
  touched(): Readonly<Record<string, number>>
  /** the revision that every connected agent was last told about, as far as it concerns it */
  projected(): number
  /** number of connected agents by their binary */
  streams(): Readonly<Record<string, number>>
  close(): Promise<void>
}

/** A dead peer is noticed within two of these. */
const PING_MS = 15_000
/** After a report that could not be kept (the database was away too long), the agent is made to repeat it. */
const REPEAT_MS = 1_000

/** Starts the embedded bus: `ws://host:port/v1/hosts/<host>`, one stream per agent. */
export async function startBus(options: BusOptions): Promise<Bus> {
  const hub = new Hub(options)
  await hub.load()
  const http = createServer((_request, response) => response.writeHead(426).end())
  const sockets = new WebSocketServer({
    server: http,
    verifyClient: (info: { req: IncomingMessage }) => authorized(info.req, options.secret),
  })
  sockets.on('connection', (socket, request) => {
    const host = hostOf(request)
    if (host === null) socket.close(1008, 'expected /v1/hosts/<host>')
    else hub.accept(socket, host)
  })
  const unsubscribe = options.source.onCommit(() => hub.wake())
  const pings = setInterval(() => sockets.clients.forEach(ping), PING_MS)
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port, options.secret === '' ? '127.0.0.1' : options.host, resolve)
  })
  // a commit between load and subscription would otherwise wait for the next one
  hub.wake()
  return {
    port: (http.address() as { port: number }).port,
    touched: () => hub.touched(),
    projected: () => hub.projected,
    streams: () => hub.streams(),
    close: async () => {
      clearInterval(pings)
      unsubscribe()
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }
}

function authorized(request: IncomingMessage, secret: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${secret}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** `compute1` of `/v1/hosts/compute1`; null when the path names none. */
function hostOf(request: IncomingMessage): string | null {
  const name = (request.url ?? '').match(/^\/v1\/hosts\/([^/?]+)$/)?.[1]
  return name ? decoded(name) : null
}

const alive = new WeakMap<WebSocket, boolean>()

function ping(socket: WebSocket): void {
  if (alive.get(socket) === false) {
    socket.terminate()
    return
  }
  alive.set(socket, false)
  socket.ping()
}

/** Follows the change log and keeps every connected agent at its host's newest view. */
class Hub {
  readonly #options: BusOptions
  readonly #epoch = randomUUID()
  readonly #feeds = new Map<string, HostFeed>()
  readonly #sessions = new Map<string, Set<WebSocket>>()
  readonly #binaries = new WeakMap<WebSocket, string>()
  #projector = new Projector(Cloud.of([]))
  /** read from the log / sent to everybody whom it concerns */
  #revision = 0
  #projected = 0
  #running = false
  #again = false

  constructor(options: BusOptions) {
    this.#options = options
  }

  async load(): Promise<void> {
    const { revision, objects } = await this.#options.source.load()
    this.#projector = new Projector(Cloud.of(objects))
    this.#revision = revision
    this.#projected = revision
  }

  get projected(): number {
    return this.#projected
  }

  touched(): Record<string, number> {
    return Object.fromEntries([...this.#feeds].map(([host, feed]) => [host, feed.touched]))
  }

  streams(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const socket of [...this.#sessions.values()].flatMap((sessions) => [...sessions])) {
      const binary = this.#binaries.get(socket) ?? 'unknown'
      counts[binary] = (counts[binary] ?? 0) + 1
    }
    return counts
  }

  accept(socket: WebSocket, host: string): void {
    let work = Promise.resolve()
    alive.set(socket, true)
    socket.on('pong', () => alive.set(socket, true))
    socket.on('error', (error) => this.#options.log.debug({ host, err: error.message }, 'agent stream failed'))
    socket.on('close', () => this.#sessions.get(host)?.delete(socket))
    let binary = 'unknown'
    socket.on('message', (data) => {
      const message = parseMessage<AgentMessage>(data)
      if (message === null) {
        this.#options.log.warn({ host, binary }, 'not a message: the stream is ended')
        socket.terminate()
        return
      }
      if (message.type === 'hello') {
        binary = message.binary
        this.#binaries.set(socket, binary)
        this.#hello(socket, host, message)
        return
      }
      // one after the other: a report must not overtake an earlier one of the same agent
      work = work
        .then(() => this.#report(host, binary, message))
        .catch((error) => {
          this.#options.log.error({ host, binary, type: message.type, err: error }, 'report failed')
          // an agent tells a change once, and everything when it connects
          setTimeout(() => socket.terminate(), REPEAT_MS).unref()
        })
    })
  }

  #hello(socket: WebSocket, host: string, message: HelloMessage): void {
    this.#options.log.info({ host, binary: message.binary, resume: message.resume?.revision }, 'agent connected')
    for (const update of this.#feed(host).catchUp(message.resume)) send(socket, update)
    const sessions = this.#sessions.get(host)
    if (sessions) sessions.add(socket)
    else this.#sessions.set(host, new Set([socket]))
  }

  #feed(host: string): HostFeed {
    let feed = this.#feeds.get(host)
    if (!feed) {
      feed = new HostFeed(this.#epoch, this.#projector.project(host), this.#revision)
      this.#feeds.set(host, feed)
    }
    return feed
  }

  #report(host: string, binary: string, message: Exclude<AgentMessage, HelloMessage>): Promise<void> {
    const { sink } = this.#options
    if (message.type === 'state') return sink.agentState(message)
    if (message.type === 'ports') return sink.portsReady(host, message)
    if (message.type === 'floatingips') return sink.floatingIps(host, message)
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
    const affected = this.#projector.apply(changes, (groupId) => this.#watchers(groupId))
    this.#revision = changes[changes.length - 1]!.revision
    for (const host of affected ?? this.#feeds.keys()) {
      const feed = this.#feeds.get(host)
      if (!feed) continue
      const update = feed.advance(this.#projector.project(host), this.#revision)
      if (update) for (const socket of this.#sessions.get(host) ?? []) send(socket, update)
    }
    this.#projected = this.#revision
  }

  #watchers(groupId: string): string[] {
    return [...this.#feeds].filter(([, feed]) => feed.watches(groupId)).map(([host]) => host)
  }
}

function send(socket: WebSocket, message: ServerMessage): void {
  socket.send(JSON.stringify(message))
}
