import { EventEmitter } from 'node:events'
import WebSocket from 'ws'
import type { Logger } from '../base/log.js'
import type { TransportUrl } from '../config/common.js'
import type { AgentMessage, Position, ServerMessage } from './contracts/messages.js'

interface Events {
  connected: []
  disconnected: []
  message: [ServerMessage]
}

const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 2_000

/**
 * An agent's stream to the server. It reconnects for ever (short steps first), says hello with the last position
 * it saw, and so continues where it stopped. `send` drops messages while disconnected: the agent repeats its
 * complete state on `connected`.
 */
export class BusClient extends EventEmitter<Events> {
  readonly #url: TransportUrl
  readonly #identity: { host: string; binary: string }
  readonly #log: Logger
  #socket: WebSocket | null = null
  #position: Position | null = null
  #retry = FIRST_RETRY_MS
  #timer: NodeJS.Timeout | null = null
  #stopped = false

  constructor(url: TransportUrl, identity: { host: string; binary: string }, log: Logger) {
    super()
    this.#url = url
    this.#identity = identity
    this.#log = log
  }

  start(): void {
    this.#connect()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#socket?.close()
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  send(message: AgentMessage): void {
    if (this.connected) this.#socket!.send(JSON.stringify(message))
  }

  /** Breaks the stream, as a failing network would; the client reconnects and continues. */
  interrupt(): void {
    this.#socket?.terminate()
  }

  #connect(): void {
    const { host, port, secret } = this.#url
    const socket = new WebSocket(`ws://${host}:${port}/v1/hosts/${encodeURIComponent(this.#identity.host)}`, {
      headers: { authorization: `Bearer ${secret}` },
      perMessageDeflate: false,
      handshakeTimeout: 5_000,
    })
    this.#socket = socket
    socket.on('open', () => {
      this.#retry = FIRST_RETRY_MS
      this.send({ type: 'hello', ...this.#identity, resume: this.#position })
      this.emit('connected')
    })
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ServerMessage
      this.#position = { epoch: message.epoch, revision: message.revision }
      this.emit('message', message)
    })
    socket.on('error', (error) => this.#log.debug({ err: error.message, host, port }, 'bus connection failed'))
    socket.on('close', () => this.#closed())
  }

  #closed(): void {
    this.#socket = null
    if (this.#stopped) return
    this.emit('disconnected')
    this.#timer = setTimeout(() => this.#connect(), this.#retry)
    this.#retry = Math.min(this.#retry * 2, LONGEST_RETRY_MS)
  }
}
