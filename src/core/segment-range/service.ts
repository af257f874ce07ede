import type { NetworkType } from '../../model/cloud.js'
import { type IdRange, idsInUse, type SegmentRangeRecord, segmentRanges } from '../../store/segment-ranges.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import type { Db } from '../../store/table.js'
import { flagOf, listOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import { checkRevision, listComputed } from '../collection.js'
import type { Core } from '../core.js'
import type { Attributes, ResourceService } from '../service.js'
import type { Work } from '../work.js'
import { checkIds, checkOverlap } from './checks.js'
import {
  physicalNetworkRequired,
  projectRequired,
  rangeInUse,
  rangeNotFound,
  rangeOfConfiguration,
  typeWithoutRanges,
} from './faults.js'
import { configuredRanges, showConfigured, showMade } from './shape.js'

/** `/network_segment_ranges`: the ids that networks get by themselves; the configured ranges, and those made here. */
export function segmentRangeService(core: Core): ResourceService {
  const configured = configuredRanges(core)
  const change = <T>(ctx: Work['ctx'], work: (work: Work) => Promise<T>): Promise<T> =>
    core.store.transaction(ctx, (tx) => work({ core, tx, ctx }))
  const ofConfiguration = (id: string) => configured.find((range) => range.id === id)

  async function made(db: Db, id: string, ifRevision: number | undefined): Promise<SegmentRangeRecord> {
    if (ofConfiguration(id)) throw rangeOfConfiguration(id)
    const range = await segmentRanges.findOne(db, { id })
    if (!range) throw rangeNotFound(id)
    checkRevision(range, ifRevision)
    return range
  }

  return {
    list: (_ctx, query) =>
      core.store.read(async (db) => {
        const shown = await Promise.all([
          ...configured.map((range) => showConfigured(db, range)),
          ...(await segmentRanges.find(db, {})).map((range) => showMade(db, range)),
        ])
        return listComputed(shown, query)
      }),
    get: (_ctx, id) =>
      core.store.read(async (db) => {
        const given = ofConfiguration(id)
        return given ? showConfigured(db, given) : showMade(db, await made(db, id, undefined))
      }),
    create: (ctx, items) =>
      change(ctx, async (work) => {
        const shown = []
        for (const item of items) shown.push(await showMade(work.tx.db, await createRange(work, item)))
        return shown
      }),
    update: (ctx, id, changes, ifRevision) =>
      change(ctx, async ({ tx }) => {
        const before = await made(tx.db, id, ifRevision)
        const patch = patchOf<SegmentRangeRecord>(changes, {
          ...standardChanges,
          minimum: (minimum: number) => ({ minimum }),
          maximum: (maximum: number) => ({ maximum }),
        })
        await checkRange(tx.db, { ...before, ...patch }, before)
        await revise(tx, segmentRanges, before, patch)
        return showMade(tx.db, (await segmentRanges.findOne(tx.db, { id }))!)
      }),
    delete: (ctx, id, ifRevision) =>
      change(ctx, async ({ tx }) => {
        const range = await made(tx.db, id, ifRevision)
        if ((await idsInUse(tx.db, range)).length > 0) throw rangeInUse(id)
        await segmentRanges.delete(tx.db, { id })
      }),
  }
}

async function createRange({ core, tx, ctx }: Work, item: Attributes): Promise<SegmentRangeRecord> {
  const networkType = textOf(item, 'network_type') as NetworkType
  if (!core.typeDrivers.get(networkType)?.ranges) throw typeWithoutRanges(networkType)
  const shared = flagOf(item, 'shared', true)
  const projectId = shared ? '' : projectOf(item, ctx.projectId)
  if (!shared && projectId === '') throw projectRequired()
  const range: SegmentRangeRecord = {
    ...newStandard(tx.now, { projectId, description: textOf(item, 'description'), tags: listOf<string>(item, 'tags') }),
    name: textOf(item, 'name'),
    shared,
    networkType,
    physicalNetwork: networkType === 'vlan' ? wireOf(item) : null,
    minimum: Number(item.minimum),
    maximum: Number(item.maximum),
  }
  await checkRange(tx.db, range, null)
  await segmentRanges.insert(tx.db, range)
  return range
}

function wireOf(item: Attributes): string {
  const wire = textOf(item, 'physical_network')
  if (wire === '') throw physicalNetworkRequired()
  return wire
}

/** Ids that networks have of the range as it was stay in it. */
async function checkRange(db: Db, range: IdRange, before: SegmentRangeRecord | null): Promise<void> {
  checkIds(range)
  if (before) {
    const used = await idsInUse(db, before)
    if (used.some(({ id }) => id < range.minimum || id > range.maximum)) throw rangeInUse(before.id)
  }
  await checkOverlap(db, range, before?.id ?? null)
}
