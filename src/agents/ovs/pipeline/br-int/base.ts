import type { Flow } from '../../../../dataplane/openflow/flow.js'
import { brInt } from './tables.js'

/** Flows that are there whatever the cloud looks like. `distributed`: this host routes by itself. */
export function baseFlows(distributed: boolean): Flow[] {
  const base = 'base' as const
  return [
    brInt.flow({ table: 'LOCAL_SWITCHING', priority: 65535, match: { vlan: 4095 }, feature: base, why: 'dead VLAN' }),
    ...pass('LOCAL_SWITCHING', 'nothing special about the packet'),
    brInt.flow({ table: 'CANARY', priority: 0, feature: base, why: 'its absence shows that Open vSwitch restarted' }),
    brInt.flow({ table: 'ARP_SPOOFING', priority: 0, feature: base, why: 'an address the port does not own' }),
    ...pass('LOCAL_EGRESS', 'no local IPs'),
    ...pass('LOCAL_IP', 'no local IPs'),
    brInt.flow({
      table: 'PACKET_RATE_LIMIT',
      priority: 0,
      actions: [{ kind: 'goto', table: 'BANDWIDTH_RATE_LIMIT' }],
      feature: base,
      why: 'no packet-rate limit',
    }),
    brInt.flow({
      table: 'BANDWIDTH_RATE_LIMIT',
      priority: 0,
      actions: [{ kind: 'goto', table: 'TRANSIENT' }],
      feature: base,
      why: 'no bandwidth limit',
    }),
    brInt.flow({
      table: 'TRANSIENT',
      priority: 1,
      actions: [{ kind: 'normal' }],
      feature: base,
      why: 'switched inside the local VLAN',
    }),
    brInt.flow({
      table: 'TRANSIENT_EGRESS',
      priority: 3,
      actions: [{ kind: 'normal' }],
      feature: base,
      why: 'switched inside the local VLAN',
    }),
    ...(distributed ? unknownRouterTargets() : []),
  ]
}

function pass(table: 'LOCAL_SWITCHING' | 'LOCAL_EGRESS' | 'LOCAL_IP', why: string): Flow[] {
  return [
    brInt.flow({
      table,
      priority: 0,
      actions: [{ kind: 'goto', table: 'PACKET_RATE_LIMIT' }],
      feature: 'base',
      why,
    }),
  ]
}

function unknownRouterTargets(): Flow[] {
  return (['DVR_TO_SRC_MAC', 'DVR_TO_SRC_MAC_PHYSICAL'] as const).map((table) =>
    brInt.flow({ table, priority: 1, feature: 'dvr', why: "another host's router sends to a port that is not here" }),
  )
}

/** Until a network is let in by its wire VLAN, nothing comes from a physical bridge. */
export function physicalBaseFlows(intOfport: number): Flow[] {
  return [
    brInt.flow({
      table: 'LOCAL_SWITCHING',
      priority: 2,
      match: { inPort: intOfport },
      feature: 'base',
      why: 'no network of this host uses the wire VLAN',
    }),
  ]
}
