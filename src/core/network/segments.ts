import { randomUUID } from 'node:crypto'
import type { NetworkType, Segment } from '../../model/cloud.js'
import { networkSegments, type SegmentRecord } from '../../store/networks.js'
import { segmentAllocation } from '../../store/segments.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
import { invalidInput, noNetworkAvailable } from '../fault-messages.js'
import type { Attributes } from '../service.js'
import type { Work } from '../work.js'

/**
 * Finds and records a new network's segments: those asked for in provider attributes, or the lowest free one of the
 * first type in `tenant_network_types` that has one.
 */
export async function createSegments(
  { core, tx }: Pick<Work, 'core' | 'tx'>,
  network: { readonly id: string; readonly projectId: string },
  item: Attributes,
  external: boolean,
): Promise<SegmentRecord[]> {
  const asked = askedSegments(item)
  const segments: SegmentRecord[] = []
  if (asked.length === 0) {
    const chosen = await chooseSegment(core, tx.db, network.projectId, external)
    segments.push(await recordSegment(tx, network.id, 0, chosen))
  }
  // recorded one by one, so that the next does not get the same id
  for (const [position, attributes] of asked.entries()) {
    const segment = await reserveSegment(core, tx.db, network.projectId, providerOf(attributes))
    segments.push(await recordSegment(tx, network.id, position, segment))
  }
  return segments
}

const PROVIDER = ['provider:network_type', 'provider:physical_network', 'provider:segmentation_id'] as const

export function isProviderAttribute(name: string): boolean {
  return (PROVIDER as readonly string[]).includes(name)
}

function askedSegments(item: Attributes): readonly Attributes[] {
  const given = PROVIDER.some((name) => item[name] !== undefined && item[name] !== null && item[name] !== '')
  const several = (item.segments as readonly Attributes[] | null | undefined) ?? []
  if (several.length > 0 && given) throw invalidInput('Segments and provider values cannot both be set')
  return given ? [item] : several
}

/** What an administrator says of a segment; what is missing is chosen. */
export interface SegmentWords {
  readonly network_type?: unknown
  readonly physical_network?: unknown
  readonly segmentation_id?: unknown
}

function providerOf(item: Attributes): SegmentWords {
  return {
    network_type: item['provider:network_type'],
    physical_network: item['provider:physical_network'],
    segmentation_id: item['provider:segmentation_id'],
  }
}

/** A free segment with what was asked for; it is to be recorded in the same transaction. */
export async function reserveSegment(core: Core, db: Db, projectId: string, words: SegmentWords): Promise<Segment> {
  const { network_type: type, physical_network, segmentation_id: id } = words
  if (!type) throw invalidInput('network_type required')
  const driver = core.typeDrivers.get(type as NetworkType)
  if (!driver) throw invalidInput(`network_type value '${type}' not supported`)
  return driver.reserve(db, projectId, {
    physicalNetwork: (physical_network as string | null | undefined) || null,
    segmentationId: id === undefined || id === null || id === '' ? null : Number(id),
  })
}

async function chooseSegment(core: Core, db: Db, projectId: string, external: boolean): Promise<Segment> {
  const { tenant_network_types, external_network_type } = core.config.ml2
  const types = external && external_network_type ? [external_network_type] : tenant_network_types
  for (const type of types) {
    const segment = await core.typeDrivers.get(type as NetworkType)?.allocate(db, projectId)
    if (segment) return segment
  }
  throw noNetworkAvailable()
}

export async function recordSegment(
  tx: Transaction,
  networkId: string,
  position: number,
  segment: Segment,
  words: { readonly name?: string | null; readonly description?: string } = {},
): Promise<SegmentRecord> {
  const record: SegmentRecord = {
    id: randomUUID(),
    networkId,
    position,
    ...segment,
    allocation: segmentAllocation(segment),
    name: words.name ?? null,
    description: words.description ?? '',
    createdAt: tx.now,
    updatedAt: tx.now,
    revisionNumber: 1,
  }
  await networkSegments.insert(tx.db, record)
  return record
}
