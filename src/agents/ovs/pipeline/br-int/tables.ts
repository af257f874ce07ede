import { pipeline } from '../pipeline.js'

/**
 * br-int. Numbers are Neutron's.
 *
 *   patch-tun, int-* ─ 0 ─┬─ 1, 2 (another host's router) ──┐
 *                         ├─ 3, 4 (to our own router)       │
 *   guest ────────── 0 ── 24 ── 25 ── 30 ──┬─ 31            │
 *                                          └─ 58 ── 59 ── 60 ── NORMAL, or a local port
 */
export const brInt = pipeline([
  ['LOCAL_SWITCHING', 0],
  ['DVR_TO_SRC_MAC', 1],
  ['DVR_TO_SRC_MAC_PHYSICAL', 2],
  ['ARP_DVR_MAC_TO_DST_MAC', 3],
  ['ARP_DVR_MAC_TO_DST_MAC_PHYSICAL', 4],
  ['CANARY', 23],
  ['ARP_SPOOFING', 24],
  ['MAC_SPOOFING', 25],
  ['LOCAL_EGRESS', 30],
  ['LOCAL_IP', 31],
  ['PACKET_RATE_LIMIT', 58],
  ['BANDWIDTH_RATE_LIMIT', 59],
  ['TRANSIENT', 60],
  ['TRANSIENT_EGRESS', 62],
])
