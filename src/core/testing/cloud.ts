import { createLogger } from '../../base/log.js'
import type { AgentType, StateMessage } from '../../bus/contracts/messages.js'
import { parseIni } from '../../config/ini.js'
import { resolveConfig } from '../../config/options.js'
import { type ServerConfig, serverOptions } from '../../config/server.js'
import type { Store } from '../../store/store.js'
import { type BuiltCore, buildCore } from '../build.js'
import type { CorePartFactory } from '../part.js'
import type { Attributes, ListQuery, RequestContext, Resource } from '../service.js'
import { openTestStore } from './database.js'

/** The controller's files of the scenario, with the operator's values filled in. */
export const SCENARIO_INI = `
[DEFAULT]
router_distributed = True
[ml2]
type_drivers = flat,vlan,gre,vxlan
tenant_network_types = vlan,gre,vxlan
mechanism_drivers = openvswitch,l2population
[ml2_type_flat]
flat_networks = external
[ml2_type_vlan]
network_vlan_ranges = external,vlan:101:103
[ml2_type_gre]
tunnel_id_ranges = 1:2
[ml2_type_vxlan]
vni_ranges = 1:1000
`

/** The configuration that files with these texts give; later ones win. */
export function configOf(...texts: readonly string[]): ServerConfig {
  return resolveConfig(
    serverOptions,
    texts.map((text) => ({ path: 'test', data: parseIni(text) })),
  ).values
}

export const NO_FILTER: ListQuery = { filters: {}, sort: [], limit: null, marker: null, reverse: false }

export const admin: RequestContext = {
  requestId: 'req-admin',
  userId: 'admin',
  projectId: 'admin-project',
  roles: ['admin'],
  isAdmin: true,
  isService: true,
}

export function member(projectId: string): RequestContext {
  return { requestId: 'req-1', userId: 'user', projectId, roles: ['member'], isAdmin: false, isService: false }
}

/** A whole `core` on a database in memory, with short words for what tests do. */
export class TestCloud {
  readonly store: Store
  readonly built: BuiltCore

  private constructor(store: Store, built: BuiltCore) {
    this.store = store
    this.built = built
  }

  static async open(extra = '', parts: readonly CorePartFactory[] = []): Promise<TestCloud> {
    return TestCloud.on(await openTestStore(), extra, parts)
  }

  /** A server's `core` on an opened store. */
  static on(store: Store, extra = '', parts: readonly CorePartFactory[] = []): TestCloud {
    const log = createLogger('test')
    log.level = 'silent'
    return new TestCloud(store, buildCore(configOf(SCENARIO_INI, extra), store, log, parts))
  }

  async close(): Promise<void> {
    await this.built.close()
    await this.store.close()
  }

  collection(name: string) {
    const found = this.built.services.collections[name]
    if (!found) throw new Error(`no collection ${name}`)
    return found
  }

  async create(name: string, attributes: Attributes, ctx: RequestContext = member('demo')): Promise<Resource> {
    return (await this.collection(name).create(ctx, [attributes]))[0]!
  }

  async list(name: string, ctx: RequestContext = admin, query: Partial<ListQuery> = {}): Promise<Resource[]> {
    return this.collection(name).list(ctx, { ...NO_FILTER, ...query })
  }

  async show(name: string, id: string, ctx: RequestContext = admin): Promise<Resource> {
    return this.collection(name).get(ctx, id)
  }

  /** A VXLAN network of project `demo` with one subnet; returns both. */
  async network(cidr = '192.168.1.0/24', subnet: Attributes = {}): Promise<{ network: Resource; subnet: Resource }> {
    const network = await this.create(
      'networks',
      { name: 'demo-net', project_id: 'demo', 'provider:network_type': 'vxlan' },
      admin,
    )
    const made = await this.create('subnets', { network_id: network.id, ip_version: 4, cidr, ...subnet })
    return { network, subnet: made }
  }

  async port(networkId: string, attributes: Attributes = {}, ctx: RequestContext = member('demo')): Promise<Resource> {
    return this.create('ports', { network_id: networkId, ...attributes }, ctx)
  }

  async report(host: string, agentType: AgentType, configurations: StateMessage['configurations'] = {}): Promise<void> {
    const binary = `neutron-${agentType.split(' ')[0]!.toLowerCase()}-agent`
    const availabilityZone = agentType === 'DHCP agent' || agentType === 'L3 agent' ? 'nova' : null
    await this.built.reports.agentState({
      type: 'state',
      host,
      binary,
      agentType,
      topic: 'N/A',
      availabilityZone,
      configurations,
      start: true,
    })
  }

  /** A host whose Open vSwitch agent can wire every kind of network of the scenario. */
  async ovsHost(host: string, tunnelIp = '10.0.1.31'): Promise<void> {
    await this.report(host, 'Open vSwitch agent', {
      tunneling_ip: tunnelIp,
      tunnel_types: ['gre', 'vxlan'],
      bridge_mappings: { vlan: 'br-vlan', external: 'br-ex' },
      enable_distributed_routing: true,
      ovs_hybrid_plug: true,
      datapath_type: 'netdev',
    })
  }

  async ready(host: string, ports: readonly string[], aspect: 'l2' | 'dhcp' = 'l2', complete = false): Promise<void> {
    await this.built.reports.portsReady(host, { type: 'ports', aspect, complete, ready: ports, gone: [] })
  }
}

export function addressesOf(port: Resource): string[] {
  return (port.fixed_ips as { ip_address: string }[]).map(({ ip_address }) => ip_address)
}
