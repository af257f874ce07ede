import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import type { Pool, PoolClient, QueryConfig } from 'pg'
import { Fault } from '../../core/faults.js'
import { type Effect, effectOf } from '../memory.js'
import { WaitingInserts } from './postgresql-inserts.js'

/** Statements that each connection keeps planned, at most. The service has a few hundred; lists of many lengths make more. */
const PLANNED = 300

/** No answer to one of our statements takes so long (the wait for other writers is shorter): the server is gone. */
const ANSWER_MS = 35_000

const DATA = /^\s*(select|insert|update|delete|with)\b/i
/** Several statements in one text are sent without a plan, and answered by the last one's rows. */
const SEVERAL = /;\s*\S/
const BEGIN = /^begin$/i
const START = /^start transaction\b/i
const READ_ONLY = /\bread only\b/i
const END = /^(commit|rollback)$/i
const ROLLBACK = /^rollback$/i

/**
 * A pool whose connections keep plans of statements that come again: planning costs more than most of them. Schema
 * statements are never kept, and may take their time. `ran` is told of what may change something.
 */
export function withPlannedStatements(pool: Pool, ran: (effect: Effect) => void): PostgresPool {
  const planned = new PlannedNames()
  const known = new WeakMap<PoolClient, PlannedClient>()
  const wrapped = (client: PoolClient): PostgresPoolClient => {
    let wrapper = known.get(client)
    if (!wrapper) {
      wrapper = new PlannedClient(client, planned, ran)
      known.set(client, wrapper)
    }
    return wrapper as unknown as PostgresPoolClient
  }
  // the dialect uses these two, and streams nothing
  return { connect: async () => wrapped(await pool.connect()), end: () => pool.end() } as PostgresPool
}

/** One connection, which one transaction or statement at a time has for itself. */
class PlannedClient {
  readonly #client: PoolClient
  readonly #planned: PlannedNames
  readonly #ran: (effect: Effect) => void
  readonly #inserts = new WaitingInserts()
  #transaction: 'none' | 'asked for' | 'writes' | 'only reads' = 'none'

  constructor(client: PoolClient, planned: PlannedNames, ran: (effect: Effect) => void) {
    this.#client = client
    this.#planned = planned
    this.#ran = ran
  }

  async query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    if (BEGIN.test(text)) {
      // it goes with the transaction's first statement
      this.#transaction = 'asked for'
      return NO_ROWS
    }
    if (START.test(text)) this.#transaction = READ_ONLY.test(text) ? 'only reads' : 'writes'
    if (END.test(text)) return this.#end(text)
    this.#tell(effectOf(text))
    if (this.#transaction === 'writes' && this.#inserts.add(text, values)) return NO_ROWS
    if (this.#inserts.concern(text)) await this.#writeInserts()
    return this.#send(text, values)
  }

  release(): void {
    this.#client.release()
  }

  async #end<R>(text: string): Promise<PostgresQueryResult<R>> {
    const before = this.#transaction
    const back = ROLLBACK.test(text)
    if (back) {
      this.#tell('anything')
      this.#inserts.drop()
    } else await this.#writeInserts()
    this.#transaction = 'none'
    return before === 'asked for' ? NO_ROWS : this.#send(text, [])
  }

  async #writeInserts(): Promise<void> {
    for (const { text, values } of this.#inserts.take()) await this.#send(text, values)
  }

  async #send<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    const several = SEVERAL.test(text)
    const begins = this.#transaction === 'asked for'
    if (begins) {
      this.#transaction = 'writes'
      if (!several) await this.#send('begin', [])
    }
    try {
      const limits = DATA.test(text) ? { ...(!several && this.#planned.name(text)), query_timeout: ANSWER_MS } : {}
      const query: QueryConfig = { text: begins && several ? `begin; ${text}` : text, values: [...values], ...limits }
      const result = (await this.#client.query(query)) as unknown as PostgresQueryResult<R> | PostgresQueryResult<R>[]
      return Array.isArray(result) ? result.at(-1)! : result
    } catch (error) {
      this.#tell('anything')
      throw met(this.#client, error)
    }
  }

  #tell(effect: Effect): void {
    if (effect !== 'reads' && this.#transaction !== 'only reads') this.#ran(effect)
  }
}

/** The answer to a statement that is sent later. */
const NO_ROWS = { command: 'INSERT', rowCount: 0, rows: [] } as const satisfies PostgresQueryResult<never>

/** What a failed statement means for its connection and for whoever asked. */
function met(client: PoolClient, error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown }
  // ends the socket at once: an answer that still comes must not be taken for that of another statement
  if (message === 'Query read timeout') void (client as unknown as { end(): Promise<void> }).end().catch(() => {})
  // character_not_in_repertoire: NUL is the one character that PostgreSQL does not keep
  if (code === '22021') return new Fault('InvalidInput', 400, 'Invalid input for operation: text with a NUL character.')
  return error
}

/** Names for statements that came a second time, as long as there is room. */
class PlannedNames {
  readonly #names = new Map<string, { readonly name: string }>()
  readonly #seen = new Set<string>()

  name(text: string): { readonly name: string } | undefined {
    const known = this.#names.get(text)
    if (known || this.#names.size >= PLANNED) return known
    if (!this.#seen.has(text)) {
      if (this.#seen.size >= PLANNED * 10) this.#seen.clear()
      this.#seen.add(text)
      return undefined
    }
    this.#seen.delete(text)
    const name = { name: `s${this.#names.size + 1}` }
    this.#names.set(text, name)
    return name
  }
}
