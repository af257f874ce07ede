/** A small cloud for tests of this part: the whole core on a database in memory, and agents that only report. */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { pino } from 'pino'
import type { HostObject } from '../../bus/contracts/host-view.js'
import { Cloud } from '../../bus/projection/cloud.js'
import { place } from '../../bus/projection/placement.js'
import { projectHost } from '../../bus/projection/project-host.js'
import { parseIni } from '../../config/ini.js'
import { resolveConfig } from '../../config/options.js'
import { serverOptions } from '../../config/server.js'
import { type BuiltCore, buildCore } from '../build.js'
import type { Attributes, RequestContext, Resource } from '../service.js'
import { openTestStore } from '../testing/database.js'
import type { L3Mode } from './choose-agent.js'

export const ADMIN: RequestContext = {
  requestId: 'req-admin',
  userId: 'admin',
  projectId: 'admin-project',
  roles: ['admin'],
  isAdmin: true,
  isService: true,
}

export const DEMO: RequestContext = {
  requestId: 'req-demo',
  userId: 'demo',
  projectId: 'demo-project',
  roles: ['member', 'reader'],
  isAdmin: false,
  isService: false,
}

const CONFIG = `
[DEFAULT]
router_distributed = True
[ml2]
tenant_network_types = vxlan
[ml2_type_flat]
flat_networks = external
[ml2_type_vxlan]
vni_ranges = 1:1000
`

type Collection = 'networks' | 'subnets' | 'ports' | 'routers' | 'floatingips' | 'agents'
type Action = 'add_router_interface' | 'remove_router_interface' | 'add_extraroutes' | 'remove_extraroutes'

export class TestCloud {
  readonly #built: BuiltCore

  constructor(built: BuiltCore) {
    this.#built = built
  }

  static async open(extra = ''): Promise<TestCloud> {
    const data = parseIni(CONFIG + extra)
    const { values } = resolveConfig(serverOptions, [{ path: 'test', data }])
    const store = await openTestStore()
    return new TestCloud(buildCore(values, store, pino({ level: 'silent' })))
  }

  /** The scenario's three hosts. */
  static async scenario(extra = ''): Promise<TestCloud> {
    const cloud = await TestCloud.open(extra)
    await cloud.host('network1', 'dvr_snat')
    await cloud.reportAgent('network1', 'DHCP agent', 'neutron-dhcp-agent', {})
    await cloud.host('compute1', 'dvr')
    await cloud.host('compute2', 'dvr')
    return cloud
  }

  get services() {
    return this.#built.services
  }

  get reports() {
    return this.#built.reports
  }

  get core() {
    return this.#built.core
  }

  async close(): Promise<void> {
    await this.#built.close()
    await this.#built.core.store.close()
  }

  async host(name: string, mode: L3Mode, zone = 'nova'): Promise<void> {
    await this.reportAgent(name, 'Open vSwitch agent', 'neutron-openvswitch-agent', {
      bridge_mappings: { external: 'br-ex' },
      tunnel_types: ['vxlan'],
      tunneling_ip: '10.0.1.1',
      enable_distributed_routing: true,
    })
    await this.reportAgent(name, 'L3 agent', 'neutron-l3-agent', { agent_mode: mode }, zone)
  }

  async reportAgent(
    host: string,
    agentType: 'Open vSwitch agent' | 'L3 agent' | 'DHCP agent',
    binary: string,
    configurations: Readonly<Record<string, unknown>>,
    availabilityZone = 'nova',
  ): Promise<void> {
    await this.#built.reports.agentState({
      type: 'state',
      host,
      binary,
      agentType,
      topic: '',
      availabilityZone,
      configurations,
      start: true,
    })
  }

  async reportFloatingIps(host: string, active: readonly string[], failed: readonly string[] = []): Promise<void> {
    await this.#built.reports.floatingIps(host, { type: 'floatingips', active, failed })
  }

  async make(collection: Collection, attributes: Attributes, ctx: RequestContext = DEMO): Promise<Resource> {
    return (await this.services.collections[collection]!.create(ctx, [attributes]))[0]!
  }

  get(collection: Collection, id: string): Promise<Resource> {
    return this.services.collections[collection]!.get(ADMIN, id)
  }

  change(collection: Collection, id: string, changes: Attributes, ctx: RequestContext = ADMIN): Promise<Resource> {
    return this.services.collections[collection]!.update(ctx, id, changes)
  }

  remove(collection: Collection, id: string, ctx: RequestContext = ADMIN): Promise<void> {
    return this.services.collections[collection]!.delete(ctx, id)
  }

  act(
    router: Resource,
    action: Action,
    body: Attributes,
    ctx: RequestContext = DEMO,
  ): Promise<Record<string, unknown>> {
    return this.services.actions.routers![action]!(ctx, router.id, body)
  }

  async ports(deviceOwner?: string): Promise<Resource[]> {
    const filters: Record<string, string[]> = deviceOwner === undefined ? {} : { device_owner: [deviceOwner] }
    return this.services.collections.ports!.list(ADMIN, {
      filters,
      sort: [],
      limit: null,
      marker: null,
      reverse: false,
    })
  }

  async externalNetwork(): Promise<Resource> {
    const attributes = {
      'router:external': true,
      'provider:network_type': 'flat',
      'provider:physical_network': 'external',
    }
    const network = await this.make('networks', { name: 'ext-net', ...attributes }, ADMIN)
    const pools = [{ start: '203.0.113.101', end: '203.0.113.200' }]
    const subnet = { network_id: network.id, ip_version: 4, cidr: '203.0.113.0/24', gateway_ip: '203.0.113.1' }
    await this.make('subnets', { ...subnet, allocation_pools: pools, enable_dhcp: false }, ADMIN)
    return network
  }

  /** A network of the demo project with one subnet. */
  async network(cidr: string): Promise<{ network: Resource; subnet: Resource }> {
    const network = await this.make('networks', { name: cidr })
    return { network, subnet: await this.make('subnets', { network_id: network.id, ip_version: 4, cidr }) }
  }

  instance(network: Pick<Resource, 'id'>, host: string): Promise<Resource> {
    const attributes = { device_id: randomUUID(), device_owner: 'compute:nova', 'binding:host_id': host }
    return this.make('ports', { network_id: network.id, project_id: DEMO.projectId, ...attributes }, ADMIN)
  }

  async agentId(host: string): Promise<string> {
    const filters = { host: [host], agent_type: ['L3 agent'] }
    const query = { filters, sort: [], limit: null, marker: null, reverse: false }
    return (await this.services.collections.agents!.list(ADMIN, query))[0]!.id
  }

  /** What the host would be told now. */
  async view(host: string): Promise<HostObject[]> {
    const cloud = Cloud.of((await this.core.store.load()).objects)
    return projectHost(cloud, place(cloud), host)
  }

  async rows(
    table: 'ports' | 'ip_allocations' | 'agent_gateways' | 'router_bindings' | 'routers' | 'floating_ips',
  ): Promise<number> {
    return this.core.store.read(async (db) => {
      const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(db)
      return Number(rows[0]!.n)
    })
  }
}

export function ipsOf(port: Resource): string[] {
  return (port.fixed_ips as readonly { readonly ip_address: string }[]).map(({ ip_address }) => ip_address)
}
