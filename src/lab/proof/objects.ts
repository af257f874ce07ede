import type { NetworkCollections } from '../../client/network-types.js'
import { settled } from '../settled.js'
import { EXTERNAL_GATEWAY, EXTERNAL_VLAN } from '../spec.js'
import type { Cloud } from './cloud.js'
import { expect } from './expect.js'
import { until } from './until.js'

/** The objects that proofs work with, made through the API as users make them: what needs an administrator by admin, the rest by demo. */

export type Json = Readonly<Record<string, unknown>>
export type User = 'admin' | 'demo'

export interface Network {
  readonly id: string
  readonly subnetId: string
  readonly mtu: number
  /** VNI, tunnel key or VLAN; null where the type has none */
  readonly segmentationId: number | null
}

export interface Router {
  readonly id: string
  /** its address on the external network; '' without a gateway */
  readonly externalIp: string
}

export interface Port {
  readonly id: string
  readonly mac: string
  readonly ip: string
}

export interface Instance {
  readonly id: string
  readonly name: string
  readonly host: string
  /** of its first interface */
  readonly portId: string
  readonly mac: string
  readonly ip: string
  /** first address of its /24 */
  readonly gateway: string
}

interface PortJson {
  readonly id: string
  readonly mac_address: string
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[]
}

export type ExternalType = 'flat' | 'vlan'

/** Where an external network of each type is in the lab. */
export const EXTERNAL: Readonly<
  Record<ExternalType, { readonly cidr: string; readonly gateway: string; readonly segment: number | null }>
> = {
  flat: { cidr: '203.0.113.0/24', gateway: EXTERNAL_GATEWAY, segment: null },
  vlan: { cidr: EXTERNAL_VLAN.cidr, gateway: EXTERNAL_VLAN.gateway, segment: EXTERNAL_VLAN.id },
}

export async function demoProject({ admin }: Cloud): Promise<string> {
  const { projects } = await admin.identity.get<{ projects: { id: string }[] }>('/v3/projects', { name: 'demo' })
  return projects[0]!.id
}

/** An external network of the lab, pool .101 to .200. */
export async function makeExternal({ admin }: Cloud, type: ExternalType, name: string): Promise<Network> {
  const { cidr, gateway, segment } = EXTERNAL[type]
  const network = await admin.network.create('networks', {
    name,
    'router:external': true,
    'provider:network_type': type,
    'provider:physical_network': 'external',
    ...(segment === null ? {} : { 'provider:segmentation_id': segment }),
  })
  const prefix = gateway.replace(/\.\d+$/, '')
  const subnet = await admin.network.create('subnets', {
    network_id: network.id,
    ip_version: 4,
    cidr,
    gateway_ip: gateway,
    enable_dhcp: false,
    allocation_pools: [{ start: `${prefix}.101`, end: `${prefix}.200` }],
  })
  return madeNetwork(network, subnet.id)
}

/** For `makeNetwork`: a VXLAN network, whatever project networks are by default. */
export const VXLAN = { network: { 'provider:network_type': 'vxlan' } }

/** A project network of demo with one IPv4 subnet; `network` and `subnet`: further attributes (network ones are set by admin). */
export async function makeNetwork(
  cloud: Cloud,
  name: string,
  cidr: string,
  { network = {}, subnet = {} }: { readonly network?: Json; readonly subnet?: Json } = {},
): Promise<Network> {
  const body = { name, tenant_id: await demoProject(cloud), ...network }
  const made = await cloud.admin.network.create('networks', body)
  return madeNetwork(made, await makeSubnet(cloud, made.id, cidr, subnet))
}

/** A network as the API answered with it. */
export function madeNetwork(network: NetworkCollections['networks'], subnetId: string): Network {
  const segmentationId = network['provider:segmentation_id'] ?? null
  return { id: network.id, subnetId, mtu: Number(network.mtu), segmentationId }
}

