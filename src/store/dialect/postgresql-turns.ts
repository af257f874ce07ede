import { CompiledQuery, sql } from 'kysely'
import type { Db } from '../table.js'
import type { Turn } from './database.js'
import { CHANNEL } from './postgresql-follow.js'

/** Whoever holds it may change the database. Any number does, as long as every server uses the same. */
const WRITER_LOCK = 7_318_349_394_477_056

/** The snapshot is that of a statement of its own: one that waits for the lock has taken its snapshot before. */
const TAKE = CompiledQuery.raw(`select pg_advisory_xact_lock(${WRITER_LOCK});
  select txid_snapshot_xmin(s) as oldest, txid_snapshot_xmax(s) as next from txid_current_snapshot() s`)

interface Snapshot {
  /** the oldest transaction under way that has changed something; `next` when there is none */
  readonly oldest: number
  /** behind the last transaction that has ended */
  readonly next: number
}

/**
 * This server's turns. PostgreSQL numbers the transactions that change something, of anybody and anywhere on the server:
 * when there was none between two of ours, the database is as we have left it.
 */
export class Turns {
  /** what the next transaction's number must be for that; null: it cannot be told */
  #expected: number | null = null
  /** so many times was everything forgotten */
  #forgotten = 0

  forget(): void {
    this.#expected = null
    this.#forgotten += 1
  }

  async take(db: Db): Promise<Turn> {
    const { rows } = await db.executeQuery<Snapshot>(TAKE)
    const { oldest, next } = rows[0]!
    const quiet = oldest === next
    const others = !quiet || next !== this.#expected
    const known = this.#forgotten
    // until it is certain that this turn's transaction is committed
    this.#expected = null
    let expected = quiet ? next : null
    return {
      others,
      async end(revision) {
        const own = await end(db, revision)
        if (own !== null) expected = own === expected ? own + 1 : null
      },
      committed: () => {
        if (this.#forgotten === known) this.#expected = expected
      },
    }
  }
}

/** Announces the revision; the number of the transaction, null when it has changed nothing. */
async function end(db: Db, revision: number | null): Promise<number | null> {
  const { rows } = await sql<{ own: number | null }>`select txid_current_if_assigned() as own ${
    revision === null ? sql`` : sql`, pg_notify(${CHANNEL}, ${String(revision)})`
  }`.execute(db)
  return rows[0]!.own
}
