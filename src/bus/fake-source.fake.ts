import type { Change, CloudObject } from '../model/cloud.js'
import type { ChangeSource, ReportSink } from './ports.js'

/** A change log in memory. */
export class FakeSource implements ChangeSource {
  readonly changes: Change[] = []
  readonly #objects: CloudObject[]
  #pruned = 0
  readonly #listeners = new Set<() => void>()

  constructor(objects: CloudObject[]) {
    this.#objects = objects
  }

  async load() {
    const latest = new Map(this.#objects.map((object) => [`${object.kind}/${object.id}`, object]))
    for (const { kind, id, value } of this.changes) if (value) latest.set(`${kind}/${id}`, value)
    return { revision: this.changes.length, objects: [...latest.values()] }
  }

  async since(revision: number) {
    // revisions count from 1, without gaps
    return this.changes.slice(Math.max(revision, this.#pruned))
  }

  onCommit(listener: () => void) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Other servers commit while this one cannot see it, and only the last of these changes is kept. */
  commitUnseen(...values: readonly CloudObject[]): void {
    for (const value of values) this.#add(value)
    this.#pruned = this.changes.length - 1
  }

  commit(value: CloudObject): void {
    this.#add(value)
    for (const listener of this.#listeners) listener()
  }

  #add(value: CloudObject): void {
    this.changes.push({ revision: this.changes.length + 1, kind: value.kind, id: value.id, value })
  }
}

/** Keeps what is reported, as the arguments of each call. */
export function notingSink(seen: unknown[]): ReportSink {
  const note = async (...args: unknown[]) => {
    seen.push(args)
  }
  return { agentState: note, portsReady: note, floatingIps: note, haStates: note, metering: note, applied: note }
}
