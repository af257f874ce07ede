import { EventEmitter } from 'node:events'
import type { Logger } from '../base/log.js'
import type { Transport } from '../config/transport.js'
import type { AgentMessage, Position, ServerMessage } from './contracts/messages.js'
import { StreamClient } from './stream/client.js'
import type { ClientHandlers, ClientTransport } from './transport.js'

interface Events {
  connected: []
  disconnected: []
  message: [ServerMessage]
}

/**
 * An agent's stream to the server. It reconnects for ever (short steps first), says hello with the last position
 * it saw, and so continues where it stopped. `send` drops messages while disconnected: the agent repeats its
 * complete state on `connected`.
 */
export class BusClient extends EventEmitter<Events> {
  readonly #url: Transport
  readonly #identity: { host: string; binary: string }
  readonly #log: Logger
  #transport: ClientTransport | null = null
  #position: Position | null = null
  #stopped = false

  constructor(url: Transport, identity: { host: string; binary: string }, log: Logger) {
    super()
    this.#url = url
    this.#identity = identity
    this.#log = log
  }

  start(): void {
    void this.#open()
  }

  stop(): void {
    this.#stopped = true
    this.#transport?.stop()
  }

  get connected(): boolean {
    return this.#transport?.connected ?? false
  }

  send(message: AgentMessage): void {
    this.#transport?.send(message)
  }

  /** Breaks the stream, as a failing network would; the client reconnects and continues. */
  interrupt(): void {
    this.#transport?.interrupt()
  }

  async #open(): Promise<void> {
    const { host } = this.#identity
    const handlers: ClientHandlers = {
      hello: () => ({ type: 'hello', ...this.#identity, resume: this.#position }),
      connected: () => this.emit('connected'),
      disconnected: () => this.emit('disconnected'),
      message: (message) => {
        this.#position = { epoch: message.epoch, revision: message.revision }
        this.emit('message', message)
      },
    }
    if (this.#url.scheme === 'stream') {
      this.#transport = new StreamClient(this.#url, host, handlers, this.#log)
    } else {
      // only where a broker is used is its protocol loaded
      const { RabbitClient } = await import('./rabbit/client.js')
      if (this.#stopped) return
      this.#transport = new RabbitClient(this.#url, this.#identity, handlers, this.#log)
    }
    this.#transport.start()
  }
}
