import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { type ChannelModel, type ConfirmChannel, connect, credentials, type Message, type SocketOptions } from 'amqplib'
import type { Logger } from '../../base/log.js'
import type { BrokerAddress, RabbitTransport } from '../../config/transport.js'
import { Steps } from '../steps.js'
import { type Envelope, envelopeProperties, readEnvelope } from './envelope.js'

const CONNECT_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 1_000
/** A connection that held so long was a good one: the pauses begin anew. */
const SHORTEST_GOOD_MS = 5_000

/** `ConnectionClose` instead of the virtual host's opening says that there is none, or not for this user. */
const REFUSAL = /ACCESS_REFUSED|NOT_ALLOWED|got <?ConnectionClose/

/** What a process does with its connection to the broker. */
export interface BrokerUser {
  /** Declares what it needs and begins to read. The connection counts as made when it resolves. */
  setup(channel: ConfirmChannel): Promise<void>
  ready(): void
  /** what was declared for this connection, as far as that went, is gone; the next one is being made */
  lost(): void
  /** nobody can get this message: the queue is gone, or full */
  undelivered(session: string): void
}

/**
 * A connection to one of the brokers, made anew for ever when it is lost: with the next broker of the URL, short pauses
 * first. One channel carries everything, so that what one process tells another stays in order.
 */
export class Broker {
  readonly #transport: RabbitTransport
  readonly #name: string
  readonly #user: BrokerUser
  readonly #log: Logger
  readonly #steps = new Steps()
  readonly #stop = new AbortController()
  /** that was tried last */
  #broker: BrokerAddress | null = null
  #connection: ChannelModel | null = null
  #channel: ConfirmChannel | null = null
  #up = false
  #losses = 0
  /** why the last attempt failed: it is not told again and again */
  #told = ''

  constructor(transport: RabbitTransport, name: string, user: BrokerUser, log: Logger) {
    this.#transport = transport
    this.#name = name
    this.#user = user
    this.#log = log
  }

  get connected(): boolean {
    return this.#up
  }

  get losses(): number {
    return this.#losses
  }

  start(): void {
    void this.#run()
  }

