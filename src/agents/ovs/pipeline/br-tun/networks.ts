import type { Flow } from '../../../../dataplane/openflow/flow.js'
import type { TunnelType } from '../../settings.js'
import { brTun, TUN_TO_LV } from './tables.js'

export interface TunnelNetwork {
  readonly vlan: number
  readonly type: TunnelType
  readonly vni: number
}

const feature = 'network' as const

/** VNI to local VLAN. */
export function tunnelToLocalFlow({ vlan, type, vni }: TunnelNetwork, distributed: boolean): Flow {
  const base = {
    table: TUN_TO_LV[type],
    priority: 1,
    match: { tunId: vni },
    feature,
    why: 'from a tunnel into the local VLAN of its network',
  } as const
  const tag = { kind: 'pushVlan', vlan } as const
  return distributed
    ? brTun.flow({ ...base, actions: [tag, { kind: 'goto', table: 'DVR_NOT_LEARN' }] })
    : brTun.flow({ ...base, actions: [tag, { kind: 'goto', table: 'LEARN_FROM_TUN' }] })
}

/** To every other host that has the network. `ofports` are sorted; without any the table's default drops. */
export function floodFlow({ vlan, vni }: TunnelNetwork, ofports: readonly number[]): Flow[] {
  if (ofports.length === 0) return []
  return [
    brTun.flow({
      table: 'FLOOD_TO_TUN',
      priority: 1,
      match: { vlan },
      actions: [
        { kind: 'popVlan' },
        { kind: 'setTunnel', id: vni },
        ...ofports.map((port) => ({ kind: 'output', port }) as const),
      ],
      feature,
      why: 'to all hosts of the network',
    }),
  ]
}
