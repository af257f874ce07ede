import { type HostObject, type HostObjectKind, type HostObjectOf, hostObjectKey } from './host-view.js'
import type { ServerMessage } from './messages.js'

/** An agent's replica of its host's objects: current facts only. */
export class HostView {
  readonly #objects = new Map<HostObjectKind, Map<string, HostObject>>()
  revision = 0

  static of(objects: Iterable<HostObject>, revision = 0): HostView {
    const view = new HostView()
    for (const object of objects) view.put(object)
    view.revision = revision
    return view
  }

  /** Applies a snapshot or a change; repeating one is harmless. */
  apply(message: ServerMessage): void {
    if (message.type === 'snapshot') {
      this.#objects.clear()
      for (const object of message.objects) this.put(object)
    } else {
      for (const object of message.put) this.put(object)
      for (const { kind, id } of message.del) this.#objects.get(kind)?.delete(id)
    }
    this.revision = message.revision
  }

  put(object: HostObject): void {
    const ofKind = this.#objects.get(object.kind)
    if (ofKind) ofKind.set(object.id, object)
    else this.#objects.set(object.kind, new Map([[object.id, object]]))
  }

  get<K extends HostObjectKind>(kind: K, id: string): HostObjectOf<K> | undefined {
    return this.#objects.get(kind)?.get(id) as HostObjectOf<K> | undefined
  }

  all<K extends HostObjectKind>(kind: K): HostObjectOf<K>[] {
    return [...(this.#objects.get(kind)?.values() ?? [])] as HostObjectOf<K>[]
  }

  objects(): HostObject[] {
    return [...this.#objects.values()].flatMap((ofKind) => [...ofKind.values()])
  }

  keys(): string[] {
    return this.objects().map(hostObjectKey).sort()
  }
}
