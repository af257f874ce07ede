import type { Kysely } from 'kysely'
import type { ChangeSource } from '../bus/ports.js'
import type { Change, CloudKind, CloudObject } from '../model/cloud.js'
import { type Actor, changesSince, currentObjects, lastRevision } from './change-log.js'
import type { Following } from './dialect/database.js'
import type { Database } from './dialect/index.js'
import { GroupCommit } from './group-commit.js'
import { Memory, note } from './memory.js'
import { pruneAll, pruneBatch, pruneTime } from './prune.js'
import { RecentChanges } from './recent-changes.js'
import type { Schema } from './schema.js'
import { inSession } from './session.js'
import type { Db } from './table.js'
import { type Renderer, Transaction } from './transaction.js'

interface Done<T> {
  readonly tx: Transaction
  readonly result: T
  /** its change records */
  readonly changes: readonly Change[]
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
  readonly #recent = new RecentChanges()
  /** where this server has the database to itself */
  readonly #groups: GroupCommit<Done<unknown>>
  /** of the transaction under way; where this server has the database to itself, of all that it reads */
  #memory = new Memory()
  /** end of the last change that this server has begun, where servers share the database */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(db: Kysely<Schema>, database: Database) {
    this.#db = db
    this.#database = database
    this.#groups = new GroupCommit((work) => this.#db.transaction().execute((own) => this.#remembering(own, work)))
    database.observe((effect) => note(this.#memory, effect))
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
    if (!sharing) return this.#db.connection().execute((own) => this.#remembering(own, work))
    return this.#retrying(() =>
      this.#db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((own) => inSession(own, new Memory(), work)),
    )
  }

  /** Where nobody else writes, what was read stays known. */
  #remembering<T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
    if (this.#database.changedByOthers()) this.#memory.forget()
    return inSession(db, this.#memory, work)
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
    return { tx, result, changes: await tx.flush(this.#renderers) }
  }

  #committed({ tx, changes }: Done<unknown>): void {
    tx.committed()
    this.#recent.add(changes)
    const last = changes.at(-1)
    if (last) this.#advance(last.revision)
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
      this.#memory = new Memory()
      const carried = await inSession(db, this.#memory, () => this.#carryOut(db, actor, work))
      const last = carried.changes.at(-1)
      if (last) await sharing?.announce(db, last.revision)
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
    return this.#recent.since(revision, this.#revision) ?? changesSince(this.#db, revision)
  }

  /** Deletes the change log's records that are older; resolves to how many. */
  async prune(maxDays: number): Promise<number> {
    const time = pruneTime(maxDays)
    return pruneAll(() => this.#retrying(() => this.#db.connection().execute((db) => pruneBatch(db, time))))
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
