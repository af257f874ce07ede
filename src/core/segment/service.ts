import { networkSegments, networks, type SegmentRecord } from '../../store/networks.js'
import { revise } from '../../store/standard-attributes.js'
import type { Db } from '../../store/table.js'
import { patchOf, textOf } from '../attributes.js'
import { type Collection, everything } from '../collection.js'
import type { Core } from '../core.js'
import { visibleNetwork } from '../network/collection.js'
import { recordSegment, reserveSegment } from '../network/segments.js'
import { largestMtu } from '../network/shape.js'
import type { Attributes, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import type { Work } from '../work.js'
import { segmentNotFound, segmentTooSmall } from './faults.js'
import { checkUnused } from './in-use.js'

const collection: Collection<Resource> = {
  table: networkSegments,
  names: {},
  load: async (db, ids) => (await networkSegments.findIn(db, 'id', ids)).map(showSegment),
  // an administrator's matter, says the policy
  visible: () => everything,
  notFound: segmentNotFound,
}

function showSegment(segment: SegmentRecord): Resource {
  return {
    id: segment.id,
    network_id: segment.networkId,
    physical_network: segment.physicalNetwork,
    network_type: segment.networkType,
    segmentation_id: segment.segmentationId,
    name: segment.name,
    description: segment.description,
    created_at: segment.createdAt,
    updated_at: segment.updatedAt,
    revision_number: segment.revisionNumber,
  }
}

/** `/segments`: the wires that networks are on. Each host has a network on the first one that its agent reaches. */
export function segmentService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: async (work, item) => showSegment(await createSegment(work, item)),
    find: (db, _ctx, id) => found(db, id),
    update: async ({ tx }, before, changes) => {
      const patch = patchOf<SegmentRecord>(changes, {
        name: (name: string | null) => ({ name }),
        description: (description: string | null) => ({ description: description ?? '' }),
      })
      await revise(tx, networkSegments, before, patch)
      return showSegment(await found(tx.db, before.id))
    },
    delete: async (work, { id, networkId }) => {
      const { db } = work.tx
      const all = await segmentsOf(db, networkId)
      await checkUnused(core, db, all.find((segment) => segment.id === id)!, all)
      await networkSegments.delete(db, { id })
      await networkChanged(work, networkId)
    },
  })
}

/** Comes behind the segments that are there: hosts that reach one of these stay on it. */
async function createSegment(work: Work, item: Attributes): Promise<SegmentRecord> {
  const { core, tx, ctx } = work
  const network = await visibleNetwork(tx.db, ctx, textOf(item, 'network_id'))
  const segment = await reserveSegment(core, tx.db, network.projectId, item)
  const largest = largestMtu(core, [segment])
  if (network.mtu > largest) throw segmentTooSmall(network.mtu, largest)
  const last = (await segmentsOf(tx.db, network.id)).at(-1)
  const made = await recordSegment(tx, network.id, (last?.position ?? -1) + 1, segment, {
    name: textOf(item, 'name') || null,
    description: textOf(item, 'description'),
  })
  await networkChanged(work, network.id)
  return made
}

async function networkChanged({ tx }: Work, id: string): Promise<void> {
  const network = (await networks.findOne(tx.db, { id }))!
  await revise(tx, networks, network)
  tx.touch('network', id)
}

async function found(db: Db, id: string): Promise<SegmentRecord> {
  const segment = await networkSegments.findOne(db, { id })
  if (!segment) throw segmentNotFound(id)
  return segment
}

async function segmentsOf(db: Db, networkId: string): Promise<SegmentRecord[]> {
  return (await networkSegments.find(db, { networkId })).sort((a, b) => a.position - b.position)
}
