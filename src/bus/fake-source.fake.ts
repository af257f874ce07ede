import type { Change, CloudObject } from '../model/cloud.js'
import type { ChangeSource, ReportSink } from './ports.js'

/** A change log in memory. */
export class FakeSource implements ChangeSource {
  readonly changes: Change[] = []
  readonly #objects: CloudObject[]
  readonly #listeners = new Set<() => void>()

  constructor(objects: CloudObject[]) {
    this.#objects = objects
  }

  async load() {
    return { revision: 0, objects: this.#objects }
  }

  async since(revision: number) {
    // revisions count from 1, without gaps
    return this.changes.slice(revision)
  }

  onCommit(listener: () => void) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  commit(value: CloudObject): void {
    this.changes.push({ revision: this.changes.length + 1, kind: value.kind, id: value.id, value })
    for (const listener of this.#listeners) listener()
  }
}

/** Keeps what is reported, as the arguments of each call. */
export function notingSink(seen: unknown[]): ReportSink {
  const note = async (...args: unknown[]) => {
    seen.push(args)
  }
  return { agentState: note, portsReady: note, floatingIps: note, haStates: note, metering: note, applied: note }
}
