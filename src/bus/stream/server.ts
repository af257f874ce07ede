import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '../../base/log.js'
import { decoded, parseMessage } from '../../base/message.js'
import type { AgentMessage, ServerMessage } from '../contracts/messages.js'
import type { Accept, ServerTransport, Session } from '../transport.js'

export interface StreamServerOptions {
  /** address that is listened on */
  readonly host: string
  readonly port: number
  /** agents must present it; without one only loopback is served */
  readonly secret: string
  readonly log: Logger
}

/** A dead peer is noticed within two of these. */
const PING_MS = 15_000

/** Serves agents itself: `ws://host:port/v1/hosts/<host>`, a WebSocket for each is its session. */
export async function startStreamServer(options: StreamServerOptions, accept: Accept): Promise<ServerTransport> {
  const { host, port, secret, log } = options
  const http = createServer((_request, response) => response.writeHead(426).end())
  const sockets = new WebSocketServer({
    server: http,
    verifyClient: (info: { req: IncomingMessage }) => authorized(info.req, secret),
  })
  sockets.on('connection', (socket, request) => {
    const agentHost = hostOf(request)
    if (agentHost === null) return socket.close(1008, 'expected /v1/hosts/<host>')
    alive.set(socket, true)
    socket.on('pong', () => alive.set(socket, true))
    socket.on('error', (error) => log.debug({ host: agentHost, err: error.message }, 'agent stream failed'))
    accept(new StreamSession(socket), agentHost)
  })
  const pings = setInterval(() => sockets.clients.forEach(ping), PING_MS)
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, secret === '' ? '127.0.0.1' : host, resolve)
  })
  return {
    port: (http.address() as { port: number }).port,
    status: () => ({ connected: http.listening, losses: 0 }),
    close: async () => {
      clearInterval(pings)
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }
}

class StreamSession implements Session {
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    this.#socket = socket
  }

  send(message: ServerMessage): void {
    this.#socket.send(JSON.stringify(message))
  }

  terminate(): void {
    this.#socket.terminate()
  }

  onMessage(listener: (message: AgentMessage | null) => void): void {
    this.#socket.on('message', (data) => listener(parseMessage<AgentMessage>(data)))
  }

  onClose(listener: () => void): void {
    this.#socket.on('close', listener)
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
