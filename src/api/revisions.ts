/** Keeps account of where the cloud and its agents stand, from what the bus sent and what agents report. */
import type { AppliedRevision, RevisionSource } from './routes/environment.js'

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

export class Revisions implements RevisionSource {
  readonly #reports: AppliedReports
  readonly #bus: SentRevisions

  constructor(reports: AppliedReports, bus: SentRevisions) {
    this.#reports = reports
    this.#bus = bus
  }

  current(): number {
    return this.#reports.currentRevision()
  }

  applied(): readonly AppliedRevision[] {
    return this.#reports.appliedRevisions()
  }

  projected() {
    return { revision: this.#bus.projected(), touched: this.#bus.touched() }
  }
}
