import { randomUUID } from 'node:crypto'
import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Logger } from '../../base/log.js'
import { parseMessage } from '../../base/message.js'
import type { RabbitTransport } from '../../config/transport.js'
import type { AgentMessage, ServerMessage } from '../contracts/messages.js'
import { Steps } from '../steps.js'
import type { ClientHandlers, ClientTransport } from '../transport.js'
import { Broker, type BrokerUser } from './broker.js'
import { type Envelope, readEnvelope } from './envelope.js'
import { AGENT_PATIENCE, Link } from './link.js'
import { HELLO_TOPIC, ownQueue, ownQueueOptions, serverTopic } from './names.js'

/** What the server says is read ahead, and waits in the broker, up to these numbers of messages. */
const READ_AHEAD = 256
const LONGEST_QUEUE = 10_000
/** A hello is repeated after this time, then after twice of it …, up to `rpc_response_timeout`. */
const FIRST_ANSWER_MS = 3_000
/** So often the server that knows the agent's position is asked for first: after an outage of the broker it comes back too … */
const STICKY_AFTER_OUTAGE = 4
/** … and it may have lost its own connection only. One that is silent is not asked. */
const STICKY_AFTER_LOSS = 2

/** The agent's end of sessions over RabbitMQ. */
export class RabbitClient implements ClientTransport, BrokerUser {
  readonly #transport: RabbitTransport
  readonly #identity: { host: string; binary: string }
  readonly #handlers: ClientHandlers
  readonly #log: Logger
  readonly #broker: Broker
  readonly #sender = randomUUID()
  readonly #steps = new Steps()
  #queue = ''
  /** the session that was asked for */
  #asked: string | null = null
  #link: Link | null = null
  #stickyLeft = 0
  #answerMs = FIRST_ANSWER_MS
  #timer: NodeJS.Timeout | null = null
  #pingedAt = 0
  #stopped = false

  constructor(
    transport: RabbitTransport,
    identity: { host: string; binary: string },
    handlers: ClientHandlers,
    log: Logger,
  ) {
    this.#transport = transport
    this.#identity = identity
    this.#handlers = handlers
    this.#log = log
    this.#broker = new Broker(transport, identity.binary, this, log)
  }

  get connected(): boolean {
    return this.#link !== null
  }

  start(): void {
    this.#broker.start()
  }

