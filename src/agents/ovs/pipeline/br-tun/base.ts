import { cookieOf } from '../../../../dataplane/openflow/cookie.js'
import type { Flow } from '../../../../dataplane/openflow/flow.js'
import { BROADCAST, MULTICAST, UNICAST } from '../../../../dataplane/openflow/match.js'
import type { TunnelType } from '../../settings.js'
import { FEATURES } from '../features.js'
import { brTun, TUN_TO_LV } from './tables.js'

/** Cookie of the flows that the switch makes from table 10's learn action. */
export const LEARNED = cookieOf(FEATURES.learned)

const feature = 'base' as const

export interface BaseOptions {
  readonly distributed: boolean
  readonly arpResponder: boolean
  /** null: the patch is not there yet, so nothing but drops is possible */
  readonly patchInt: number | null
}

/** Flows that are there whatever the cloud looks like. */
export function baseFlows({ distributed, arpResponder, patchInt }: BaseOptions): Flow[] {
  return [
    drop('LOCAL_SWITCHING', 'from nowhere that we know'),
    ...(patchInt === null ? [] : fromIntegration(patchInt, distributed)),
    ...(arpResponder ? [broadcastArp()] : []),
    ...split(),
    ...Object.values(TUN_TO_LV).map((table) => drop(table, 'a network that is not on this host')),
    ...(distributed ? [learnOthers()] : []),
    flood('UCAST_TO_TUN', 'unknown unicast'),
    flood('ARP_RESPONDER', 'nobody we know'),
    drop('FLOOD_TO_TUN', 'no other host has the network'),
  ]
}

function drop(table: Parameters<typeof brTun.flow>[0]['table'], why: string): Flow {
  return brTun.flow({ table, priority: 0, feature, why })
}

function flood(table: 'UCAST_TO_TUN' | 'ARP_RESPONDER', why: string): Flow {
  return brTun.flow({ table, priority: 0, actions: [{ kind: 'goto', table: 'FLOOD_TO_TUN' }], feature, why })
}

function learnOthers(): Flow {
  return brTun.flow({
    table: 'DVR_NOT_LEARN',
    priority: 0,
    actions: [{ kind: 'goto', table: 'LEARN_FROM_TUN' }],
    feature,
    why: 'not routed by another host',
  })
}

function fromIntegration(patchInt: number, distributed: boolean): Flow[] {
  const entry = {
    table: 'LOCAL_SWITCHING',
    priority: 1,
    match: { inPort: patchInt },
    feature,
    why: 'from br-int',
  } as const
  const learn = brTun.flow({
    table: 'LEARN_FROM_TUN',
    priority: 1,
    actions: [
      // the switch, not a packet, goes on to table 20
      { kind: 'learnTunnel', table: 'UCAST_TO_TUN', cookie: LEARNED },
      { kind: 'output', port: patchInt },
    ],
    feature,
    why: 'remember behind which endpoint the sender is',
  })
  if (!distributed) {
    return [brTun.flow({ ...entry, actions: [{ kind: 'goto', table: 'PATCH_LV_TO_TUN' }] }), learn]
  }
  return [
    brTun.flow({ ...entry, actions: [{ kind: 'goto', table: 'DVR_PROCESS' }] }),
    brTun.flow({
      table: 'DVR_PROCESS',
      priority: 0,
      actions: [{ kind: 'goto', table: 'PATCH_LV_TO_TUN' }],
      feature,
      why: 'not from or to a router of this host',
    }),
    learn,
  ]
}

function broadcastArp(): Flow {
  return brTun.flow({
    table: 'PATCH_LV_TO_TUN',
    priority: 1,
    match: { proto: 'arp', ethDst: BROADCAST },
    actions: [{ kind: 'goto', table: 'ARP_RESPONDER' }],
    feature,
    why: 'an ARP request that may be answered here',
  })
}

function split(): Flow[] {
  return [
    brTun.flow({
      table: 'PATCH_LV_TO_TUN',
      priority: 0,
      match: { ethDst: UNICAST },
      actions: [{ kind: 'goto', table: 'UCAST_TO_TUN' }],
      feature,
      why: 'unicast from a local VLAN',
    }),
    brTun.flow({
      table: 'PATCH_LV_TO_TUN',
      priority: 0,
      match: { ethDst: MULTICAST },
      actions: [{ kind: 'goto', table: 'FLOOD_TO_TUN' }],
      feature,
      why: 'broadcast and multicast from a local VLAN',
    }),
  ]
}

/** Frames of a tunnel port go to the table of its kind. */
export function tunnelPortFlow(type: TunnelType, ofport: number): Flow {
  return brTun.flow({
    table: 'LOCAL_SWITCHING',
    priority: 1,
    match: { inPort: ofport },
    actions: [{ kind: 'goto', table: TUN_TO_LV[type] }],
    feature,
    why: 'from another endpoint',
  })
}

/** Frames of a kernel VXLAN device carry no VNI any more: the device stands for one. */
export function devicePortFlow(vni: number, ofport: number): Flow {
  return brTun.flow({
    table: 'LOCAL_SWITCHING',
    priority: 1,
    match: { inPort: ofport },
    actions: [
      { kind: 'setTunnel', id: vni },
      { kind: 'goto', table: TUN_TO_LV.vxlan },
    ],
    feature,
    why: 'from other endpoints, by the kernel device of this VNI',
  })
}
