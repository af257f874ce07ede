import { createHash } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { isVxlanDevice, tunnelPortName } from '../../model/device-names.js'

/** Longest name of a Linux network device. */
const LONGEST = 15

export const PATCH_TUN = 'patch-tun'
export const PATCH_INT = 'patch-int'

/** `int-br-ex`: the end on the integration bridge of the patch to a physical bridge. */
export const intPatchName = (bridge: string) => patchName('int-', bridge)
/** `phy-br-ex`: the end on the physical bridge. */
export const phyPatchName = (bridge: string) => patchName('phy-', bridge)

function patchName(prefix: string, bridge: string): string {
  const name = prefix + bridge
  if (name.length <= LONGEST) return name
  const hash = createHash('sha1').update(bridge).digest('hex').slice(0, 6)
  return `${prefix}${bridge.slice(0, LONGEST - prefix.length - hash.length)}${hash}`
}

/** Port to a remote tunnel endpoint; an IPv6 address does not fit into a device name and is hashed. */
export function tunnelName(type: string, remoteIp: string): string {
  if (isIPv4(remoteIp)) return tunnelPortName(type, remoteIp)
  return `${type}-${createHash('sha1').update(remoteIp).digest('hex').slice(0, 8)}`
}

const SWITCH_TUNNEL = /^(gre|vxlan|geneve)-[0-9a-f]{8}$/

/** Whether a port of br-tun leads to other hosts, and is ours. */
export const isTunnelName = (name: string): boolean => SWITCH_TUNNEL.test(name) || isVxlanDevice(name)

/** Bridge through which Open vSwitch's own tunnels reach a NIC that the kernel holds, and the veth pair between. */
export const WIRE_BRIDGE = 'br-wire'
export const WIRE_INSIDE = 'wire-ovs'
export const WIRE_OUTSIDE = 'wire-nic'
