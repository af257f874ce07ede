import { type HostObject, hostObjectKey } from './contracts/host-view.js'
import type { ChangeMessage, Position, ServerMessage, SnapshotMessage } from './contracts/messages.js'
import { diffViews, type ViewMap, viewMap } from './projection/diff.js'

/** Changes kept for agents that come back after a short absence; longer absences get a snapshot. */
const HISTORY = 256

/** One host's view as it was last projected, and the way it came there. All agents of the host follow it. */
export class HostFeed {
  readonly #epoch: string
  #view: ViewMap
  #revision: number
  /** revision of the last real change of this host's view */
  #touched: number
  #history: ChangeMessage[] = []

  constructor(epoch: string, objects: readonly HostObject[], revision: number) {
    this.#epoch = epoch
    this.#view = viewMap(objects)
    this.#revision = revision
    this.#touched = revision
  }

  /** Whether this host has rules that name the group. */
  watches(groupId: string): boolean {
    return this.#view.has(hostObjectKey({ kind: 'group_members', id: groupId }))
  }

  get touched(): number {
    return this.#touched
  }

  /** Moves to a newer projection; returns the change to send, null when this host does not care. */
  advance(objects: readonly HostObject[], revision: number): ChangeMessage | null {
    const view = viewMap(objects)
    const { put, del } = diffViews(this.#view, view)
    this.#view = view
    this.#revision = revision
    if (put.length === 0 && del.length === 0) return null
    this.#touched = revision
    const change: ChangeMessage = { type: 'change', epoch: this.#epoch, revision, put, del }
    this.#history.push(change)
    if (this.#history.length > HISTORY) this.#history.shift()
    return change
  }

  /** What brings an agent at `position` up to date: nothing, the changes it missed, or everything. */
  catchUp(position: Position | null): ServerMessage[] {
    if (position?.epoch !== this.#epoch) return [this.#snapshot()]
    const oldest = this.#history[0]?.revision ?? Number.POSITIVE_INFINITY
    if (position.revision >= this.#touched) return []
    if (this.#history.length === HISTORY && position.revision < oldest) return [this.#snapshot()]
    return this.#history.filter((change) => change.revision > position.revision)
  }

  #snapshot(): SnapshotMessage {
    return { type: 'snapshot', epoch: this.#epoch, revision: this.#revision, objects: [...this.#view.values()] }
  }
}
