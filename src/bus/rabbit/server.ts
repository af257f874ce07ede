import { randomUUID } from 'node:crypto'
import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Logger } from '../../base/log.js'
import { parseMessage } from '../../base/message.js'
import type { RabbitTransport } from '../../config/transport.js'
import type { HelloMessage } from '../contracts/messages.js'
import type { Accept, ServerTransport, TransportStatus } from '../transport.js'
import { Broker, type BrokerUser } from './broker.js'
import { type Envelope, readEnvelope } from './envelope.js'
import { Link, SERVER_PATIENCE } from './link.js'
import { HELLO_QUEUE, HELLO_TOPIC, ownQueue, ownQueueOptions, serverTopic } from './names.js'
import { RabbitSession } from './session.js'

export interface RabbitServerOptions {
  readonly transport: RabbitTransport
  /** this server's name in what the broker shows */
  readonly name: string
  /** names this life of the server's projection */
  readonly epoch: string
  readonly log: Logger
}

/**
 * Hellos that are answered at once; the next are left to other servers until the broker has the answer. So no more than one
 * is lost for a while to a server that takes and does not answer.
 */
const HELLOS_AT_ONCE = 1
/** Reports read ahead, and reports that wait in the broker, of all agents together. */
const READ_AHEAD = 1_000
const LONGEST_QUEUE = 100_000

/** Serves agents over RabbitMQ: takes their hellos from the queue of all servers, and then each agent's reports from its own. */
export class RabbitServer implements ServerTransport, BrokerUser {
  readonly port = null
  readonly #options: RabbitServerOptions
  readonly #accept: Accept
  readonly #broker: Broker
  readonly #sender = randomUUID()
  readonly #sessions = new Map<string, RabbitSession>()
  /** agent process -> its session */
  readonly #ofAgent = new Map<string, RabbitSession>()
  #queue = ''
  #timer: NodeJS.Timeout | null = null

  constructor(options: RabbitServerOptions, accept: Accept) {
    this.#options = options
    this.#accept = accept
    this.#broker = new Broker(options.transport, 'neutron-server', this, options.log)
  }

  start(): void {
    this.#broker.start()
    this.#timer = setInterval(() => this.#ping(), SERVER_PATIENCE.pingMs)
  }

  status(): TransportStatus {
    return { connected: this.#broker.connected, losses: this.#broker.losses }
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    for (const session of this.#sessions.values()) session.terminate()
    await this.#broker.stop()
  }

  async setup(channel: ConfirmChannel): Promise<void> {
    const { transport, name, epoch } = this.#options
    const { name: exchange, durable, autoDelete } = transport.exchange
    this.#queue = ownQueue('neutron-server', name)
    await channel.assertExchange(exchange, 'topic', { durable, autoDelete })
    await channel.assertQueue(HELLO_TOPIC, HELLO_QUEUE)
    await channel.bindQueue(HELLO_TOPIC, exchange, HELLO_TOPIC)
    await channel.assertQueue(this.#queue, ownQueueOptions(LONGEST_QUEUE))
    await channel.bindQueue(this.#queue, exchange, serverTopic(epoch))
    await channel.prefetch(READ_AHEAD)
    await channel.consume(this.#queue, (message) => this.#take(channel, message))
    await channel.prefetch(HELLOS_AT_ONCE)
    await channel.consume(HELLO_TOPIC, (message) => this.#take(channel, message))
  }

  ready(): void {}

  lost(): void {
    for (const session of this.#sessions.values()) session.end()
  }

  undelivered(id: string): void {
    this.#sessions.get(id)?.end()
  }

  /** null: the queue was deleted by somebody. */
  #take(channel: ConfirmChannel, message: ConsumeMessage | null): void {
    if (message === null) {
      this.#options.log.warn('a queue was taken away; it is made again')
      void this.#broker.interrupt()
      return
    }
    const envelope = readEnvelope(message)
    if (envelope?.type !== 'hello') channel.ack(message)
    if (!envelope) this.#options.log.warn({ size: message.content.length }, 'a message of a stranger is dropped')
    else if (envelope.type === 'hello') void this.#hello(channel, message, envelope)
    else this.#message(message.content, envelope)
  }

  /** A hello is acknowledged when the broker has its answer: should this server die before, another one gets it. */
  async #hello(channel: ConfirmChannel, message: ConsumeMessage, envelope: Envelope): Promise<void> {
    const { log } = this.#options
    const hello = parseMessage<HelloMessage>(message.content)
    try {
      if (hello?.type === 'hello' && [hello.host, hello.binary].every(isName)) this.#begin(hello, envelope)
      else log.warn({ queue: envelope.replyTo }, 'not a hello: it is dropped')
    } catch (error) {
      // another server could not answer it either
      log.error({ err: error, host: hello?.host }, 'a hello could not be answered')
    }
    try {
      await channel.waitForConfirms()
      channel.ack(message)
    } catch (error) {
      // the channel is closed: the broker gives the hello to another server
      log.debug({ err: (error as Error).message }, 'a hello was not acknowledged')
    }
  }

  #begin(hello: HelloMessage, { session: id, replyTo, sender }: Envelope): void {
    // what its former session still has on the way must not come after what it says now
    this.#ofAgent.get(sender)?.end()
    const link = new Link({
      session: id,
      peer: replyTo,
      replyTo: this.#queue,
      sender: this.#sender,
      patience: SERVER_PATIENCE,
    })
    const session = new RabbitSession(link, this.#broker)
    this.#sessions.set(id, session)
    this.#ofAgent.set(sender, session)
    session.onClose(() => {
      this.#sessions.delete(id)
      if (this.#ofAgent.get(sender) === session) this.#ofAgent.delete(sender)
    })
    session.welcome()
    this.#accept(session, hello.host)
    session.deliver(hello)
  }

  #message(content: Buffer, envelope: Envelope): void {
    const session = this.#sessions.get(envelope.session)
    if (session) session.take(envelope, content)
    else if (envelope.type !== 'bye') this.#sayUnknown(envelope)
  }

  #sayUnknown({ session, replyTo }: Envelope): void {
    const bye = { type: 'bye', session, number: 0, replyTo: this.#queue, sender: this.#sender } as const
    this.#broker.send({ key: replyTo }, bye, null)
  }

  #ping(): void {
    for (const session of this.#sessions.values()) session.ping()
  }
}

const isName = (text: unknown) => typeof text === 'string' && text !== ''
