import { keyValues, Shown } from '../output/format.js'
import { isRecord, spacedJson } from '../output/value.js'

/** How the unified client shows an attribute; programs (`-f json`) still get the value itself. */
export type CellMaker = (value: unknown) => unknown

export const upDown: CellMaker = (value) => new Shown(value ? 'UP' : 'DOWN', value)
export const smiley: CellMaker = (value) => new Shown(value ? ':-)' : 'XXX', value)
export const externalInternal: CellMaker = (value) => new Shown(value ? 'External' : 'Internal', value)
export const jsonText: CellMaker = (value) => new Shown(spacedJson(value), value)

/** `192.168.1.2-192.168.1.254` */
export const pools: CellMaker = (value) => {
  const text = recordsIn(value).map((pool) => `${pool.start}-${pool.end}`)
  return new Shown(text.join(','), value)
}

/** `destination='…', gateway='…'`, one per line: the client calls a next hop a gateway. */
export const routes: CellMaker = (value) => {
  const lines = recordsIn(value).map((route) => keyValues({ destination: route.destination, gateway: route.nexthop }))
  return new Shown(lines.join('\n'), value)
}

/** Rules inside a group, without what is null or said by the group. */
export const rules: CellMaker = (value) => {
  const hidden = new Set(['security_group_id', 'project_id', 'tenant_id', 'tags', 'revision_number', 'description'])
  const lines = recordsIn(value).map((rule) =>
    keyValues(Object.fromEntries(Object.entries(rule).filter(([key, one]) => one !== null && !hidden.has(key)))),
  )
  return new Shown(lines.join('\n'), value)
}

/** `1-9`, `11`: ids in a row as one. */
export const idRanges: CellMaker = (value) =>
  new Shown(spacedJson(rangesOf(Array.isArray(value) ? value.map(Number) : [])), value)

/** Ids by the project that uses them. */
export const idsByProject: CellMaker = (value) => {
  const byProject = new Map<string, number[]>()
  for (const [id, project] of Object.entries(isRecord(value) ? value : {})) {
    byProject.set(String(project), [...(byProject.get(String(project)) ?? []), Number(id)])
  }
  const shown = [...byProject].map(([project, ids]) => [project, rangesOf(ids)] as const)
  return new Shown(spacedJson(Object.fromEntries(shown)), value)
}

function rangesOf(ids: readonly number[]): string[] {
  const ranges: [first: number, last: number][] = []
  for (const id of ids.toSorted((a, b) => a - b)) {
    const range = ranges.at(-1)
    if (range && range[1] + 1 === id) range[1] = id
    else ranges.push([id, id])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
}

function recordsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
