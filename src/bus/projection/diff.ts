import { type HostObject, type HostObjectKind, hostObjectKey } from '../contracts/host-view.js'

export interface ViewDiff {
  readonly put: readonly HostObject[]
  readonly del: readonly { readonly kind: HostObjectKind; readonly id: string }[]
}

export type ViewMap = ReadonlyMap<string, HostObject>

export function viewMap(objects: readonly HostObject[]): ViewMap {
  return new Map(objects.map((object) => [hostObjectKey(object), object]))
}

/** What changes `before` into `after`. Equal objects are kept by identity first, then by value. */
export function diffViews(before: ViewMap, after: ViewMap): ViewDiff {
  const put: HostObject[] = []
  for (const [key, object] of after) {
    const old = before.get(key)
    if (old !== object && (!old || JSON.stringify(old) !== JSON.stringify(object))) put.push(object)
  }
  const del = [...before].filter(([key]) => !after.has(key)).map(([, { kind, id }]) => ({ kind, id }))
  return { put, del }
}
