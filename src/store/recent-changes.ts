import type { Change } from '../model/cloud.js'

/** Records kept, at most. Whoever is further behind reads them from the database. */
const KEPT = 200

/** This server's own last change records without a gap, as long as nobody else's come in between. */
export class RecentChanges {
  #changes: Change[] = []

  /** Committed records, in the order of commits. */
  add(changes: readonly Change[]): void {
    if (changes.length === 0) return
    const last = this.#changes.at(-1)
    if (last && last.revision + 1 !== changes[0]!.revision) this.#changes = []
    this.#changes.push(...changes)
    // in large steps: each one copies what is kept
    if (this.#changes.length > 2 * KEPT) this.#changes = this.#changes.slice(-KEPT)
  }

  /** The records behind `revision` up to `last`; null when not all of them are here. */
  since(revision: number, last: number): Change[] | null {
    if (revision >= last) return null
    const first = this.#changes[0]
    if (!first || first.revision > revision + 1 || this.#changes.at(-1)!.revision < last) return null
    return this.#changes.slice(revision + 1 - first.revision)
  }
}
