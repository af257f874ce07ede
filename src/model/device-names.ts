/**
 * Device, namespace and bridge names, as Neutron makes them: a prefix and the first 11 characters of the
 * port id (10 of the router id after four-letter prefixes), 14 characters in all.
 */
const LENGTH = 14

function device(prefix: string, id: string): string {
  return (prefix + id).slice(0, LENGTH)
}

export const tapName = (portId: string) => device('tap', portId)
export const qbrName = (portId: string) => device('qbr', portId)
export const qvbName = (portId: string) => device('qvb', portId)
export const qvoName = (portId: string) => device('qvo', portId)
export const qrName = (portId: string) => device('qr-', portId)
export const qgName = (portId: string) => device('qg-', portId)
export const sgName = (portId: string) => device('sg-', portId)
export const haName = (portId: string) => device('ha-', portId)
export const fgName = (portId: string) => device('fg-', portId)
export const rfpName = (routerId: string) => device('rfp-', routerId)
export const fprName = (routerId: string) => device('fpr-', routerId)

/** Ports that join a trunk's bridge with br-int: ends on the trunk's bridge (t) and on br-int (i), of parent and subports. */
export const tptName = (portId: string) => device('tpt-', portId)
export const tpiName = (portId: string) => device('tpi-', portId)
export const sptName = (portId: string) => device('spt-', portId)
export const spiName = (portId: string) => device('spi-', portId)
export const trunkBridgeName = (trunkId: string) => device('tbr-', trunkId)

export const qrouterNs = (routerId: string) => `qrouter-${routerId}`
export const snatNs = (routerId: string) => `snat-${routerId}`
export const fipNs = (externalNetworkId: string) => `fip-${externalNetworkId}`
export const qdhcpNs = (networkId: string) => `qdhcp-${networkId}`

const TRUNK_BRIDGE = /^tbr-[0-9a-f]{8}-[0-9a-f]$/

/** Whether a bridge is that of a trunk. */
export const isTrunkBridge = (name: string): boolean => TRUNK_BRIDGE.test(name)

/** Tunnel port to a remote endpoint: `vxlan-0a000115` for 10.0.1.21. */
export function tunnelPortName(type: string, remoteIp: string): string {
  const hex = remoteIp
    .split('.')
    .map((octet) => Number(octet).toString(16).padStart(2, '0'))
    .join('')
  return `${type}-${hex}`
}

/** VXLAN device of the kernel for a VNI: `vx-1001`. */
export const vxlanDeviceName = (vni: number): string => `vx-${vni}`

/** Whether a device is one of those. */
export const isVxlanDevice = (name: string): boolean => /^vx-\d{1,8}$/.test(name)
