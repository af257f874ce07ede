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
  ['LOCAL_SWITCHING', 0, 'from br-int, or from a tunnel of some kind'],
  ['DVR_PROCESS', 1, "outbound: routers' MACs, which are the same on all hosts, do not leave this one"],
  ['PATCH_LV_TO_TUN', 2, 'outbound: known unicast, ARP requests and floods part'],
  ['GRE_TUN_TO_LV', 3, 'inbound over GRE: VNI to local VLAN'],
  ['VXLAN_TUN_TO_LV', 4, 'inbound over VXLAN: VNI to local VLAN'],
  ['GENEVE_TUN_TO_LV', 6, 'inbound over Geneve: VNI to local VLAN'],
  ['DVR_NOT_LEARN', 9, "inbound: other hosts' own MACs are delivered but not learned"],
  ['LEARN_FROM_TUN', 10, 'inbound: the switch writes the way back into table 20, and delivers'],
  ['UCAST_TO_TUN', 20, 'outbound unicast: to the one host that has the MAC'],
  ['ARP_RESPONDER', 21, 'ARP requests are answered here for ports that other hosts have'],
  ['FLOOD_TO_TUN', 22, 'outbound floods: to the hosts that have the network, and to no others'],
])

/** Where frames of each kind of tunnel get their local VLAN. */
export const TUN_TO_LV = { gre: 'GRE_TUN_TO_LV', vxlan: 'VXLAN_TUN_TO_LV', geneve: 'GENEVE_TUN_TO_LV' } as const
