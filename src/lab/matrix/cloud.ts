import { setTimeout as delay } from 'node:timers/promises'
import type { Session } from '../../client/session.js'
import { expect } from '../scenario/runner.js'
import { settled } from '../settled.js'
import type { LabState } from '../state.js'
import { type Combination, EXTERNAL } from './combination.js'

/** A lab with the sessions of its two users. */
export interface Cloud {
  readonly state: LabState
  readonly admin: Session
  readonly demo: Session
}

export interface Network {
  readonly id: string
  readonly subnetId: string
  readonly mtu: number
}

export interface Instance {
  readonly id: string
  readonly host: string
  readonly portId: string
  readonly ip: string
  readonly gateway: string
}

/** The objects of one combination. `a` and `b` share a network on two hosts; `b` and `c` have a router and a wire between them. */
export interface Objects {
  readonly external: Network
  readonly network1: Network
  readonly network2: Network
  readonly router: { readonly id: string; readonly externalIp: string }
  readonly a: Instance
  readonly b: Instance
  readonly c: Instance
}

type Json = Record<string, unknown>
const PATIENCE_MS = 15_000

/** Makes them as a user would: the administrator what needs one, the demo project everything else. */
export async function makeObjects(cloud: Cloud, combination: Combination): Promise<Objects> {
  const external = await makeExternal(cloud, combination)
  const project = await demoProject(cloud)
  const network1 = await makeNetwork(cloud, combination, project, 'net1', '192.168.1.0/24')
  const network2 = await makeNetwork(cloud, combination, project, 'net2', '192.168.2.0/24')
  const router = await makeRouter(cloud, combination, project, external.id, [network1, network2])
  // the scheduler takes the hosts in turn
  const ids = [
    await boot(cloud, 'a', network1.id),
    await boot(cloud, 'b', network1.id),
    await boot(cloud, 'c', network2.id),
  ]
  const [a, b, c] = await Promise.all(ids.map((id) => active(cloud, id)))
  expect(a!.host !== b!.host && b!.host !== c!.host, `the instances are on ${a!.host}, ${b!.host}, ${c!.host}`)
  await settled(cloud.admin)
  return { external, network1, network2, router, a: a!, b: b!, c: c! }
}

async function makeExternal({ admin }: Cloud, { external }: Combination): Promise<Network> {
  const { cidr, gateway, segment } = EXTERNAL[external]
  const network = await admin.network.create('networks', {
    name: 'matrix-ext',
    'router:external': true,
    'provider:network_type': external,
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
  return { id: network.id, subnetId: subnet.id, mtu: Number(network.mtu) }
}

async function demoProject({ admin }: Cloud): Promise<string> {
  const { projects } = await admin.identity.get<{ projects: { id: string }[] }>('/v3/projects', { name: 'demo' })
  return projects[0]!.id
}

async function makeNetwork(
  { admin, demo }: Cloud,
  { project: type }: Combination,
  project: string,
  name: string,
  cidr: string,
): Promise<Network> {
  const network = await admin.network.create('networks', {
    name: `matrix-${name}`,
    tenant_id: project,
    'provider:network_type': type,
    ...(type === 'vlan' ? { 'provider:physical_network': 'vlan' } : {}),
  })
  const subnet = await demo.network.create('subnets', { network_id: network.id, ip_version: 4, cidr })
  return { id: network.id, subnetId: subnet.id, mtu: Number(network.mtu) }
}

async function makeRouter(
  { admin, demo }: Cloud,
  { router }: Combination,
  project: string,
  externalId: string,
  networks: readonly Network[],
): Promise<Objects['router']> {
  const distributed = router === 'dvr'
  const made = await admin.network.create('routers', { name: 'matrix-router', tenant_id: project, distributed })
  expect(made.distributed === distributed, `the router is distributed: ${made.distributed}`)
  for (const { subnetId } of networks) await demo.network.addRouterInterface(made.id, { subnet_id: subnetId })
  const update = { router: { external_gateway_info: { network_id: externalId } } }
  const { router: now } = await demo.network.put<{
    router: { external_gateway_info: { external_fixed_ips: { ip_address: string }[] } }
  }>(`/v2.0/routers/${made.id}`, update)
  return { id: made.id, externalIp: now.external_gateway_info.external_fixed_ips[0]!.ip_address }
}

async function boot({ demo }: Cloud, name: string, networkId: string): Promise<string> {
  const { flavors } = await demo.compute.get<{ flavors: { id: string }[] }>('/flavors')
  const { images } = await demo.compute.get<{ images: { id: string }[] }>('/images')
  const wanted = {
    name: `matrix-${name}`,
    flavorRef: flavors[0]!.id,
    imageRef: images[0]!.id,
    networks: [{ uuid: networkId }],
  }
  return (await demo.compute.post<{ server: { id: string } }>('/servers', { server: wanted })).server.id
}

async function active({ admin }: Cloud, id: string): Promise<Instance> {
  const server = await until(`instance ${id} to be ACTIVE`, async () => {
    const { server: now } = await admin.compute.get<{ server: Json }>(`/servers/${id}`)
    expect(now.status !== 'ERROR', `instance ${id}: ${JSON.stringify(now.fault)}`)
    return now.status === 'ACTIVE' ? now : null
  })
  const { ports } = await admin.network.get<{ ports: { id: string; fixed_ips: { ip_address: string }[] }[] }>(
    '/v2.0/ports',
    { device_id: id },
  )
  const ip = ports[0]!.fixed_ips[0]!.ip_address
  const host = String(server['OS-EXT-SRV-ATTR:host'])
  return { id, host, portId: ports[0]!.id, ip, gateway: ip.replace(/\d+$/, '1') }
}

export async function associateFloatingIp(
  { demo, admin }: Cloud,
  externalId: string,
  portId: string,
): Promise<{ id: string; ip: string }> {
  const made = await demo.network.create('floatingips', { floating_network_id: externalId, port_id: portId })
  await settled(admin)
  await until(`floating IP ${made.floating_ip_address} to be ACTIVE`, async () => {
    const { floatingip } = await demo.network.get<{ floatingip: Json }>(`/v2.0/floatingips/${made.id}`)
    return floatingip.status === 'ACTIVE'
  })
  return { id: made.id, ip: String(made.floating_ip_address) }
}

/** Lets ICMP from everywhere into the demo project's default group. */
export async function allowIcmp({ demo, admin }: Cloud): Promise<void> {
  const { security_groups } = await demo.network.get<{ security_groups: { id: string }[] }>('/v2.0/security-groups', {
    name: 'default',
  })
  const security_group_id = security_groups[0]!.id
  const rule = { direction: 'ingress', protocol: 'icmp', remote_ip_prefix: '0.0.0.0/0', security_group_id }
  await demo.network.create('security-group-rules', rule)
  await settled(admin)
}

/** Polls until `check` gives something; throws with what it waited for. */
export async function until<T>(what: string, check: () => Promise<T | null | false>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const value = await check()
    if (value) return value
    await delay(10)
  }
  throw new Error(`waited ${PATIENCE_MS / 1000} s in vain for ${what}`)
}
