import type { Kysely } from 'kysely'
import type { ChangeSource } from '../bus/ports.js'
import type { Change, CloudKind, CloudObject } from '../model/cloud.js'
import { type Actor, ChangeBook, changesSince, currentObjects, lastRevision } from './change-log.js'
import type { Following, Peers } from './dialect/database.js'
import type { Database } from './dialect/index.js'
import { GroupCommit } from './group-commit.js'
import { Memory, note } from './memory.js'
import { pruneAll, pruneBatch, pruneTime } from './prune.js'
import { RecentChanges } from './recent-changes.js'
import type { Schema } from './schema.js'
import { inSession } from './session.js'
import type { Db } from './table.js'
import { type Renderer, Transaction } from './transaction.js'

/** What a group of changes shares. */
interface Group {
  readonly db: Db
  readonly book: ChangeBook
}

interface Progress {
  /** a failure leaves open whether the change is committed: it must not be run again */
  commitSent: boolean
}

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
  readonly #groups: GroupCommit<Group>
  /** what changes have read; where this server has the database to itself, all that it reads */
  readonly #memory = new Memory()
  /** statements so far that may have changed something */
  #effects = 0

  constructor(db: Kysely<Schema>, database: Database) {
    this.#db = db
    this.#database = database
    this.#groups = new GroupCommit({
      open: (work, progress) => this.#open(work, progress),
      effects: () => this.#effects,
    })
    database.observe((effect) => {
      if (effect !== 'reads') this.#effects += 1
      note(this.#memory, effect)
    })
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
    return this.#retrying((progress) => this.#inGroup(actor, work, progress))
  }

  #inGroup<T>(actor: Actor, work: (tx: Transaction) => Promise<T>, progress: Progress): Promise<T> {
    return new Promise((resolve, reject) => {
      let done: { tx: Transaction; result: T } | null = null
      this.#groups.add({
        run: async ({ db, book }) => {
          const tx = new Transaction(db, actor)
          const result = await work(tx)
          await tx.enterChanges(book, this.#renderers)
          done = { tx, result }
        },
        committed: () => {
          done!.tx.committed()
          resolve(done!.result)
        },
        failed: (error, commitSent) => {
          progress.commitSent = commitSent
          reject(error)
        },
      })
    })
  }

  /** Runs a group's work in a transaction, with the right to change the database. */
  async #open(work: (group: Group) => Promise<void>, progress: Progress): Promise<void> {
    const { sharing } = this.#database
    const { changes, turn } = await this.#db.transaction().execute(async (own) => {
      const turn = (await sharing?.exclude(own)) ?? null
      if (turn ? turn.others : this.#database.changedByOthers()) this.#memory.forget()
      const before = this.#effects
      const changes = await inSession(own, this.#memory, async (db) => {
        const book = new ChangeBook()
        await work({ db, book })
        return book.write(db)
      })
      if (this.#effects !== before) await turn?.end(changes.at(-1)?.revision ?? null)
      progress.commitSent = true
      return { changes, turn }
    })
    turn?.committed()
    this.#recent.add(changes)
    const last = changes.at(-1)
    if (last) this.#advance(last.revision)
  }

  async #retrying<T>(run: (progress: Progress) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const progress: Progress = { commitSent: false }
      try {
        return await run(progress)
      } catch (error) {
        const pause = this.#database.retryAfter(error, attempt, progress.commitSent)
        if (pause === null) throw error
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
      }
    }
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

  /** The other servers on this database; null where there can be none. */
  get peers(): Peers | null {
    return this.#following?.peers ?? null
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