  stop(): void {
    this.#stopped = true
    this.#wait(null)
    if (this.#link) this.#sayBye(this.#link.session, this.#link.peer)
    this.#link = null
    void this.#broker.stop()
  }

  send(message: AgentMessage): void {
    if (this.#link) this.#broker.send({ key: this.#link.peer }, this.#link.next('message'), message)
  }

  interrupt(): void {
    void this.#broker.interrupt()
  }

  async setup(channel: ConfirmChannel): Promise<void> {
    const { name, durable, autoDelete } = this.#transport.exchange
    const { binary, host } = this.#identity
    this.#queue = ownQueue(binary, host)
    await channel.assertExchange(name, 'topic', { durable, autoDelete })
    await channel.assertQueue(this.#queue, ownQueueOptions(LONGEST_QUEUE))
    await channel.prefetch(READ_AHEAD)
    await channel.consume(this.#queue, (message) => this.#take(channel, message))
  }

  ready(): void {
    this.#stickyLeft = STICKY_AFTER_OUTAGE
    this.#steps.reset()
    this.#ask()
  }

  lost(): void {
    this.#wait(null)
    this.#asked = null
    this.#unlink()
  }

  undelivered(session: string): void {
    if (session === this.#link?.session) this.#lose('the server is gone')
    else if (session === this.#asked) this.#askLater()
  }

  /** Says hello: to the server whose epoch the position has, then to any. */
  #ask(): void {
    const hello = this.#handlers.hello()
    const session = randomUUID()
    const sticky = hello.resume !== null && this.#stickyLeft-- > 0
    const key = sticky ? serverTopic(hello.resume!.epoch) : HELLO_TOPIC
    const envelope = { type: 'hello', session, number: 0, replyTo: this.#queue, sender: this.#sender } as const
    this.#asked = session
    this.#wait(() => this.#notAnswered(), this.#answerMs)
    this.#broker.send({ exchange: this.#transport.exchange.name, key }, envelope, hello, this.#answerMs)
  }

  #askLater(): void {
    this.#asked = null
    this.#wait(() => this.#ask(), this.#steps.next())
  }

  #notAnswered(): void {
    this.#log.warn({ waitedMs: this.#answerMs }, 'no server answered; asking again')
    this.#stickyLeft = 0
    this.#answerMs = Math.min(this.#answerMs * 2, Math.max(this.#transport.answerTimeout * 1000, FIRST_ANSWER_MS))
    this.#ask()
  }

  /** null: the queue was deleted by somebody. */
  #take(channel: ConfirmChannel, message: ConsumeMessage | null): void {
    if (message) channel.ack(message)
    const envelope = message && readEnvelope(message)
    if (message === null) this.interrupt()
    else if (!envelope) this.#log.warn({ size: message.content.length }, 'a message of a stranger is dropped')
    else if (envelope.session === this.#asked) this.#answered(envelope)
    else if (envelope.session === this.#link?.session) this.#inSession(this.#link, envelope, message.content)
    else if (envelope.type !== 'bye') this.#sayBye(envelope.session, envelope.replyTo)
  }

  #answered(envelope: Envelope): void {
    if (envelope.type !== 'welcome') {
      this.#askLater()
      return
    }
    const { session, replyTo: peer } = envelope
    const [replyTo, sender] = [this.#queue, this.#sender]
    this.#asked = null
    this.#link = new Link({ session, peer, replyTo, sender, patience: AGENT_PATIENCE })
    this.#link.take(envelope)
    this.#answerMs = FIRST_ANSWER_MS
    this.#pingedAt = performance.now()
    this.#repeatedly(() => this.#ping(), AGENT_PATIENCE.pingMs)
    this.#handlers.connected()
  }

  #inSession(link: Link, envelope: Envelope, content: Buffer): void {
    // a hello that a dying server could not acknowledge has been answered a second time
    if (envelope.replyTo !== link.peer) this.#sayBye(envelope.session, envelope.replyTo)
    else if (envelope.type === 'bye') this.#lose('the server has ended the session')
    else this.#inOrder(link.take(envelope), envelope, content)
  }

  #inOrder(order: ReturnType<Link['take']>, { type }: Envelope, content: Buffer): void {
    this.#steps.reset()
    if (order === 'lost') this.#lose('a message was lost')
    if (order !== 'next' || type !== 'message') return
    const message = parseMessage<ServerMessage>(content)
    if (message) this.#handlers.message(message)
    else this.#lose('what came is no message')
  }

  #ping(): void {
    const link = this.#link
    if (!link) return
    const late = performance.now() - this.#pingedAt > 2 * AGENT_PATIENCE.pingMs
    this.#pingedAt = performance.now()
    // after we have stood still ourselves, what the server said meanwhile is still to be read
    if (link.silent && !late) this.#lose('the server is silent', 0)
    else this.#broker.send({ key: link.peer }, link.next('ping'), null)
  }

  #lose(why: string, sticky = STICKY_AFTER_LOSS): void {
    const link = this.#link
    if (!link) return
    this.#log.info({ why }, 'the session has ended')
    this.#sayBye(link.session, link.peer)
    this.#unlink()
    this.#stickyLeft = sticky
    this.#askLater()
  }

  #unlink(): void {
    if (!this.#link) return
    this.#link = null
    if (!this.#stopped) this.#handlers.disconnected()
  }

  #sayBye(session: string, to: string): void {
    const bye = { type: 'bye', session, number: 0, replyTo: this.#queue, sender: this.#sender } as const
    this.#broker.send({ key: to }, bye, null)
  }

  /** One thing is waited for at a time. */
  #wait(then: (() => void) | null, ms = 0): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = then && !this.#stopped ? setTimeout(then, ms) : null
  }

  #repeatedly(what: () => void, ms: number): void {
    this.#wait(null)
    this.#timer = setInterval(what, ms)
  }
}
