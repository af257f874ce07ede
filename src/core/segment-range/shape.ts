import { createHash } from 'node:crypto'
import { type IdRange, idsInUse, type SegmentRangeRecord } from '../../store/segment-ranges.js'
import type { Db } from '../../store/table.js'
import { standardTail } from '../attributes.js'
import type { Core } from '../core.js'
import type { Resource } from '../service.js'

/** Ids that `available` names at most: of the sixteen million of a tunnel type nobody reads more. */
const NAMED = 65_536

/** A configured range has no record: its id is made of what it is, and stays the same as long as that does. */
export interface ConfiguredRange extends IdRange {
  readonly id: string
}

export function configuredRanges(core: Core): ConfiguredRange[] {
  return [...core.typeDrivers.values()]
    .flatMap(({ ranges }) => ranges ?? [])
    .map((range) => ({ ...range, id: idOf(range) }))
}

function idOf({ networkType, physicalNetwork, minimum, maximum }: IdRange): string {
  const hash = createHash('sha256')
    .update(`${networkType}/${physicalNetwork ?? ''}/${minimum}:${maximum}`)
    .digest('hex')
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}

export async function showConfigured(db: Db, range: ConfiguredRange): Promise<Resource> {
  return {
    id: range.id,
    name: '',
    default: true,
    shared: true,
    project_id: null,
    tenant_id: null,
    ...(await showIds(db, range)),
    description: '',
    tags: [],
    created_at: null,
    updated_at: null,
    revision_number: 0,
  }
}

export async function showMade(db: Db, range: SegmentRangeRecord): Promise<Resource> {
  return {
    id: range.id,
    name: range.name,
    default: false,
    shared: range.shared,
    ...standardTail(range),
    project_id: range.projectId || null,
    tenant_id: range.projectId || null,
    ...(await showIds(db, range)),
  }
}

async function showIds(db: Db, range: IdRange): Promise<Record<string, unknown>> {
  const used = await idsInUse(db, range)
  return {
    network_type: range.networkType,
    physical_network: range.physicalNetwork,
    minimum: range.minimum,
    maximum: range.maximum,
    used: Object.fromEntries(used.map(({ id, projectId }) => [id, projectId])),
    available: free(range, new Set(used.map(({ id }) => id))),
  }
}

function free({ minimum, maximum }: IdRange, used: ReadonlySet<number>): number[] {
  const ids: number[] = []
  for (let id = minimum; id <= maximum && ids.length < NAMED; id++) if (!used.has(id)) ids.push(id)
  return ids
}
