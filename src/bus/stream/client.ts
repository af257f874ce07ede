import WebSocket from 'ws'
import type { Logger } from '../../base/log.js'
import { parseMessage } from '../../base/message.js'
import type { StreamTransport } from '../../config/transport.js'
import type { AgentMessage, ServerMessage } from '../contracts/messages.js'
import { Steps } from '../steps.js'
import type { ClientHandlers, ClientTransport } from '../transport.js'

/** A WebSocket to the server is the session. */
export class StreamClient implements ClientTransport {
  readonly #url: StreamTransport
  readonly #host: string
  readonly #handlers: ClientHandlers
  readonly #log: Logger
  readonly #steps = new Steps()
  #socket: WebSocket | null = null
  #timer: NodeJS.Timeout | null = null
  #stopped = false

  constructor(url: StreamTransport, host: string, handlers: ClientHandlers, log: Logger) {
    this.#url = url
    this.#host = host
    this.#handlers = handlers
    this.#log = log
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  start(): void {
    const { host, port, secret } = this.#url
    const name = host.includes(':') ? `[${host}]` : host
    const socket = new WebSocket(`ws://${name}:${port}/v1/hosts/${encodeURIComponent(this.#host)}`, {
      headers: { authorization: `Bearer ${secret}` },
      perMessageDeflate: false,
      handshakeTimeout: 5_000,
    })
    this.#socket = socket
    socket.on('open', () => {
      this.#steps.reset()
      this.send(this.#handlers.hello())
      this.#handlers.connected()
    })
    socket.on('message', (data) => {
      const message = parseMessage<ServerMessage>(data)
      if (message) this.#handlers.message(message)
      else socket.terminate()
    })
    socket.on('error', (error) => this.#log.debug({ err: error.message, host, port }, 'bus connection failed'))
    socket.on('close', () => this.#closed())
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#socket?.close()
  }

  send(message: AgentMessage): void {
    if (this.connected) this.#socket!.send(JSON.stringify(message))
  }

  interrupt(): void {
    this.#socket?.terminate()
  }

  #closed(): void {
    this.#socket = null
    if (this.#stopped) return
    this.#handlers.disconnected()
    this.#timer = setTimeout(() => this.start(), this.#steps.next())
  }
}
