/** Keeps account of where the cloud and its agents stand, from what the bus reads and what agents report. */
import type { ChangeSource } from '../bus/ports.js'
import type { AppliedRevision, RevisionSource } from './routes/environment.js'

/** The part of `core` that knows what agents reported. */
export interface AppliedReports {
  appliedRevisions(): readonly AppliedRevision[]
  currentRevision(): number
}

export class Revisions implements RevisionSource {
  readonly #reports: AppliedReports
  #touched: () => Readonly<Record<string, number>> = () => ({})
  #projected = 0

  constructor(reports: AppliedReports) {
    this.#reports = reports
  }

  /** `source`, with an eye on how far the bus has read it. */
  watch(source: ChangeSource): ChangeSource {
    return {
      load: async () => {
        const loaded = await source.load()
        this.#read(loaded.revision)
        return loaded
      },
      since: async (revision) => {
        const changes = await source.since(revision)
        const last = changes[changes.length - 1]
        if (last) this.#read(last.revision)
        return changes
      },
      onCommit: (listener) => source.onCommit(listener),
    }
  }

  /** `touched` of the running bus. */
  attach(touched: () => Readonly<Record<string, number>>): void {
    this.#touched = touched
  }

  current(): number {
    return this.#reports.currentRevision()
  }

  applied(): readonly AppliedRevision[] {
    return this.#reports.appliedRevisions()
  }

  projected() {
    return { revision: this.#projected, touched: this.#touched() }
  }

  /** The bus works on what it read without a pause, and is done with it when this turn of the event loop ends. */
  #read(revision: number): void {
    setImmediate(() => {
      this.#projected = Math.max(this.#projected, revision)
    })
  }
}
