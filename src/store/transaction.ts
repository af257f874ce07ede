import type { CloudKind, CloudObject } from '../model/cloud.js'
import type { Actor, ChangeBook, NewChange } from './change-log.js'
import { apiTime } from './standard-attributes.js'
import type { Db } from './table.js'

/** Makes the recorded values of objects of one kind from their rows; deleted ids are left out. */
export type Renderer = (db: Db, ids: readonly string[]) => Promise<CloudObject[]>

/**
 * One unit of change. Code that changes rows of a cloud object names the object with `touch`; before the commit its
 * new value is made from the rows and recorded if it differs. So the log can neither miss a write nor repeat a value.
 */
export class Transaction {
  readonly db: Db
  readonly actor: Actor
  /** one time for everything that changes together */
  readonly date = new Date()
  readonly now = apiTime(this.date)
  readonly #touched = new Map<CloudKind, Set<string>>()
  readonly #afterCommit: (() => void)[] = []
  readonly #memo = new Map<string, Promise<unknown>>()
  readonly #known = new Map<string, CloudObject>()
  readonly #new = new Set<string>()
  #touches = 0

  constructor(db: Db, actor: Actor) {
    this.db = db
    this.actor = actor
  }

  touch(kind: CloudKind, ...ids: readonly string[]): void {
    let touched = this.#touched.get(kind)
    if (!touched) {
      touched = new Set()
      this.#touched.set(kind, touched)
    }
    for (const id of ids) {
      touched.add(id)
      this.#known.delete(`${kind} ${id}`)
    }
    this.#touches += 1
  }

  /** Grows with every `touch`: the same number again means that nothing has changed in between. */
  get touches(): number {
    return this.#touches
  }

  /** As `touch`, for an object that this transaction makes. */
  touchNew(kind: CloudKind, id: string): void {
    this.touch(kind, id)
    this.#new.add(`${kind} ${id}`)
  }

  /** Says what the rows of a touched object now say, so that the commit need not read them. A later `touch` takes it back. */
  known(value: CloudObject): void {
    this.#known.set(`${value.kind} ${value.id}`, value)
  }

  /** Runs `action` once the transaction is committed; never when it is rolled back. Must not throw. */
  afterCommit(action: () => void): void {
    this.#afterCommit.push(action)
  }

  /** Result of `make`, made once per transaction and key. */
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#memo.get(key)
    if (known) return known as Promise<T>
    const made = make()
    this.#memo.set(key, made)
    return made
  }

  /** Enters what has changed. For the store, at the end of the work. */
  async enterChanges(book: ChangeBook, renderers: ReadonlyMap<CloudKind, Renderer>): Promise<void> {
    const changes: NewChange[] = []
    for (const [kind, ids] of this.#touched) {
      const render = renderers.get(kind)
      if (!render) throw new Error(`no renderer for changes of kind '${kind}'`)
      const known = (id: string) => this.#known.get(`${kind} ${id}`)
      const unknown = [...ids].filter((id) => !known(id))
      const rendered = unknown.length === 0 ? [] : await render(this.db, unknown)
      const values = new Map(rendered.map((value) => [value.id, value]))
      for (const id of ids) {
        const isNew = this.#new.has(`${kind} ${id}`)
        changes.push({ kind, id, value: known(id) ?? values.get(id) ?? null, isNew })
      }
    }
    await book.add(this.db, this.actor, this.date.toISOString(), changes)
  }

  /** For the store, after the commit. */
  committed(): void {
    for (const action of this.#afterCommit) action()
  }
}
