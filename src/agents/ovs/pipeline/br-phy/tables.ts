import { pipeline } from '../pipeline.js'

/**
 * A physical bridge. Numbers are Neutron's.
 *
 *   phy-* ─ 0 ─ 1 ─ 2 ── NORMAL (wire VLAN)
 *   NIC ─── 0 ─ 3 ─┬─ NORMAL
 *                  └─ phy-* (another host's router: not to be learned)
 */
export const brPhy = pipeline([
  ['LOCAL_SWITCHING', 0],
  ['DVR_PROCESS', 1],
  ['LOCAL_VLAN_TRANSLATION', 2],
  ['DVR_NOT_LEARN', 3],
])