/** A further IPv4 subnet of a network; resolves to its id. */
export async function makeSubnet({ demo }: Cloud, networkId: string, cidr: string, more: Json = {}): Promise<string> {
  const subnet = await demo.network.create('subnets', { network_id: networkId, ip_version: 4, cidr, ...more })
  return subnet.id
}

export interface RouterWish {
  readonly subnets?: readonly string[]
  /** id of the external network */
  readonly external?: string
  /** absent: as the server is configured */
  readonly distributed?: boolean
  readonly ha?: boolean
}

export async function makeRouter(cloud: Cloud, name: string, wish: RouterWish = {}): Promise<Router> {
  const { admin, demo } = cloud
  const { distributed, ha, subnets = [], external } = wish
  const kind = { ...(distributed === undefined ? {} : { distributed }), ...(ha === undefined ? {} : { ha }) }
  const made = await admin.network.create('routers', { name, tenant_id: await demoProject(cloud), ...kind })
  for (const what of ['distributed', 'ha'] as const) {
    const wanted = wish[what]
    expect(wanted === undefined || made[what] === wanted, `the router's ${what} is ${made[what]}`)
  }
  for (const subnet_id of subnets) await demo.network.addRouterInterface(made.id, { subnet_id })
  return { id: made.id, externalIp: external ? await setGateway(cloud, made.id, external) : '' }
}

/** Sets a router's gateway; resolves to its address outside. `more`: such as enable_snat, which only admin may set. */
export async function setGateway(
  cloud: Cloud,
  routerId: string,
  externalId: string,
  more: Json = {},
  as: User = 'demo',
): Promise<string> {
  const update = { router: { external_gateway_info: { network_id: externalId, ...more } } }
  const { router } = await cloud[as].network.put<{
    router: { external_gateway_info: { external_fixed_ips: { ip_address: string }[] } }
  }>(`/v2.0/routers/${routerId}`, update)
  return router.external_gateway_info.external_fixed_ips[0]!.ip_address
}

/** An unbound port of demo. */
export async function makePort({ demo }: Cloud, networkId: string, more: Json = {}): Promise<Port> {
  const made = (await demo.network.create('ports', { network_id: networkId, ...more })) as unknown as PortJson
  return { id: made.id, mac: made.mac_address, ip: made.fixed_ips[0]?.ip_address ?? '' }
}

export interface BootWish {
  readonly name: string
  /** one of the two */
  readonly networkId?: string
  readonly portId?: string
  /** node that it must be on; absent: the scheduler takes the hosts in turn */
  readonly host?: string
  /** further attributes of the request */
  readonly more?: Json
}

/** Boots an instance of demo's and waits until it is ACTIVE. */
export async function boot(cloud: Cloud, wish: BootWish): Promise<Instance> {
  return (await bootAll(cloud, [wish]))[0]!
}

/** Boots instances at once (scheduled in their order) and waits until all are ACTIVE. */
export async function bootAll(cloud: Cloud, wishes: readonly BootWish[]): Promise<Instance[]> {
  const ids: string[] = []
  for (const wish of wishes) ids.push(await requestBoot(cloud, wish))
  return Promise.all(ids.map((id, i) => active(cloud, id, wishes[i]!.name)))
}

async function requestBoot(
  { demo, adminInDemo }: Cloud,
  { name, networkId, portId, host, more }: BootWish,
): Promise<string> {
  // placing is an administrator's right
  const user = host ? adminInDemo : demo
  const { flavors } = await demo.compute.get<{ flavors: { id: string }[] }>('/flavors')
  const { images } = await demo.compute.get<{ images: { id: string }[] }>('/images')
  const server = {
    name,
    flavorRef: flavors[0]!.id,
    imageRef: images[0]!.id,
    networks: [portId ? { port: portId } : { uuid: networkId }],
    ...(host ? { availability_zone: `nova:${host}` } : {}),
    ...more,
  }
  return (await user.compute.post<{ server: { id: string } }>('/servers', { server })).server.id
}

