import type { ServerConfig } from '../../config/server.js'
import { invalidInput } from '../../core/fault-messages.js'
import type { TypeDriver } from '../../core/ml2/type-driver.js'
import { physicalMtu } from './mtu.js'

/** Networks that never leave their host. */
export function localDriver(config: ServerConfig): TypeDriver {
  const segment = { networkType: 'local', physicalNetwork: null, segmentationId: null } as const
  return {
    type: 'local',
    ranges: null,
    async reserve(_db, _projectId, { physicalNetwork, segmentationId }) {
      if (physicalNetwork !== null) throw invalidInput('physical_network prohibited for local provider network')
      if (segmentationId !== null) throw invalidInput('segmentation_id prohibited for local provider network')
      return segment
    },
    async allocate() {
      return segment
    },
    mtu: () => physicalMtu(config, null),
  }
}
