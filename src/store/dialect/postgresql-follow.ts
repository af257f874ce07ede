import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from '../../base/log.js'
import type { Following } from './database.js'
import { PEERS_CHANNEL, PostgresqlPeers } from './postgresql-peers.js'

export const CHANNEL = 'eastwest_revision'

const RETRY_MS = [100, 5_000] as const
/** A peer that vanished without a word, or a proxy that keeps notifications back, is noticed within this time. */
const CHECK_MS = 15_000
const CHECK_TIMEOUT_MS = 5_000

/**
 * Hears the revisions that servers announce, on a connection of its own. After each (re)connection and every
 * `CHECK_MS` it asks for the last one, so that what was announced meanwhile is not missed.
 */
export class Follower implements Following {
  readonly #config: pg.ClientConfig
  readonly peers = new PostgresqlPeers()
  readonly #heard: (revision: number) => void
  readonly #log: Logger | null
  readonly #closing = new AbortController()
  #client: pg.Client | null = null
  /** settled when the present connection is over */
  #lost: Promise<unknown> = Promise.resolve()
  #running: Promise<void> = Promise.resolve()

  private constructor(config: pg.ClientConfig, heard: (revision: number) => void, log: Logger | null) {
    this.#config = { ...config, query_timeout: CHECK_TIMEOUT_MS }
    this.#heard = heard
    this.#log = log
  }

  static async start(
    config: pg.ClientConfig,
    heard: (revision: number) => void,
    log: Logger | null,
  ): Promise<Following> {
    const follower = new Follower(config, heard, log)
    await follower.#connect()
    follower.#running = follower.#follow()
    return follower
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#client?.end().catch(() => {})
    await this.#running
  }

  async #connect(): Promise<void> {
    const client = new pg.Client(this.#config)
    this.#client = client
    this.#lost = new Promise((resolve) => client.once('end', resolve))
    client.on('error', (err) => this.#log?.warn({ reason: err.message }, 'lost the connection that announces changes'))
    client.on('notification', ({ channel, payload }) => {
      if (channel === PEERS_CHANNEL) this.peers.hear(payload!)
      else this.#heard(Number(payload))
    })
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
      await this.peers.join(client)
      await this.#ask(client)
    } catch (error) {
      void client.end().catch(() => {})
      throw error
    }
  }

  async #ask(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ revision: number }>('select revision from revisions where id = 1')
    this.#heard(Number(rows[0]!.revision))
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing
    let pause: number = RETRY_MS[0]
    await this.#untilLost()
    while (!signal.aborted) {
      try {
        await this.#connect()
        this.#log?.info('following the database again')
        pause = RETRY_MS[0]
        await this.#untilLost()
      } catch (error) {
        this.#log?.warn({ reason: (error as Error).message }, 'the database cannot be followed, trying again')
      }
      if (!signal.aborted) await delay(pause, undefined, { signal }).catch(() => {})
      pause = Math.min(pause * 2, RETRY_MS[1])
    }
  }

  async #untilLost(): Promise<void> {
    const client = this.#client!
    const timer = setInterval(() => {
      // an answer that does not come ends the connection, and with it the wait below
      this.#ask(client).catch(() => void client.end().catch(() => {}))
    }, CHECK_MS)
    timer.unref()
    await this.#lost
    clearInterval(timer)
  }
}
