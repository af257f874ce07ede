import type { Kysely } from 'kysely'
import type { ChangeSource } from '../bus/ports.js'
import type { Change, CloudKind, CloudObject } from '../model/cloud.js'
import { type Actor, changesSince, currentObjects, lastRevision } from './change-log.js'
import type { Following } from './dialect/database.js'
import type { Database } from './dialect/index.js'
import { GroupCommit } from './group-commit.js'
import type { Schema } from './schema.js'
import type { Db } from './table.js'
import { type Renderer, Transaction } from './transaction.js'

interface Done<T> {
  readonly tx: Transaction
  readonly result: T
  /** of the last change record; null when nothing differs */
  readonly revision: number | null
}

type Attempt<T> = (actor: Actor, work: (tx: Transaction) => Promise<T>, progress: { commitSent: boolean }) => Promise<T>

/**
 * The database. Changes run in transactions, one at a time, reads each on one consistent state; on an embedded
 * database a read waits for its turn too. Inside one, use its handle only: a nested `read` or `transaction` would wait
 * for itself.
 */
export class Store implements ChangeSource {
  readonly #db: Kysely<Schema>
  readonly #database: Database
  readonly #renderers = new Map<CloudKind, Renderer>()
  readonly #listeners = new Set<() => void>()
  #revision = 0
  #following: Following | null = null
  /** where this server has the database to itself */
  readonly #groups: GroupCommit<Done<unknown>>
  /** end of the last change that this server has begun, where servers share the database */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(db: Kysely<Schema>, database: Database) {
    this.#db = db
    this.#database = database
    this.#groups = new GroupCommit((work) => this.#db.transaction().execute(work))
  }

  /** Who makes the recorded values of `kind`. */
  renderer(kind: CloudKind, renderer: Renderer): void {
    this.#renderers.set(kind, renderer)
  }

  /** The last revision this server knows of. */
  get revision(): number {
    return this.#revision
  }

  /** Runs `work`, which only reads, on one consistent state of the database. */
  async read<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const { sharing } = this.#database
    // nobody writes while this has the only connection
    if (!sharing) return this.#db.connection().execute(work)
    return this.#retrying(() =>
      this.#db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work),
    )
  }

  /**
   * Runs `work` and commits it together with its change records, or neither. `work` may run more than once (another
   * server was faster), so it must not act outside the transaction but through `afterCommit`.
   */
  async transaction<T>(actor: Actor, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const run = (attempt: Attempt<T>) => this.#retrying((progress) => attempt(actor, work, progress))
    if (this.#database.sharing) return this.#inTurn(() => run(this.#attempt))
    return run(this.#attemptInGroup)
  }

  readonly #attemptInGroup = <T>(actor: Actor, work: (tx: Transaction) => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      this.#groups.add({
        run: (db) => this.#carryOut(db, actor, work),
        committed: (done) => {
          this.#committed(done)
          resolve(done.result as T)
        },
        failed: reject,
      })
    })

  async #carryOut<T>(db: Db, actor: Actor, work: (tx: Transaction) => Promise<T>): Promise<Done<T>> {
    const tx = new Transaction(db, actor)
    const result = await work(tx)
    return { tx, result, revision: await tx.flush(this.#renderers) }
  }

  #committed({ tx, revision }: Done<unknown>): void {
    tx.committed()
    if (revision !== null) this.#advance(revision)
  }

  /**
   * Changes of all servers exclude each other in the database. This server's own wait here, not there: they would hold
   * the connections that reads need.
   */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(run)
    this.#turn = done.catch(() => {})
    return done
  }

  async #retrying<T>(run: (progress: { commitSent: boolean }) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const progress = { commitSent: false }
      try {
        return await run(progress)
      } catch (error) {
        const pause = this.#database.retryAfter(error, attempt, progress.commitSent)
        if (pause === null) throw error
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
      }
    }
  }

  readonly #attempt = async <T>(
    actor: Actor,
    work: (tx: Transaction) => Promise<T>,
    progress: { commitSent: boolean },
  ): Promise<T> => {
    const { sharing } = this.#database
    const done = await this.#db.transaction().execute(async (db) => {
      await sharing?.exclude(db)
      const carried = await this.#carryOut(db, actor, work)
      if (carried.revision !== null) await sharing?.announce(db, carried.revision)
      progress.commitSent = true
      return carried
    })
    this.#committed(done)
    return done.result
  }

  /** The database stands at `revision`, by this server's change or another's. */
  #advance(revision: number): void {
    if (revision <= this.#revision) return
    this.#revision = revision
    for (const listener of this.#listeners) listener()
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

  /** Reads the last revision of an existing database, and follows other servers' changes; once, before use. */
  async start(): Promise<void> {
    this.#revision = await lastRevision(this.#db)
    this.#following = (await this.#database.sharing?.follow((revision) => this.#advance(revision))) ?? null
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    await this.#following?.close()
    await this.#db.destroy()
  }
}