  /** Resolves when what was sent has gone out, or after a second. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.interrupt()
  }

  /** Closes the connection; the next one is made. */
  async interrupt(): Promise<void> {
    const closed = this.#connection?.close().catch(() => {})
    if (closed) await Promise.race([closed, delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })])
  }

  /**
   * Sends to a queue, or to an exchange with a routing key. What cannot be delivered is told to the user; what is sent
   * while there is no connection is dropped, for its session has ended.
   */
  send(to: Address, envelope: Envelope, body: unknown, expiresMs?: number): void {
    const channel = this.#channel
    if (!channel) return
    const properties = envelopeProperties(envelope)
    const options = { ...properties, mandatory: true, ...(expiresMs === undefined ? {} : { expiration: expiresMs }) }
    const refused = (error: unknown) => {
      if (error && channel === this.#channel) this.#user.undelivered(envelope.session)
    }
    try {
      channel.publish(to.exchange ?? '', to.key, Buffer.from(JSON.stringify(body)), options, refused)
    } catch (error) {
      // the channel is about to be closed: everything on it is lost
      this.#log.debug({ err: (error as Error).message }, 'not sent')
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const broker = this.#nextBroker()
      const reason = await this.#once(broker)
      if (signal.aborted) return
      this.#explain(reason, broker)
      await delay(this.#steps.next(), undefined, { signal }).catch(() => {})
    }
  }

  /** Makes a connection and keeps it; resolves to the reason why there is none, or none any more. */
  async #once(broker: BrokerAddress): Promise<Error> {
    try {
      const connection = await connect(this.#connectOptions(broker), this.#socketOptions(broker))
      if (this.#stop.signal.aborted) await connection.close()
      this.#connection = connection
      return await this.#keep(connection, broker)
    } catch (error) {
      return error as Error
    } finally {
      this.#connection?.close().catch(() => {})
      this.#connection = null
    }
  }

  async #keep(connection: ChannelModel, broker: BrokerAddress): Promise<Error> {
    let reason: Error | null = null
    const ended = new Promise<Error>((resolve) => {
      connection.on('error', (error) => {
        reason ??= error
      })
      connection.once('close', (error) => resolve(reason ?? error ?? new Error('the connection was closed')))
    })
    connection.on('blocked', (why) => this.#log.warn({ why }, 'the broker takes no messages'))
    connection.on('unblocked', () => this.#log.info('the broker takes messages again'))
    const channel = await connection.createConfirmChannel()
    channel.on('error', (error) => {
      reason ??= error
    })
    channel.once('close', () => void connection.close().catch(() => {}))
    channel.on('return', (message) => this.#returned(message))
    this.#channel = channel
    try {
      await this.#user.setup(channel)
      return await this.#serve(ended, broker)
    } catch (error) {
      throw reason ?? error
    } finally {
      this.#channel = null
      this.#user.lost()
    }
  }

  async #serve(ended: Promise<Error>, { host, port }: BrokerAddress): Promise<Error> {
    this.#log.info({ host, port, virtualHost: this.#transport.virtualHost }, 'connected to the broker')
    const since = performance.now()
    this.#up = true
    this.#told = ''
    this.#user.ready()
    try {
      return await ended
    } finally {
      this.#up = false
      this.#losses++
      if (performance.now() - since > SHORTEST_GOOD_MS) this.#steps.reset()
    }
  }

  #returned(message: Message): void {
    const envelope = readEnvelope(message)
    if (envelope) this.#user.undelivered(envelope.session)
  }

  #nextBroker(): BrokerAddress {
    const { brokers, shuffle } = this.#transport
    const last = this.#broker
    const others = brokers.length > 1 ? brokers.filter((broker) => broker !== last) : brokers
    const inOrder = brokers[(last ? brokers.indexOf(last) + 1 : 0) % brokers.length]!
    this.#broker = shuffle ? others[Math.floor(Math.random() * others.length)]! : inOrder
    return this.#broker
  }

  #explain({ message }: Error, { host, port, user }: BrokerAddress): void {
    const where = { host, port, user, virtualHost: this.#transport.virtualHost, why: message }
    // the name of a queue is another one each time
    const told = `${host}:${port} ${message.replace(/[0-9a-f-]{36}/g, '')}`
    if (told === this.#told) this.#log.debug(where, 'no connection to the broker')
    else if (REFUSAL.test(message))
      this.#log.error(
        where,
        'the broker refuses us: look at user, password and virtual host of transport_url, and at its permissions',
      )
    else this.#log.warn(where, 'no connection to the broker; it is tried again')
    this.#told = told
  }

  #connectOptions({ host, port }: BrokerAddress) {
    const { tls, virtualHost, heartbeat } = this.#transport
    return {
      protocol: tls ? 'amqps' : 'amqp',
      hostname: host,
      port,
      // the library decodes it
      vhost: encodeURIComponent(virtualHost),
      // a side is given up after two intervals
      heartbeat: Math.ceil(heartbeat / 2),
    }
  }

  #socketOptions({ user, password }: BrokerAddress): SocketOptions {
    const { tls, loginMethod } = this.#transport
    const mechanism = loginMethod === 'PLAIN' ? credentials.plain : credentials.amqplain
    const read = (path: string | null) => (path === null ? undefined : readFileSync(path))
    const files = tls ? { ca: read(tls.ca), cert: read(tls.certificate), key: read(tls.key) } : {}
    const name = `${this.#name}:${hostname()}:${process.pid}`
    return {
      ...files,
      credentials: mechanism(user, password),
      noDelay: true,
      timeout: CONNECT_TIMEOUT_MS,
      clientProperties: { product: 'eastwest', connection_name: name },
    }
  }
}

/** A queue (`key` is its name), or an exchange with a routing key. */
export interface Address {
  readonly exchange?: string
  readonly key: string
}
