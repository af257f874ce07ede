import type { ServerConfig } from '../../config/server.js'
import { flatNetworkInUse, invalidInput } from '../../core/fault-messages.js'
import type { TypeDriver } from '../../core/ml2/type-driver.js'
import { isSegmentTaken } from '../../store/segments.js'
import { physicalMtu } from './mtu.js'

/** Untagged networks: one per physical network, only by an administrator. */
export function flatDriver(config: ServerConfig): TypeDriver {
  const allowed = config.ml2_type_flat.flat_networks
  return {
    type: 'flat',
    ranges: null,
    async reserve(db, _projectId, { physicalNetwork, segmentationId }) {
      if (!physicalNetwork) throw invalidInput('physical_network required for flat provider network')
      if (!allowed.includes('*') && !allowed.includes(physicalNetwork)) {
        throw invalidInput(`physical_network '${physicalNetwork}' unknown for flat provider network`)
      }
      if (segmentationId !== null) throw invalidInput('segmentation_id prohibited for flat provider network')
      const segment = { networkType: 'flat', physicalNetwork, segmentationId: null } as const
      if (await isSegmentTaken(db, segment)) throw flatNetworkInUse(physicalNetwork)
      return segment
    },
    async allocate() {
      return null
    },
    mtu: (physicalNetwork) => physicalMtu(config, physicalNetwork),
  }
}
