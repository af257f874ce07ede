/** Longest that the first piece of work of a group waits on behalf of those that come after it, unless commits take longer. */
const GROUP_MS = 5
const GROUP_AT_MOST_MS = 50

/** `G`: what a group's transaction offers to its work. */
export interface Work<G> {
  /** may be called again when its transaction was rolled back */
  run(group: G): Promise<void>
  committed(): void
  /** refused for its own reasons, or not committed; `commitSent`: or nobody knows whether it is */
  failed(error: unknown, commitSent: boolean): void
}

/** How groups reach their database. */
export interface Transactions<G> {
  /** Runs `work` in a transaction and commits it; says by `progress` when nothing but the commit's answer is missing. */
  open(work: (group: G) => Promise<void>, progress: { commitSent: boolean }): Promise<void>
  /** Grows when a statement that is run may have changed something, or has failed. */
  effects(): number
  /** milliseconds on a clock that never goes back; the process's own when absent */
  now?(): number
}

interface Member<G> {
  readonly work: Work<G>
  /** another run in company would meet the same trouble */
  readonly alone: boolean
}

type Outcome = { readonly error: unknown } | null

/**
 * Work that changes a database, one piece at a time, with one commit for all that waited. A piece that is refused before
 * it has changed anything leaves the others alone. When one fails later, all of its group are rolled back, and each is
 * run in a transaction of its own. Nobody is told of anything before the commit.
 */
export class GroupCommit<G> {
  readonly #transactions: Transactions<G>
  readonly #now: () => number
  readonly #waiting: Member<G>[] = []
  #running = false
  #commitMs = 0

  constructor(transactions: Transactions<G>) {
    this.#transactions = transactions
    this.#now = transactions.now ?? (() => performance.now())
  }

  add(work: Work<G>): void {
    this.#waiting.push({ work, alone: false })
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
    const members: Member<G>[] = []
    const outcomes: Outcome[] = []
    const progress = { commitSent: false }
    let worked = 0
    try {
      await this.#transactions.open(async (group) => {
        await this.#runTogether(group, members, outcomes)
        worked = this.#now()
      }, progress)
    } catch (error) {
      this.#tookBack(members, error, progress.commitSent)
      return
    }
    this.#commitMs = this.#now() - worked
    for (const [i, { work }] of members.entries()) {
      const outcome = outcomes[i]!
      if (outcome) work.failed(outcome.error, false)
      else work.committed()
    }
  }

  async #runTogether(group: G, members: Member<G>[], outcomes: Outcome[]): Promise<void> {
    const end = this.#now() + Math.min(Math.max(GROUP_MS, this.#commitMs), GROUP_AT_MOST_MS)
    do {
      const member = this.#waiting.shift()!
      members.push(member)
      outcomes.push(await this.#attempt(group, member))
      if (member.alone || this.#waiting[0]?.alone) return
    } while (this.#waiting.length > 0 && this.#now() < end)
  }

  /** Throws when the transaction is not what it was before. */
  async #attempt(group: G, { work }: Member<G>): Promise<Outcome> {
    const before = this.#transactions.effects()
    try {
      await work.run(group)
      return null
    } catch (error) {
      if (this.#transactions.effects() !== before) throw error
      return { error }
    }
  }

  /** The transaction of `members` has failed. None of them: it could not begin, so neither could others now. */
  #tookBack(members: readonly Member<G>[], error: unknown, commitSent: boolean): void {
    if (members.length > 1 && !commitSent) {
      this.#waiting.unshift(...members.map(({ work }) => ({ work, alone: true })))
      return
    }
    const failed = members.length === 0 ? this.#waiting.splice(0) : members
    for (const { work } of failed) work.failed(error, commitSent)
  }
}
