import { EventEmitter } from 'node:events'
import WebSocket from 'ws'
import type { Logger } from '../../base/log.js'
import type { StreamTransport } from '../../config/transport.js'
import type { ComputeMessage, ControlMessage } from './messages.js'

interface Events {
  connected: []
  message: [ControlMessage]
}

const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 2_000
/** the server pings every 10 s: silence this long means that the connection is dead */
const SILENCE_MS = 30_000

/** A compute host's connection to nova-api; reconnects for ever. What is sent while disconnected is dropped. */
export class ComputeBusClient extends EventEmitter<Events> {
  readonly #url: StreamTransport
  readonly #host: string
  readonly #log: Logger
  #socket: WebSocket | null = null
  #retry = FIRST_RETRY_MS
  #timer: NodeJS.Timeout | null = null
  #silence: NodeJS.Timeout | null = null
  #stopped = false

  constructor(url: StreamTransport, host: string, log: Logger) {
    super()
    this.#url = url
    this.#host = host
    this.#log = log
  }

  start(): void {
    const { host, port, secret } = this.#url
    const socket = new WebSocket(`ws://${host}:${port}/v1/compute/${encodeURIComponent(this.#host)}`, {
      headers: { authorization: `Bearer ${secret}` },
      perMessageDeflate: false,
      handshakeTimeout: 5_000,
    })
    this.#socket = socket
    socket.on('open', () => {
      this.#retry = FIRST_RETRY_MS
      this.#heard()
      this.emit('connected')
    })
    socket.on('ping', () => this.#heard())
    socket.on('message', (data) => this.emit('message', JSON.parse(String(data)) as ControlMessage))
    socket.on('error', (error) => this.#log.debug({ err: error.message, host, port }, 'connection to nova-api failed'))
    socket.on('close', () => this.#closed())
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    if (this.#silence) clearTimeout(this.#silence)
    this.#socket?.close()
  }

  send(message: ComputeMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #heard(): void {
    if (this.#silence) clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#socket?.terminate(), SILENCE_MS)
  }

  #closed(): void {
    this.#socket = null
    if (this.#silence) clearTimeout(this.#silence)
    if (this.#stopped) return
    this.#timer = setTimeout(() => this.start(), this.#retry)
    this.#retry = Math.min(this.#retry * 2, LONGEST_RETRY_MS)
  }
}