async function active({ admin }: Cloud, id: string, name: string): Promise<Instance> {
  const server = await until(`instance ${name} to be ACTIVE`, async () => {
    const { server: now } = await admin.compute.get<{ server: Json }>(`/servers/${id}`)
    expect(now.status !== 'ERROR', `instance ${name}: ${JSON.stringify(now.fault)}`)
    return now.status === 'ACTIVE' ? now : null
  })
  const { ports } = await admin.network.get<{ ports: PortJson[] }>('/v2.0/ports', { device_id: id })
  const { id: portId, mac_address: mac, fixed_ips } = ports[0]!
  const ip = fixed_ips[0]?.ip_address ?? ''
  const host = String(server['OS-EXT-SRV-ATTR:host'])
  return { id, name, host, portId, mac, ip, gateway: ip.replace(/\d+$/, '1') }
}

/** Deletes an instance and waits until it is gone. */
export async function deleteInstance({ demo }: Cloud, id: string): Promise<void> {
  await demo.compute.delete(`/servers/${id}`)
  await until(`instance ${id} to be gone`, async () => {
    const { servers } = await demo.compute.get<{ servers: { id: string }[] }>('/servers')
    return !servers.some((server) => server.id === id)
  })
}

/** A floating IP for a port, realised. */
export async function associateFloatingIp(
  cloud: Cloud,
  externalId: string,
  portId: string,
  more: Json = {},
): Promise<{ id: string; ip: string }> {
  const body = { floating_network_id: externalId, port_id: portId, ...more }
  const made = await cloud.demo.network.create('floatingips', body)
  await settled(cloud.admin)
  await floatingIpStatus(cloud, made.id, 'ACTIVE')
  return { id: made.id, ip: String(made.floating_ip_address) }
}

/** Waits until a floating IP has a status. */
export async function floatingIpStatus({ demo }: Cloud, id: string, status: string): Promise<void> {
  await until(`floating IP ${id} to be ${status}`, async () => {
    const { floatingip } = await demo.network.get<{ floatingip: Json }>(`/v2.0/floatingips/${id}`)
    return floatingip.status === status
  })
}

export async function defaultGroup({ demo }: Cloud): Promise<string> {
  const query = { name: 'default' }
  const { security_groups } = await demo.network.get<{ security_groups: { id: string }[] }>(
    '/v2.0/security-groups',
    query,
  )
  return security_groups[0]!.id
}

/** Adds an ingress rule for everybody (unless `rule` says otherwise) to demo's default group; resolves to its id when it is in effect. */
export async function allow(cloud: Cloud, rule: Json): Promise<string> {
  const security_group_id = await defaultGroup(cloud)
  const body = { direction: 'ingress', remote_ip_prefix: '0.0.0.0/0', security_group_id, ...rule }
  const { id } = await cloud.demo.network.create('security-group-rules', body)
  await settled(cloud.admin)
  return id
}

/** A port on one subnet, if wanted at an address of it. */
export function portOn(cloud: Cloud, networkId: string, subnetId: string, ip?: string, more: Json = {}): Promise<Port> {
  return makePort(cloud, networkId, { fixed_ips: [{ subnet_id: subnetId, ...(ip && { ip_address: ip }) }], ...more })
}

/** Lets go of a floating IP's port; resolves when no host translates it any more. */
export async function disassociateFloatingIp(cloud: Cloud, id: string): Promise<void> {
  await cloud.demo.network.update('floatingips', id, { port_id: null })
  await settled(cloud.admin)
}

/** Changes a router as an administrator or demo and waits until its hosts have followed. */
export async function updateRouter(cloud: Cloud, id: string, changes: Json, as: User = 'demo'): Promise<void> {
  await cloud[as].network.put(`/v2.0/routers/${id}`, { router: changes })
  await settled(cloud.admin)
}
