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
  ['LOCAL_SWITCHING', 0, 'sorts by origin: guests to the address checks, routed frames aside, the wire to local VLANs'],
  ['DVR_TO_SRC_MAC', 1, "frames of other hosts' routers from tunnels: the gateway's MAC becomes the source again"],
  ['DVR_TO_SRC_MAC_PHYSICAL', 2, 'the same for frames from a physical bridge, by wire VLAN'],
  ['ARP_DVR_MAC_TO_DST_MAC', 3, "frames from tunnels to this host's own MAC: handed to its router"],
  ['ARP_DVR_MAC_TO_DST_MAC_PHYSICAL', 4, 'the same for frames from a physical bridge, by wire VLAN'],
  ['CANARY', 23, 'no packet comes here: when its flow is missing, Open vSwitch lost all of them'],
  ['ARP_SPOOFING', 24, 'guests speak ARP and neighbour discovery for their own addresses only'],
  ['MAC_SPOOFING', 25, 'guests send from their own MACs only'],
  [
    'LOCAL_EGRESS',
    30,
    'guests on networks with a local IP here: to the next table, which has to know their local VLAN',
  ],
  ['LOCAL_IP', 31, 'local IPs: to the port of this host that stands for the address, ARP and IPv4'],
  ['PACKET_RATE_LIMIT', 58, 'packet-rate limits (none are made: passed through)'],
  ['BANDWIDTH_RATE_LIMIT', 59, 'bandwidth limits (none are made: passed through)'],
  ['TRANSIENT', 60, 'delivery: routed frames to their port, everything else is switched inside its local VLAN'],
  ['TRANSIENT_EGRESS', 62, 'delivery behind a firewall inside Open vSwitch (iptables_hybrid has none: not reached)'],
])
