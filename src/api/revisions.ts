/** Keeps account of where the cloud and its agents stand, from what the bus sent and what agents report, at every server. */
import type { AppliedRevision, RevisionSource, Standing } from './routes/environment.js'

/** The part of `core` that knows what agents reported. */
export interface AppliedReports {
  appliedRevisions(): readonly AppliedRevision[]
  currentRevision(): number
}

/** The part of the bus that knows what agents were told. */
export interface SentRevisions {
  touched(): Readonly<Record<string, number>>
  projected(): number
}

/** The part of the store that reaches other servers. */
export interface OtherServers {
  answer(give: () => unknown): void
  /** null: no answer */
  ask(): Promise<readonly unknown[]>
}

export class Revisions implements RevisionSource {
  readonly #reports: AppliedReports
  readonly #bus: SentRevisions
  readonly #others: OtherServers | null

  /** `others`: null when this server is the only one. */
  constructor(reports: AppliedReports, bus: SentRevisions, others: OtherServers | null) {
    this.#reports = reports
    this.#bus = bus
    this.#others = others
    others?.answer(() => this.#own())
  }

  current(): number {
    return this.#reports.currentRevision()
  }

  async standing(): Promise<Standing> {
    const others = (await this.#others?.ask()) ?? []
    return [this.#own(), ...others.map((answer) => answer as Standing | null)].reduce<Standing>(together, NOTHING)
  }

  #own(): Standing {
    return { applied: this.#reports.appliedRevisions(), told: this.#bus.projected(), touched: this.#bus.touched() }
  }
}

const NOTHING: Standing = { applied: [], told: Number.POSITIVE_INFINITY, touched: {} }

/**
 * Of two servers. An agent that has moved from one to the other is known to both: what it said last is further on. `other`
 * null: what it would say is missing.
 */
function together(one: Standing, other: Standing | null): Standing {
  if (!other) return { ...one, told: null }
  const applied = new Map(one.applied.map((report) => [`${report.host}/${report.binary}`, report]))
  for (const report of other.applied) {
    const known = applied.get(`${report.host}/${report.binary}`)
    if (!known || known.revision < report.revision) applied.set(`${report.host}/${report.binary}`, report)
  }
  const touched: Record<string, number> = { ...one.touched }
  for (const [host, last] of Object.entries(other.touched)) touched[host] = Math.max(touched[host] ?? 0, last)
  const told = one.told === null || other.told === null ? null : Math.min(one.told, other.told)
  return { applied: [...applied.values()], told, touched }
}
