import { pipeline } from '../pipeline.js'

/**
 * br-tun. Numbers are Neutron's.
 *
 *   patch-int ─ 0 ─ 1 ─ 2 ─┬─ 20 known unicast ──┐
 *                          ├─ 21 ARP responder ──┼─ 22 flood
 *                          └─────────────────────┘
 *   tunnels ─── 0 ─ 3/4/6 ─ 9 ─┬─ 10 learn ── patch-int
 *                              └─ patch-int
 */
export const brTun = pipeline([
  ['LOCAL_SWITCHING', 0],
  ['DVR_PROCESS', 1],
  ['PATCH_LV_TO_TUN', 2],
  ['GRE_TUN_TO_LV', 3],
  ['VXLAN_TUN_TO_LV', 4],
  ['GENEVE_TUN_TO_LV', 6],
  ['DVR_NOT_LEARN', 9],
  ['LEARN_FROM_TUN', 10],
  ['UCAST_TO_TUN', 20],
  ['ARP_RESPONDER', 21],
  ['FLOOD_TO_TUN', 22],
])

/** Where frames of each kind of tunnel get their local VLAN. */
export const TUN_TO_LV = { gre: 'GRE_TUN_TO_LV', vxlan: 'VXLAN_TUN_TO_LV', geneve: 'GENEVE_TUN_TO_LV' } as const
