import { createHash, timingSafeEqual } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '../../base/log.js'
import { decoded, parseMessage } from '../../base/message.js'
import type { ComputeMessage, ControlMessage, HostFacts, InstanceReport } from './messages.js'

interface Events {
  /** a host is there and must get its complete list */
  joined: [host: string, facts: HostFacts]
  left: [host: string]
  report: [host: string, report: InstanceReport]
}

const PING_MS = 10_000
const CONSOLE_TIMEOUT_MS = 10_000

/** nova-api's end of the connections to the compute hosts. */
export class ComputeBusServer extends EventEmitter<Events> {
  readonly #secret: string
  readonly #log: Logger
  readonly #http: Server
  readonly #sockets: WebSocketServer
  readonly #hosts = new Map<string, WebSocket>()
  /** connections that were pinged and have not answered */
  readonly #silent = new Set<WebSocket>()
  readonly #answers = new Map<number, (text: string) => void>()
  readonly #timer: NodeJS.Timeout
  #requests = 0

  constructor(secret: string, log: Logger) {
    super()
    this.#secret = secret
    this.#log = log
    this.#http = createServer((_request, response) => response.writeHead(404).end())
    this.#sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
    this.#http.on('upgrade', (request, socket, head) => {
      const host = this.#admit(request)
      if (host === null) return socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n')
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#accept(host, client))
    })
    this.#timer = setInterval(() => this.#ping(), PING_MS)
  }

  listen(port: number, address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject)
      this.#http.listen(port, address, resolve)
    })
  }

  /** the port it listens on, for those who asked for port 0 */
  get port(): number {
    const address = this.#http.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  isConnected(host: string): boolean {
    return this.#hosts.has(host)
  }

  send(host: string, message: ControlMessage): void {
    this.#hosts.get(host)?.send(JSON.stringify(message))
  }

  /** Last lines of an instance's console; null when its host does not answer. */
  console(host: string, id: string, lines: number | null): Promise<string | null> {
    if (!this.isConnected(host)) return Promise.resolve(null)
    const request = ++this.#requests
    return new Promise((resolve) => {
      const finish = (text: string | null) => {
        clearTimeout(timer)
        this.#answers.delete(request)
        resolve(text)
      }
      const timer = setTimeout(finish, CONSOLE_TIMEOUT_MS, null)
      this.#answers.set(request, finish)
      this.send(host, { type: 'console', request, id, lines })
    })
  }

  close(): void {
    clearInterval(this.#timer)
    for (const socket of this.#hosts.values()) socket.terminate()
    this.#http.close()
  }

  #admit(request: IncomingMessage): string | null {
    const match = request.url?.match(/^\/v1\/compute\/([^/]+)$/)
    const digest = (text: string) => createHash('sha256').update(text).digest()
    const right = timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${this.#secret}`))
    return match && right ? decoded(match[1]!) : null
  }

  #accept(host: string, socket: WebSocket): void {
    // a host that comes back before its old connection was missed
    this.#hosts.get(host)?.terminate()
    this.#hosts.set(host, socket)
    socket.on('pong', () => this.#silent.delete(socket))
    socket.on('message', (data) => {
      const message = parseMessage<ComputeMessage>(data)
      if (message) this.#message(host, message)
      else socket.terminate()
    })
    socket.on('error', (error) => this.#log.debug({ err: error.message, host }, 'compute connection failed'))
    socket.on('close', () => {
      this.#silent.delete(socket)
      if (this.#hosts.get(host) !== socket) return
      this.#hosts.delete(host)
      this.emit('left', host)
    })
  }

  #ping(): void {
    for (const socket of this.#hosts.values()) {
      if (this.#silent.delete(socket)) socket.terminate()
      else {
        this.#silent.add(socket)
        socket.ping()
      }
    }
  }

  #message(host: string, message: ComputeMessage): void {
    if (message.type === 'hello') this.emit('joined', host, message.facts)
    else if (message.type === 'state') this.emit('report', host, message.instance)
    else this.#answers.get(message.request)?.(message.text)
  }
}
