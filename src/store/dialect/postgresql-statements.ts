import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import type { Pool, PoolClient, QueryConfig } from 'pg'
import { Fault } from '../../core/faults.js'
import { type Effect, effectOf } from '../memory.js'

/** Statements that each connection keeps planned, at most. The service has a few hundred; lists of many lengths make more. */
const PLANNED = 300

/** No answer to one of our statements takes so long (the wait for other writers is shorter): the server is gone. */
const ANSWER_MS = 35_000

const DATA = /^\s*(select|insert|update|delete|with)\b/i

/**
 * A pool whose connections keep plans of statements that come again: planning costs more than most of them. Schema
 * statements are never kept, and may take their time. `ran` is told of what may change something.
 */
export function withPlannedStatements(pool: Pool, ran: (effect: Effect) => void): PostgresPool {
  const planned = new PlannedNames()
  const known = new WeakMap<PoolClient, PostgresPoolClient>()
  const wrapped = (client: PoolClient): PostgresPoolClient => {
    let wrapper = known.get(client)
    if (!wrapper) {
      wrapper = plannedClient(client, planned, ran)
      known.set(client, wrapper)
    }
    return wrapper
  }
  // the dialect uses these two, and streams nothing
  return { connect: async () => wrapped(await pool.connect()), end: () => pool.end() } as PostgresPool
}

function plannedClient(client: PoolClient, planned: PlannedNames, ran: (effect: Effect) => void): PostgresPoolClient {
  return {
    query: async <R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> => {
      const effect = effectOf(text)
      if (effect !== 'reads') ran(effect)
      try {
        const limits = DATA.test(text) ? { ...planned.name(text), query_timeout: ANSWER_MS } : {}
        const query: QueryConfig = { text, values: [...values], ...limits }
        return (await client.query(query)) as unknown as PostgresQueryResult<R>
      } catch (error) {
        throw met(client, error)
      }
    },
    release: () => client.release(),
  } as PostgresPoolClient
}

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
