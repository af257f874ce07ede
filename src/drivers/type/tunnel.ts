import { ConfigError } from '../../config/options.js'
import type { ServerConfig } from '../../config/server.js'
import { invalidInput, noNetworkAvailable, tunnelIdInUse } from '../../core/fault-messages.js'
import type { TypeDriver } from '../../core/ml2/type-driver.js'
import type { NetworkType, Segment } from '../../model/cloud.js'
import { isSegmentTaken } from '../../store/segments.js'
import type { Db } from '../../store/table.js'
import { tunnelMtu } from './mtu.js'
import { allocateFrom } from './open-ranges.js'

type TunnelType = Extract<NetworkType, 'gre' | 'vxlan' | 'geneve'>

/** Largest id of a type. */
export const MAX_ID: Readonly<Record<TunnelType, number>> = {
  gre: 2 ** 32 - 1,
  vxlan: 2 ** 24 - 1,
  geneve: 2 ** 24 - 1,
}

/** Bytes of an encapsulation beside the outer IP header: GRE with key and the inner Ethernet header; UDP and VXLAN with it. */
const GRE_OVERHEAD = 22
const VXLAN_OVERHEAD = 30
const GENEVE_OVERHEAD = 30

export function parseTunnelRanges(
  option: string,
  entries: readonly string[],
  max: number,
): (readonly [number, number])[] {
  return entries
    .map((entry) => {
      const match = entry.match(/^(\d+):(\d+)$/)
      const range = [Number(match?.[1]), Number(match?.[2])] as const
      if (!match || range[0] < 1 || range[1] > max || range[0] > range[1]) {
        throw new ConfigError(`${option}: '${entry}' is not 'min:max' within 1:${max}`)
      }
      return range
    })
    .sort((a, b) => a[0] - b[0])
}

function tunnelDriver(type: TunnelType, pairs: readonly (readonly [number, number])[], mtu: () => number): TypeDriver {
  const ranges = pairs.map(([minimum, maximum]) => ({ networkType: type, physicalNetwork: null, minimum, maximum }))
  const allocate = (db: Db, projectId: string) => allocateFrom(db, type, ranges, projectId, null)
  return {
    type,
    ranges,
    allocate,
    async reserve(db, projectId, { physicalNetwork, segmentationId }) {
      if (physicalNetwork !== null) throw invalidInput(`provider:physical_network specified for ${type} network`)
      if (segmentationId === null) {
        const segment = await allocate(db, projectId)
        if (!segment) throw noNetworkAvailable()
        return segment
      }
      if (segmentationId < 1 || segmentationId > MAX_ID[type]) {
        throw invalidInput(`segmentation_id out of range (1 through ${MAX_ID[type]})`)
      }
      const segment: Segment = { networkType: type, physicalNetwork: null, segmentationId }
      if (await isSegmentTaken(db, segment)) throw tunnelIdInUse(segmentationId)
      return segment
    },
    mtu,
  }
}

export function greDriver(config: ServerConfig): TypeDriver {
  const ranges = parseTunnelRanges('tunnel_id_ranges', config.ml2_type_gre.tunnel_id_ranges, MAX_ID.gre)
  return tunnelDriver('gre', ranges, () => tunnelMtu(config, GRE_OVERHEAD))
}

export function vxlanDriver(config: ServerConfig): TypeDriver {
  const ranges = parseTunnelRanges('vni_ranges', config.ml2_type_vxlan.vni_ranges, MAX_ID.vxlan)
  return tunnelDriver('vxlan', ranges, () => tunnelMtu(config, VXLAN_OVERHEAD))
}

export function geneveDriver(config: ServerConfig): TypeDriver {
  const ranges = parseTunnelRanges('vni_ranges', config.ml2_type_geneve.vni_ranges, MAX_ID.geneve)
  const overhead = Math.max(GENEVE_OVERHEAD, config.ml2_type_geneve.max_header_size)
  return tunnelDriver('geneve', ranges, () => tunnelMtu(config, overhead))
}
