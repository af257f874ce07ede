import { ConfigError } from '../../config/options.js'
import type { ServerConfig } from '../../config/server.js'
import { invalidInput, noNetworkAvailable, vlanIdInUse } from '../../core/fault-messages.js'
import type { TypeDriver } from '../../core/ml2/type-driver.js'
import type { Segment } from '../../model/cloud.js'
import { rangesOfType } from '../../store/segment-ranges.js'
import { isSegmentTaken } from '../../store/segments.js'
import type { Db } from '../../store/table.js'
import { physicalMtu } from './mtu.js'
import { allocateFrom } from './open-ranges.js'

const MIN_VLAN = 1
export const MAX_VLAN = 4094

type Range = readonly [number, number]

/** `external,vlan:101:200`: a name alone is a physical network from which nothing is allocated by itself. */
export function parseVlanRanges(entries: readonly string[]): ReadonlyMap<string, readonly Range[]> {
  const ranges = new Map<string, Range[]>()
  for (const entry of entries) {
    const match = entry.match(/^([^:]+)(?::(\d+):(\d+))?$/)
    if (!match) throw new ConfigError(`network_vlan_ranges: '${entry}' is not 'network' or 'network:min:max'`)
    const [, name, min, max] = match
    const list = ranges.get(name!) ?? []
    ranges.set(name!, list)
    if (min === undefined) continue
    const range: Range = [Number(min), Number(max)]
    if (range[0] < MIN_VLAN || range[1] > MAX_VLAN || range[0] > range[1]) {
      throw new ConfigError(`network_vlan_ranges: '${entry}' is not within ${MIN_VLAN}:${MAX_VLAN}`)
    }
    list.push(range)
  }
  return ranges
}

/** 802.1Q networks. */
export function vlanDriver(config: ServerConfig): TypeDriver {
  const configured = parseVlanRanges(config.ml2_type_vlan.network_vlan_ranges)
  const ranges = [...configured].flatMap(([physicalNetwork, pairs]) =>
    pairs
      .toSorted((a, b) => a[0] - b[0])
      .map(([minimum, maximum]) => ({ networkType: 'vlan' as const, physicalNetwork, minimum, maximum })),
  )
  const allocate = (db: Db, projectId: string, physicalNetwork: string | null = null) =>
    allocateFrom(db, 'vlan', ranges, projectId, physicalNetwork)

  /** Whether ids of the physical network are given to networks that name none; null: there is no such network. */
  async function givesIds(db: Db, physicalNetwork: string): Promise<boolean | null> {
    const made = (await rangesOfType(db, 'vlan')).some((range) => range.physicalNetwork === physicalNetwork)
    if (!made && !configured.has(physicalNetwork)) return null
    return made || configured.get(physicalNetwork)!.length > 0
  }

  return {
    type: 'vlan',
    ranges,
    allocate: (db, projectId) => allocate(db, projectId),
    async reserve(db, projectId, { physicalNetwork, segmentationId }) {
      if (physicalNetwork === null) {
        if (segmentationId !== null)
          throw invalidInput('segmentation_id requires physical_network for VLAN provider network')
        const segment = await allocate(db, projectId)
        if (!segment) throw noNetworkAvailable()
        return segment
      }
      const gives = await givesIds(db, physicalNetwork)
      if (gives === null) {
        throw invalidInput(`physical_network '${physicalNetwork}' unknown for VLAN provider network`)
      }
      if (segmentationId === null) {
        if (!gives) {
          throw invalidInput(
            `Physical network ${physicalNetwork} requires segmentation_id to be specified when creating a provider network`,
          )
        }
        const segment = await allocate(db, projectId, physicalNetwork)
        if (!segment) throw noNetworkAvailable()
        return segment
      }
      if (segmentationId < MIN_VLAN || segmentationId > MAX_VLAN) {
        throw invalidInput(`segmentation_id out of range (${MIN_VLAN} through ${MAX_VLAN})`)
      }
      const segment: Segment = { networkType: 'vlan', physicalNetwork, segmentationId }
      if (await isSegmentTaken(db, segment)) throw vlanIdInUse(segmentationId, physicalNetwork)
      return segment
    },
    mtu: (physicalNetwork) => physicalMtu(config, physicalNetwork),
  }
}
