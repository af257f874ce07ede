import { randomUUID } from 'node:crypto'
import type { NetworkType, Segment } from '../../model/cloud.js'
import { networkSegments } from '../../store/networks.js'
import { segmentAllocation } from '../../store/segments.js'
import type { Db } from '../../store/table.js'
import type { Core } from '../core.js'
import { invalidInput, noNetworkAvailable } from '../fault-messages.js'
import type { Attributes } from '../service.js'

/**
 * Finds and records a new network's segments: those asked for in provider attributes, or the lowest free one of the
 * first type in `tenant_network_types` that has one.
 */
export async function createSegments(
  core: Core,
  db: Db,
  networkId: string,
  item: Attributes,
  external: boolean,
): Promise<Segment[]> {
  const asked = askedSegments(item)
  const segments: Segment[] = []
  if (asked.length === 0) segments.push(await record(db, networkId, 0, await chooseSegment(core, db, external)))
  // recorded one by one, so that the next does not get the same id
  for (const [position, attributes] of asked.entries()) {
    segments.push(await record(db, networkId, position, await askedSegment(core, db, attributes)))
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

async function askedSegment(core: Core, db: Db, item: Attributes): Promise<Segment> {
  const type = item['provider:network_type']
  if (!type) throw invalidInput('network_type required')
  const driver = core.typeDrivers.get(type as NetworkType)
  if (!driver) throw invalidInput(`network_type value '${type}' not supported`)
  const id = item['provider:segmentation_id']
  return driver.reserve(db, {
    physicalNetwork: (item['provider:physical_network'] as string | null | undefined) || null,
    segmentationId: id === undefined || id === null || id === '' ? null : Number(id),
  })
}

async function chooseSegment(core: Core, db: Db, external: boolean): Promise<Segment> {
  const { tenant_network_types, external_network_type } = core.config.ml2
  const types = external && external_network_type ? [external_network_type] : tenant_network_types
  for (const type of types) {
    const segment = await core.typeDrivers.get(type as NetworkType)?.allocate(db)
    if (segment) return segment
  }
  throw noNetworkAvailable()
}

async function record(db: Db, networkId: string, position: number, segment: Segment): Promise<Segment> {
  await networkSegments.insert(db, {
    id: randomUUID(),
    networkId,
    position,
    ...segment,
    allocation: segmentAllocation(segment),
  })
  return segment
}
