import type { TestLab } from './lab.js'
import { until } from './lab.js'

/** Objects that scenario tests work with, made through the API as a user makes them. */

type Json = Record<string, unknown>

interface Made {
  readonly id: string
}

export interface Instance {
  readonly id: string
  readonly name: string
  readonly host: string
  readonly portId: string
  readonly mac: string
  readonly ip: string
}

interface PortJson extends Made {
  readonly mac_address: string
  readonly device_owner: string
  readonly network_id: string
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[]
}

/** Creates one object and returns its whole API form. `as`: who makes it. */
export async function create<T extends Made = Made & Json>(
  lab: TestLab,
  collection: string,
  body: Json,
  as: 'admin' | 'demo' = 'demo',
): Promise<T> {
  const singular = collection.replaceAll('-', '_').replace(/s$/, '')
  const reply = await lab[as].network.post<Record<string, T>>(`/v2.0/${collection}`, { [singular]: body })
  return reply[singular]!
}

export async function list<T = Json>(
  lab: TestLab,
  collection: string,
  query: Record<string, string> = {},
): Promise<T[]> {
  const reply = await lab.admin.network.get<Record<string, T[]>>(`/v2.0/${collection}`, query)
  return reply[collection.replaceAll('-', '_')]!
}

/** The guide's external network, flat, pool .101–.200. */
export async function externalNetwork(lab: TestLab, name = 'ext-net'): Promise<string> {
  const network = await create(
    lab,
    'networks',
    { name, 'router:external': true, 'provider:network_type': 'flat', 'provider:physical_network': 'external' },
    'admin',
  )
  const pool = [{ start: '203.0.113.101', end: '203.0.113.200' }]
  await create(
    lab,
    'subnets',
    {
      network_id: network.id,
      ip_version: 4,
      cidr: '203.0.113.0/24',
      gateway_ip: '203.0.113.1',
      enable_dhcp: false,
      allocation_pools: pool,
    },
    'admin',
  )
  return network.id
}

/** A VXLAN network of the demo project with one subnet. */
export async function projectNetwork(
  lab: TestLab,
  name: string,
  cidr: string,
  vni?: number,
): Promise<{ id: string; subnetId: string; vni: number }> {
  const { projects } = await lab.admin.identity.get<{ projects: Made[] }>('/v3/projects', { name: 'demo' })
  const segment = vni === undefined ? {} : { 'provider:segmentation_id': vni }
  const network = await create(
    lab,
    'networks',
    { name, tenant_id: projects[0]!.id, 'provider:network_type': 'vxlan', ...segment },
    'admin',
  )
  const subnet = await create(lab, 'subnets', { network_id: network.id, ip_version: 4, cidr })
  return { id: network.id, subnetId: subnet.id, vni: network['provider:segmentation_id'] as number }
}

export async function routerWith(
  lab: TestLab,
  name: string,
  subnetIds: readonly string[],
  externalNetworkId: string | null,
  kind: 'distributed' | 'legacy' = 'distributed',
): Promise<string> {
  const { id } = await (kind === 'legacy' ? legacyRouter(lab, name) : create(lab, 'routers', { name }))
  for (const subnet_id of subnetIds)
    await lab.demo.network.put(`/v2.0/routers/${id}/add_router_interface`, { subnet_id })
  if (externalNetworkId)
    await lab.demo.network.put(`/v2.0/routers/${id}`, {
      router: { external_gateway_info: { network_id: externalNetworkId } },
    })
  return id
}

async function legacyRouter(lab: TestLab, name: string): Promise<Made> {
  const { projects } = await lab.admin.identity.get<{ projects: Made[] }>('/v3/projects', { name: 'demo' })
  return create(lab, 'routers', { name, tenant_id: projects[0]!.id, distributed: false }, 'admin')
}

export async function boot(lab: TestLab, name: string, networkId: string): Promise<Instance> {
  const { flavors } = await lab.demo.compute.get<{ flavors: Made[] }>('/flavors')
  const { images } = await lab.demo.compute.get<{ images: Made[] }>('/images')
  const request = { name, flavorRef: flavors[0]!.id, imageRef: images[0]!.id, networks: [{ uuid: networkId }] }
  const { server } = await lab.demo.compute.post<{ server: Made }>('/servers', { server: request })
  const active = await until(`instance ${name} to be ACTIVE`, async () => {
    const { server: now } = await lab.admin.compute.get<{ server: Json }>(`/servers/${server.id}`)
    if (now.status === 'ERROR') throw new Error(JSON.stringify(now.fault))
    return now.status === 'ACTIVE' ? now : null
  })
  const [port] = await list<PortJson>(lab, 'ports', { device_id: server.id })
  return {
    id: server.id,
    name,
    host: String(active['OS-EXT-SRV-ATTR:host']),
    portId: port!.id,
    mac: port!.mac_address,
    ip: port!.fixed_ips[0]!.ip_address,
  }
}

export async function deleteInstance(lab: TestLab, instance: Pick<Instance, 'id'>): Promise<void> {
  await lab.demo.compute.delete(`/servers/${instance.id}`)
  await until('the instance to be gone', async () => {
    const { servers } = await lab.demo.compute.get<{ servers: Made[] }>('/servers')
    return !servers.some(({ id }) => id === instance.id)
  })
}

export async function floatingIp(
  lab: TestLab,
  externalNetworkId: string,
  portId: string,
): Promise<{ id: string; ip: string }> {
  const made = await create(lab, 'floatingips', { floating_network_id: externalNetworkId, port_id: portId })
  return { id: made.id, ip: String(made.floating_ip_address) }
}

/** Opens the demo project's default group. */
export async function allow(lab: TestLab, rule: Json): Promise<string> {
  const { security_groups } = await lab.demo.network.get<{ security_groups: (Made & { name: string })[] }>(
    '/v2.0/security-groups',
    { name: 'default' },
  )
  const group = security_groups[0]!.id
  return (
    await create(lab, 'security-group-rules', {
      direction: 'ingress',
      security_group_id: group,
      remote_ip_prefix: '0.0.0.0/0',
      ...rule,
    })
  ).id
}

/** MAC of the port with an owner on a network, e.g. of a router interface. */
export async function macOf(lab: TestLab, networkId: string, deviceOwner: string): Promise<string> {
  const ports = await list<PortJson>(lab, 'ports', { network_id: networkId, device_owner: deviceOwner })
  return ports[0]!.mac_address
}

export async function portOf(lab: TestLab, networkId: string, deviceOwner: string): Promise<PortJson> {
  const ports = await list<PortJson>(lab, 'ports', { network_id: networkId, device_owner: deviceOwner })
  return ports[0]!
}

/** Per-host MAC of routed frames on the wire. */
export async function dvrMac(lab: TestLab, node: string): Promise<string> {
  const flows = await lab.read(node, 'ovs-ofctl', '-O', 'OpenFlow14', '--names', 'dump-flows', 'br-int', 'table=0')
  return flows.match(/in_port="?patch-tun"?,dl_dst=(fa:16:3f(?::[0-9a-f]{2}){3})/)![1]!
}
