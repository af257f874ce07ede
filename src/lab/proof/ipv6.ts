import { EXTERNAL_V6 } from '../spec.js'
import type { Cloud } from './cloud.js'
import { type Instance, type Json, makeSubnet } from './objects.js'
import { run } from './places.js'
import { until } from './until.js'

/** Longer than the kernel's pauses between router solicitations (4 s) and between DHCPv6 questions. */
const AUTOCONFIGURATION_MS = 25_000

export type AddressMode = 'slaac' | 'dhcpv6-stateless' | 'dhcpv6-stateful'

/** An IPv6 subnet whose addresses and advertisements are of one mode. Resolves to its id. */
export function makeSubnet6(
  cloud: Cloud,
  networkId: string,
  cidr: string,
  mode: AddressMode,
  more: Json = {},
): Promise<string> {
  return makeSubnet(cloud, networkId, cidr, { ip_version: 6, ipv6_ra_mode: mode, ipv6_address_mode: mode, ...more })
}

/** Gives an external network of the lab its IPv6 subnet. */
export async function makeExternal6({ admin }: Cloud, networkId: string, more: Json = {}): Promise<string> {
  const { cidr, gateway } = EXTERNAL_V6
  const body = { network_id: networkId, ip_version: 6, cidr, gateway_ip: gateway, enable_dhcp: false, ...more }
  return (await admin.network.create('subnets', body)).id
}

/** The address of an instance's port on a subnet, as the API has it. */
export async function recordedAddress({ admin }: Cloud, { portId }: Instance, subnetId: string): Promise<string> {
  const { port } = await admin.network.get<{ port: { fixed_ips: { subnet_id: string; ip_address: string }[] } }>(
    `/v2.0/ports/${portId}`,
  )
  return port.fixed_ips.find(({ subnet_id }) => subnet_id === subnetId)?.ip_address ?? ''
}

/** Global IPv6 addresses that an instance can use, in canonical form. */
export async function addressesInside(cloud: Cloud, { id }: Instance): Promise<string[]> {
  const argv = ['ip', '-j', '-6', 'address', 'show', 'scope', 'global', '-tentative']
  const links = JSON.parse(await run(cloud, { instance: id }, argv)) as { addr_info?: { local?: string }[] }[]
  return links.flatMap(({ addr_info = [] }) => addr_info.flatMap(({ local }) => local ?? []))
}

/** Waits until an instance has configured the address by itself. */
export async function untilConfigured(cloud: Cloud, instance: Instance, address: string): Promise<void> {
  await until(
    `instance ${instance.name} to configure ${address}`,
    async () => (await addressesInside(cloud, instance)).includes(address),
    AUTOCONFIGURATION_MS,
  )
}

/** The next hop of an instance's IPv6 default routes. */
export async function defaultRouters(cloud: Cloud, { id }: Instance): Promise<string[]> {
  const routes = JSON.parse(await run(cloud, { instance: id }, ['ip', '-j', '-6', 'route', 'show', 'default']))
  return (routes as { gateway: string }[]).map(({ gateway }) => gateway)
}

/** The outside world's way to a prefix of the cloud: nobody announces it there. */
export async function routeFromOutside(cloud: Cloud, prefix: string, via: string): Promise<void> {
  await run(cloud, { node: 'outside' }, ['ip', '-6', 'route', 'replace', prefix, 'via', via, 'dev', 'eth3'])
}

export async function dropRouteFromOutside(cloud: Cloud, prefix: string): Promise<void> {
  await run(cloud, { node: 'outside' }, ['ip', '-6', 'route', 'del', prefix], { okCodes: [0, 2] })
}
