import type { Kysely } from 'kysely'
import type { ChangeSource } from '../bus/ports.js'
import type { Change, CloudKind, CloudObject } from '../model/cloud.js'
import { type Actor, changesSince, currentObjects, lastRevision } from './change-log.js'
import type { DatabaseKind } from './dialect/index.js'
import type { Schema } from './schema.js'
import type { Db } from './table.js'
import { type Renderer, Transaction } from './transaction.js'

/** How often a transaction is run when others get in its way. */
const ATTEMPTS = 4

/**
 * The database. Reads and changes run in transactions, one at a time on an embedded database. Inside one, use its
 * handle only: a nested `read` or `transaction` would wait for itself.
 */
export class Store implements ChangeSource {
  readonly #db: Kysely<Schema>
  readonly #kind: DatabaseKind
  readonly #renderers = new Map<CloudKind, Renderer>()
  readonly #listeners = new Set<() => void>()
  #revision = 0

  constructor(db: Kysely<Schema>, kind: DatabaseKind) {
    this.#db = db
    this.#kind = kind
  }

  /** Who makes the recorded values of `kind`. */
  renderer(kind: CloudKind, renderer: Renderer): void {
    this.#renderers.set(kind, renderer)
  }

  /** The last revision this server knows of. */
  get revision(): number {
    return this.#revision
  }

  /** Runs `work` on one consistent state of the database. */
  async read<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute(work)
  }

  /**
   * Runs `work` and commits it together with its change records, or neither. `work` may run more than once (another
   * server was faster), so it must not act outside the transaction but through `afterCommit`.
   */
  async transaction<T>(actor: Actor, work: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(actor, work)
      } catch (error) {
        const retry = this.#kind.isRetryable(error) || this.#kind.isUniqueViolation(error)
        if (!retry || attempt === ATTEMPTS) throw error
      }
    }
  }

  async #attempt<T>(actor: Actor, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const done = await this.#db.transaction().execute(async (db) => {
      const tx = new Transaction(db, actor)
      const result = await work(tx)
      const changes = await tx.flush(this.#renderers)
      return { tx, result, revision: changes > 0 ? await lastRevision(db) : null }
    })
    if (done.revision !== null) this.#revision = Math.max(this.#revision, done.revision)
    done.tx.committed()
    if (done.revision !== null) for (const listener of this.#listeners) listener()
    return done.result
  }

  async load(): Promise<{ revision: number; objects: CloudObject[] }> {
    return this.read(async (db) => ({ revision: await lastRevision(db), objects: await currentObjects(db) }))
  }

  async since(revision: number): Promise<Change[]> {
    return changesSince(this.#db, revision)
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reads the last revision of an existing database; once, before use. */
  async start(): Promise<void> {
    this.#revision = await lastRevision(this.#db)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    await this.#db.destroy()
  }
}
