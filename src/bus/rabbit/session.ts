import { parseMessage } from '../../base/message.js'
import type { AgentMessage, ServerMessage } from '../contracts/messages.js'
import type { Session } from '../transport.js'
import type { Broker } from './broker.js'
import type { Envelope, EnvelopeType } from './envelope.js'
import type { Link } from './link.js'

/** The server's end of a session over the broker. */
export class RabbitSession implements Session {
  readonly #link: Link
  readonly #broker: Broker
  readonly #listeners: ((message: AgentMessage | null) => void)[] = []
  readonly #closed: (() => void)[] = []
  #over = false

  constructor(link: Link, broker: Broker) {
    this.#link = link
    this.#broker = broker
  }

  onMessage(listener: (message: AgentMessage | null) => void): void {
    this.#listeners.push(listener)
  }

  onClose(listener: () => void): void {
    this.#closed.push(listener)
  }

  welcome(): void {
    this.#send('welcome', null)
  }

  send(message: ServerMessage): void {
    this.#send('message', message)
  }

  terminate(): void {
    if (this.#over) return
    this.#send('bye', null)
    this.end()
  }

  /** Ends it without a word: the agent is gone, or knows. */
  end(): void {
    if (this.#over) return
    this.#over = true
    for (const listener of this.#closed) listener()
  }

  /** Says that the server is there; ends the session of an agent that has said nothing for too long. */
  ping(): void {
    if (this.#link.silent) this.terminate()
    else this.#send('ping', null)
  }

  /** What came from the agent's queue. */
  take(envelope: Envelope, content: Buffer): void {
    const order = this.#link.take(envelope)
    if (envelope.type === 'bye') this.end()
    else if (order === 'lost') this.terminate()
    else if (order === 'next' && envelope.type === 'message') this.deliver(parseMessage<AgentMessage>(content))
  }

  deliver(message: AgentMessage | null): void {
    for (const listener of this.#listeners) listener(message)
  }

  #send(type: EnvelopeType, body: unknown): void {
    if (!this.#over) this.#broker.send({ key: this.#link.peer }, this.#link.next(type), body)
  }
}
