import type { Dialect } from 'kysely'
import type { Logger } from '../../base/log.js'
import type { Effect } from '../memory.js'
import type { Db } from '../table.js'

/** What the store must know of an opened database beside its SQL. */
export interface Database {
  readonly dialect: Dialect
  /**
   * Milliseconds to wait before a transaction that met `error` is run again; null = it must not be. `attempt` counts
   * from 1. `commitSent`: the error came when everything was written, so that a lost connection leaves open whether
   * the transaction is committed.
   */
  readonly retryAfter: (error: unknown, attempt: number, commitSent: boolean) => number | null
  /** null: no other server changes this database while it is open */
  readonly sharing: Sharing | null
  /** Whether somebody else has changed the database since this was asked last; for databases that are not shared. */
  changedByOthers(): boolean
  /** `ran` is told of each statement that may change something, when it is run, and of `'anything'` when one fails. */
  observe(ran: (effect: Effect) => void): void
}

/** What several servers need that work on one database. */
export interface Sharing {
  /** First in a transaction that changes something: from here to its end nobody else changes anything. */
  exclude(db: Db): Promise<Turn>
  /**
   * Calls back with the database's last revision: now, after every announced commit, and after a time without a
   * connection. Fails if the database cannot be reached now; later it is looked for until `close`.
   */
  follow(heard: (revision: number) => void): Promise<Following>
}

/** One transaction that changes something. */
export interface Turn {
  /** whether others may have changed the database since this server's last turn */
  readonly others: boolean
  /** Last inside the transaction, unless it has changed nothing: once it is committed, every server hears of its last revision. */
  end(revision: number | null): Promise<void>
  /** After the commit. */
  committed(): void
}

/** The other servers that work on the same database now. */
export interface Peers {
  /** What this server answers when another asks: JSON's kinds of values, not null. */
  answer(give: () => unknown): void
  /** What each of the others answers; null for one that does not within a second. */
  ask(): Promise<readonly unknown[]>
}

export interface Following {
  readonly peers: Peers
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** connections at most for requests, where the database has any */
  readonly poolSize: number
  readonly log: Logger | null
}
