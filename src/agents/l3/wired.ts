import type { Vswitch } from '../../dataplane/ovsdb/types.js'

const DEAD_VLAN = 4095

/** Whether the Open vSwitch agent has given a device its network: what was just plugged is in the dead VLAN. */
export function isWired(vswitch: Vswitch, device: string): boolean {
  const tag = vswitch.port(device)?.tag
  return tag !== undefined && tag !== null && tag !== DEAD_VLAN
}
