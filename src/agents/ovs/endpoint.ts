import type { Host } from '../../dataplane/command/host.js'

/** The device that holds our tunnel endpoint address. */
export interface Endpoint {
  readonly device: string
  readonly mac: string
}

interface AddressInfo {
  readonly ifname?: string
  readonly address?: string
  readonly addr_info?: readonly { readonly local?: string }[]
}

/** Null while no device holds `localIp`. */
export async function findEndpoint(host: Host, localIp: string): Promise<Endpoint | null> {
  // not `show to`: that leaves out the link-layer addresses
  const { stdout } = await host.run(['ip', '-j', 'address', 'show'])
  for (const { ifname, address, addr_info } of JSON.parse(stdout || '[]') as AddressInfo[]) {
    if (ifname && address && addr_info?.some(({ local }) => local === localIp)) return { device: ifname, mac: address }
  }
  return null
}
