import type { Flow } from '../../../../dataplane/openflow/flow.js'
import { brInt } from './tables.js'

/** Wire VLAN (null: flat, untagged) to local VLAN, for frames that come from a physical bridge. */
export function wireToLocalFlow(intOfport: number, wireVlan: number | null, vlan: number): Flow {
  return brInt.flow({
    table: 'LOCAL_SWITCHING',
    priority: 3,
    match: { inPort: intOfport, vlan: wireVlan ?? 'none' },
    actions: [
      { kind: wireVlan === null ? 'pushVlan' : 'setVlan', vlan },
      { kind: 'goto', table: 'PACKET_RATE_LIMIT' },
    ],
    feature: 'network',
    why: 'from the wire into the local VLAN of its network',
  })
}
