import { CompiledQuery } from 'kysely'
import type { Db } from './table.js'

/** Longest that the first piece of work of a group waits for its commit on behalf of those that come after it. */
const GROUP_MS = 5

export interface Work<T> {
  /** does it on a transaction's handle */
  readonly run: (db: Db) => Promise<T>
  readonly committed: (result: T) => void
  /** refused for its own reasons, or the commit failed */
  readonly failed: (error: unknown) => void
}

/**
 * Work that changes an embedded database, one piece at a time, with one commit for all that waited. Each piece has a
 * savepoint of its own: it fails alone. Nobody is told of success before the commit.
 */
export class GroupCommit<T> {
  readonly #open: <R>(work: (db: Db) => Promise<R>) => Promise<R>
  readonly #waiting: Work<T>[] = []
  #running = false

  /** `open` runs its argument in a transaction. */
  constructor(open: <R>(work: (db: Db) => Promise<R>) => Promise<R>) {
    this.#open = open
  }

  add(work: Work<T>): void {
    this.#waiting.push(work)
    if (!this.#running) void this.#drain()
  }

  async #drain(): Promise<void> {
    this.#running = true
    // those who ask in the same turn of the event loop share the first commit too
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#group()
    this.#running = false
  }

  async #group(): Promise<void> {
    const done: { work: Work<T>; result: T }[] = []
    let begun = false
    try {
      await this.#open(async (db) => {
        const end = performance.now() + GROUP_MS
        do {
          begun = true
          const work = this.#waiting.shift()!
          const result = await attempt(db, work)
          if (result !== null) done.push({ work, result: result.value })
        } while (this.#waiting.length > 0 && performance.now() < end)
      })
    } catch (error) {
      if (!begun) this.#waiting.shift()!.failed(error)
      for (const { work } of done) work.failed(error)
      return
    }
    for (const { work, result } of done) work.committed(result)
  }
}

async function attempt<T>(db: Db, work: Work<T>): Promise<{ value: T } | null> {
  await db.executeQuery(CompiledQuery.raw('savepoint work'))
  try {
    const value = await work.run(db)
    await db.executeQuery(CompiledQuery.raw('release savepoint work'))
    return { value }
  } catch (error) {
    // first of all: if the group fails too, this one has its answer
    work.failed(error)
    await db.executeQuery(CompiledQuery.raw('rollback to savepoint work'))
    await db.executeQuery(CompiledQuery.raw('release savepoint work'))
    return null
  }
}
