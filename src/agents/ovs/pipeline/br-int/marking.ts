import type { Flow } from '../../../../dataplane/openflow/flow.js'
import { brInt } from './tables.js'

/** What an instance sends carries this DSCP mark, whatever it wrote there itself. */
export function markingFlows(inPort: number, dscp: number): Flow[] {
  return (['ip', 'ipv6'] as const).map((proto) =>
    brInt.flow({
      table: 'PACKET_RATE_LIMIT',
      priority: 10,
      match: { proto, inPort },
      actions: [
        { kind: 'setDscp', dscp },
        { kind: 'goto', table: 'BANDWIDTH_RATE_LIMIT' },
      ],
      feature: 'qos',
      why: "marked as the port's QoS policy says",
    }),
  )
}
