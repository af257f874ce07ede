/**
 * A Linux bridge between two ports of Open vSwitch, where iptables acts on what passes:
 *
 *   outer ═veth═ tapX ─ qbrX ─ qvbX ═veth═ qvoX
 */
export interface FilterBridgeSpec {
  readonly portId: string
  readonly mtu: number
  /** name of the far end of tap: known to be ours by it */
  readonly outer: string
}

/** A device as it is. */
export interface DeviceState {
  readonly mtu: number
  readonly up: boolean
  /** the bridge it is a port of */
  readonly master: string | null
  /** the other end, of a veth */
  readonly peer: string | null
}
