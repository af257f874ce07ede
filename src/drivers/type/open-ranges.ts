import type { NetworkType, Segment } from '../../model/cloud.js'
import { type IdRange, rangesOfType, type SegmentRangeRecord } from '../../store/segment-ranges.js'
import { lowestFreeSegmentId } from '../../store/segments.js'
import type { Db } from '../../store/table.js'

/**
 * Where a project's networks get their ids from, in this order: its own ranges, then the configured and the shared
 * ones without what other projects have for themselves.
 */
export function openRanges(
  configured: readonly IdRange[],
  made: readonly SegmentRangeRecord[],
  projectId: string,
): readonly IdRange[] {
  if (made.length === 0) return configured
  const own = made.filter((range) => !range.shared && range.projectId === projectId)
  const others = made.filter((range) => !range.shared && range.projectId !== projectId)
  const shared = made.filter((range) => range.shared)
  const byMinimum = (a: IdRange, b: IdRange) => a.minimum - b.minimum
  return [
    ...own.toSorted(byMinimum),
    ...[...configured, ...shared.toSorted(byMinimum)].flatMap((range) => without(range, others)),
  ]
}

/** What is left of a range. */
function without(range: IdRange, taken: readonly IdRange[]): IdRange[] {
  const parts: IdRange[] = []
  let from = range.minimum
  const inside = taken.filter(
    ({ physicalNetwork, minimum, maximum }) =>
      physicalNetwork === range.physicalNetwork && minimum <= range.maximum && maximum >= range.minimum,
  )
  for (const { minimum, maximum } of inside.toSorted((a, b) => a.minimum - b.minimum)) {
    if (minimum > from) parts.push({ ...range, minimum: from, maximum: minimum - 1 })
    from = Math.max(from, maximum + 1)
  }
  return from > range.maximum ? parts : [...parts, { ...range, minimum: from }]
}

/** The lowest free id of the first range that has one; of one physical network, or of any. */
export async function allocateFrom(
  db: Db,
  type: NetworkType,
  configured: readonly IdRange[],
  projectId: string,
  physicalNetwork: string | null,
): Promise<Segment | null> {
  for (const range of openRanges(configured, await rangesOfType(db, type), projectId)) {
    if (physicalNetwork !== null && range.physicalNetwork !== physicalNetwork) continue
    const { minimum, maximum, physicalNetwork: wire } = range
    const segmentationId = await lowestFreeSegmentId(db, type, wire, [minimum, maximum])
    if (segmentationId !== null) return { networkType: type, physicalNetwork: wire, segmentationId }
  }
  return null
}
