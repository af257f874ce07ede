import { pipeline } from '../pipeline.js'

/**
 * A physical bridge. Numbers are Neutron's.
 *
 *   phy-* ─ 0 ─ 1 ─ 2 ── NORMAL (wire VLAN)
 *   NIC ─── 0 ─ 3 ─┬─ NORMAL
 *                  └─ phy-* (another host's router: not to be learned)
 */
export const brPhy = pipeline([
  ['LOCAL_SWITCHING', 0, 'from br-int, or from the wire'],
  ['DVR_PROCESS', 1, "outbound: routers' MACs, which are the same on all hosts, do not leave this one"],
  ['LOCAL_VLAN_TRANSLATION', 2, 'outbound: local VLAN to the wire VLAN of the network; what does not belong here ends'],
  ['DVR_NOT_LEARN', 3, "inbound: other hosts' own MACs go to br-int without being learned"],
])
