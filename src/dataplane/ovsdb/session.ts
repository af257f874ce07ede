import { EventEmitter } from 'node:events'
import type { Logger } from '../../base/log.js'
import { JsonRpc, JsonRpcError } from './json-rpc.js'
import { MONITORED, Replica, type TableUpdates } from './replica.js'
import type { Operation } from './values.js'

interface Events {
  change: []
  /** any update at all, also of progress counters */
  update: []
  connected: []
  disconnected: []
}

interface OperationResult {
  readonly error?: string
  readonly details?: string
  readonly count?: number
  readonly rows?: readonly Record<string, unknown>[]
}

const FIRST_RETRY_MS = 20
const LONGEST_RETRY_MS = 1_000

/** A transaction was refused by ovsdb-server. `code` is RFC 7047's error word (`constraint violation` …). */
export class TransactionError extends Error {
  readonly code: string
  constructor(code: string, details: string) {
    super(`OVSDB: ${code}: ${details}`)
    this.name = 'TransactionError'
    this.code = code
  }
}

/**
 * A connection that is re-made for ever, with a replica of the monitored tables. A new connection starts with a
 * complete new replica, so nothing can be missed while there was none.
 */
export class OvsdbSession extends EventEmitter<Events> {
  readonly #path: string
  readonly #log: Logger
  #rpc: JsonRpc | null = null
  #replica = new Replica()
  #retry = FIRST_RETRY_MS
  #timer: NodeJS.Timeout | null = null
  #stopped = false

  constructor(path: string, log: Logger) {
    super()
    this.setMaxListeners(0)
    this.#path = path
    this.#log = log
  }

  get connected(): boolean {
    return this.#rpc !== null
  }

  get replica(): Replica {
    return this.#replica
  }

  start(): void {
    void this.#connect()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#rpc?.close()
  }

  /** Runs one transaction; its changes are in the replica when it resolves. */
  async transact(operations: readonly Operation[]): Promise<readonly OperationResult[]> {
    if (!this.#rpc) throw new JsonRpcError('not connected to ovsdb-server')
    const results = (await this.#rpc.call('transact', ['Open_vSwitch', ...operations])) as (OperationResult | null)[]
    const failed = results.find((result) => result?.error)
    if (failed) throw new TransactionError(failed.error!, failed.details ?? '')
    return results.map((result) => result ?? {})
  }

  async #connect(): Promise<void> {
    try {
      const rpc = await JsonRpc.connect(this.#path)
      if (this.#stopped) return rpc.close()
      rpc.on('closed', (reason) => this.#lost(reason))
      await this.#monitor(rpc)
    } catch (error) {
      this.#log.debug({ err: (error as Error).message, path: this.#path }, 'cannot connect to ovsdb-server')
      this.#again()
    }
  }

  async #monitor(rpc: JsonRpc): Promise<void> {
    const replica = new Replica()
    rpc.on('notification', (method, params) => {
      if (method !== 'update') return
      const telling = replica.apply(params[1] as TableUpdates)
      if (this.#rpc !== rpc) return
      this.emit('update')
      if (telling) this.emit('change')
    })
    const requests = Object.fromEntries(Object.entries(MONITORED).map(([table, columns]) => [table, { columns }]))
    replica.apply((await rpc.call('monitor', ['Open_vSwitch', 'agent', requests])) as TableUpdates)
    this.#rpc = rpc
    this.#replica = replica
    this.#retry = FIRST_RETRY_MS
    this.emit('connected')
    this.emit('update')
    this.emit('change')
  }

  #lost(reason: string): void {
    if (!this.#rpc) return
    this.#rpc = null
    if (this.#stopped) return
    this.#log.warn({ reason }, 'lost the connection to ovsdb-server')
    this.emit('disconnected')
    this.emit('update')
    this.#again()
  }

  #again(): void {
    if (this.#stopped || this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#connect()
    }, this.#retry)
    this.#retry = Math.min(this.#retry * 2, LONGEST_RETRY_MS)
  }
}
