import type { Host } from '../../dataplane/command/host.js'
import { WIRE_BRIDGE } from './device-names.js'

/** The device that holds our tunnel endpoint address. */
export interface Endpoint {
  readonly device: string
  readonly mac: string
  readonly prefixLength: number
  readonly mtu: number
}

interface AddressInfo {
  readonly ifname?: string
  readonly address?: string
  readonly mtu?: number
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number }[]
}

/** Null while no device holds `localIp`. */
export async function findEndpoint(host: Host, localIp: string): Promise<Endpoint | null> {
  // not `show to`: that leaves out the link-layer addresses
  const { stdout } = await host.run(['ip', '-j', 'address', 'show'])
  for (const { ifname, address, mtu = 1500, addr_info } of JSON.parse(stdout || '[]') as AddressInfo[]) {
    // our own bridge for tunnels of Open vSwitch shows the same address
    if (!ifname || !address || ifname === WIRE_BRIDGE) continue
    const found = addr_info?.find(({ local }) => local === localIp)
    if (found) return { device: ifname, mac: address, prefixLength: found.prefixlen ?? 32, mtu }
  }
  return null
}
