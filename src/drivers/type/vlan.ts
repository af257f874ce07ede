import { ConfigError } from '../../config/options.js'
import type { ServerConfig } from '../../config/server.js'
import { invalidInput, noNetworkAvailable, vlanIdInUse } from '../../core/fault-messages.js'
import type { TypeDriver } from '../../core/ml2/type-driver.js'
import type { Segment } from '../../model/cloud.js'
import { isSegmentTaken, lowestFreeSegmentId } from '../../store/segments.js'
import type { Db } from '../../store/table.js'
import { physicalMtu } from './mtu.js'

const MIN_VLAN = 1
const MAX_VLAN = 4094

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
  const ranges = parseVlanRanges(config.ml2_type_vlan.network_vlan_ranges)

  async function lowest(db: Db, physicalNetwork: string): Promise<Segment | null> {
    for (const range of [...ranges.get(physicalNetwork)!].sort((a, b) => a[0] - b[0])) {
      const segmentationId = await lowestFreeSegmentId(db, 'vlan', physicalNetwork, range)
      if (segmentationId !== null) return { networkType: 'vlan', physicalNetwork, segmentationId }
    }
    return null
  }

  async function allocate(db: Db): Promise<Segment | null> {
    for (const physicalNetwork of ranges.keys()) {
      const segment = await lowest(db, physicalNetwork)
      if (segment) return segment
    }
    return null
  }

  return {
    type: 'vlan',
    allocate,
    async reserve(db, { physicalNetwork, segmentationId }) {
      if (physicalNetwork === null) {
        if (segmentationId !== null)
          throw invalidInput('segmentation_id requires physical_network for VLAN provider network')
        const segment = await allocate(db)
        if (!segment) throw noNetworkAvailable()
        return segment
      }
      if (!ranges.has(physicalNetwork)) {
        throw invalidInput(`physical_network '${physicalNetwork}' unknown for VLAN provider network`)
      }
      if (segmentationId === null) {
        if (ranges.get(physicalNetwork)!.length === 0) {
          throw invalidInput(
            `Physical network ${physicalNetwork} requires segmentation_id to be specified when creating a provider network`,
          )
        }
        const segment = await lowest(db, physicalNetwork)
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
