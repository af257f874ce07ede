import type { Neutron, NeutronFloatingIp, NeutronPort } from '../clients/neutron.js'
import type { Instance } from './instance.js'

export interface ServerAddress {
  readonly addr: string
  readonly version: 4 | 6
  readonly 'OS-EXT-IPS:type': 'fixed' | 'floating'
  readonly 'OS-EXT-IPS-MAC:mac_addr': string
}

/** What the network service knows of some instances' ports. */
export interface NetworkInfo {
  readonly ports: readonly NeutronPort[]
  readonly floatingIps: readonly NeutronFloatingIp[]
  /** names by network id */
  readonly networks: ReadonlyMap<string, string>
  readonly groups: ReadonlyMap<string, string>
}

/** Asks for everything at once: names and floating IPs are found by what is recorded of the instances. */
export async function readNetworkInfo(
  neutron: Neutron,
  instances: readonly Instance[],
  options: { groups: boolean },
): Promise<NetworkInfo> {
  const known = instances.flatMap((instance) => instance.ports)
  const unique = (ids: readonly string[]) => [...new Set(ids)]
  const [ports, floatingIps, networks, groups] = await Promise.all([
    neutron.list('ports', { id: known.map((port) => port.portId) }),
    neutron.list('floatingips', { port_id: known.map((port) => port.portId) }),
    neutron.list('networks', { id: unique(known.map((port) => port.networkId)), fields: ['id', 'name'] }),
    options.groups && known.length > 0
      ? neutron.list('security-groups', {
          tenant_id: unique(instances.map((instance) => instance.projectId)),
          fields: ['id', 'name'],
        })
      : [],
  ])
  const names = (items: readonly { id: string; name: string }[]) => new Map(items.map((item) => [item.id, item.name]))
  return { ports, floatingIps, networks: names(networks), groups: names(groups) }
}

/** `addresses` of a server: by network name in the order of its interfaces; in each, fixed addresses with their floating ones behind. */
export function addressesOf(instance: Instance, info: NetworkInfo): Record<string, ServerAddress[]> {
  const result: Record<string, ServerAddress[]> = {}
  for (const { portId, networkId } of instance.ports) {
    const port = info.ports.find((known) => known.id === portId)
    if (!port) continue
    const name = info.networks.get(networkId) ?? networkId
    const list = result[name] ?? []
    result[name] = list
    list.push(...port.fixed_ips.map((ip) => address(ip.ip_address, 'fixed', port.mac_address)))
    const floating = info.floatingIps.filter((ip) => ip.port_id === portId)
    list.push(...floating.map((ip) => address(ip.floating_ip_address, 'floating', port.mac_address)))
  }
  // `Networks` of a listing shows fixed addresses first, also where an instance is on a network twice
  for (const list of Object.values(result))
    list.sort((a, b) => Number(a['OS-EXT-IPS:type'] === 'floating') - Number(b['OS-EXT-IPS:type'] === 'floating'))
  return result
}

function address(addr: string, type: 'fixed' | 'floating', mac: string): ServerAddress {
  return { addr, version: addr.includes(':') ? 6 : 4, 'OS-EXT-IPS:type': type, 'OS-EXT-IPS-MAC:mac_addr': mac }
}

/** Names of the security groups of an instance's ports. */
export function groupsOf(instance: Instance, info: NetworkInfo): { name: string }[] {
  const own = new Set(instance.ports.map((port) => port.portId))
  const ids = new Set(info.ports.filter((port) => own.has(port.id)).flatMap((port) => port.security_groups))
  return [...ids].map((id) => ({ name: info.groups.get(id) ?? id }))
}
