import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import { isTrunkBridge } from '../../model/device-names.js'
import type { LocalDevice, TrunkDevice } from './local.js'

/** Devices on a bridge that carry an `iface-id`. */
export function pluggedDevices(vswitch: Vswitch, bridge: string): LocalDevice[] {
  return vswitch.ports(bridge).flatMap((port) =>
    port.interfaces.flatMap((name): LocalDevice[] => {
      const found = vswitch.interface(name)
      const portId = found?.externalIds['iface-id']
      const trunkId = found?.externalIds.trunk_id
      const device = { name, portId: portId ?? '', ofport: found?.ofport ?? null, otherConfig: port.otherConfig }
      return portId ? [{ ...device, ...(trunkId === undefined ? {} : { trunkId }) }] : []
    }),
  )
}

export function trunkBridges(vswitch: Vswitch): string[] {
  return vswitch.bridges().flatMap(({ name }) => (isTrunkBridge(name) ? [name] : []))
}

/** Devices of instances on the bridges of trunks. */
export function trunkDevices(vswitch: Vswitch): TrunkDevice[] {
  return trunkBridges(vswitch).flatMap((bridge) =>
    pluggedDevices(vswitch, bridge).map((device) => ({ ...device, bridge })),
  )
}

/** OpenFlow port numbers of all ports on these bridges that vswitchd has opened. */
export function openFlowPorts(vswitch: Vswitch, bridges: readonly string[]): Map<string, number> {
  const ports = bridges.flatMap((bridge) => vswitch.ports(bridge)).flatMap(({ interfaces }) => interfaces)
  return new Map(
    ports.flatMap((name) => {
      const ofport = vswitch.interface(name)?.ofport
      return ofport && ofport > 0 ? [[name, ofport] as const] : []
    }),
  )
}

/** Local VLANs that the ports' own records tell: network id -> VLAN. */
export function recordedVlans(devices: readonly LocalDevice[]): Map<string, number> {
  return new Map(
    devices.flatMap(({ otherConfig }) => {
      const { net_uuid: network, tag } = otherConfig
      return network && tag && /^\d+$/.test(tag) ? [[network, Number(tag)] as const] : []
    }),
  )
}

/** What is plugged in and under which number; changes when there is something to wire or to take away. */
export function plugSignature(devices: readonly LocalDevice[], ofports: ReadonlyMap<string, number>): string {
  const plugged = devices.map(({ name, portId, ofport }) => `${name}=${portId}@${ofport}`)
  return [...plugged, ...[...ofports].map(([name, ofport]) => `${name}@${ofport}`)].sort().join(' ')
}
