import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { ServiceClient } from '../../src/client/service.js'
import { ServiceSession } from '../../src/client/service-session.js'
import { agentProviderId, bridgeProviderId } from '../../src/core/placement/names.js'
import { registerPlacement } from '../../src/core/placement/register.js'
import type { ResourceRequest } from '../../src/core/qos/resource-request.js'
import type { Resource } from '../../src/core/service.js'
import { admin, TestCloud } from '../../src/core/testing/cloud.js'
import { until } from '../../src/lab/proof/until.js'
import { endProcess, type Folder, freePort, HERE, startAt } from '../../src/lab/services/place.js'
import { SKIP } from '../lib/lab.js'

const PROGRAM = '/usr/bin/placement-api'
const skip = SKIP || (existsSync(PROGRAM) ? false : 'needs Debian’s python3-placement')
const VERSION = { 'OpenStack-API-Version': 'placement 1.36' }
const VM = '7f9b1a4e-51d8-4c0e-8a52-4a6b0f1f0002'
const ROOT = '7f9b1a4e-51d8-4c0e-8a52-4a6b0f1f0001'

/** Signs everybody in as the administrator of Placement's `noauth2`, and says where Placement is. */
function identity(placement: () => string): Server {
  return createServer((_request, response) => {
    const endpoints = [{ interface: 'public', region_id: 'RegionOne', url: placement() }]
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    const token = { expires_at, user: { id: 'neutron' }, catalog: [{ type: 'placement', endpoints }] }
    response.writeHead(201, { 'x-subject-token': 'admin:admin' }).end(JSON.stringify({ token }))
  })
}

/** The server's `core`, with Debian's Placement. */
describe('a real Placement', { skip }, () => {
  const keystone = identity(() => `http://127.0.0.1:${port}`)
  let cloud: TestCloud
  let session: ServiceSession
  let placement: ServiceClient
  let folder: Folder
  let server: ChildProcess | undefined
  let port = 0

  const call = <T>(method: string, path: string, body?: unknown, query?: Record<string, string>) =>
    placement.call<T>(method, path, { headers: VERSION, ...(body ? { body } : {}), ...(query ? { query } : {}) })

  before(async () => {
    await new Promise<void>((resolve) => keystone.listen(0, '127.0.0.1', resolve))
    port = await freePort()
    folder = HERE.folder('placement')
    const auth_url = `http://127.0.0.1:${(keystone.address() as AddressInfo).port}/v3`
    const user = { auth_url, username: 'neutron', password: 'secret', project_name: 'service', region_name: null }
    const domains = { user_domain_name: 'Default', project_domain_name: 'Default' }
    session = new ServiceSession({ ...user, ...domains, user_domain_id: null, project_domain_id: null })
    placement = session.service({ type: 'placement', interfaces: ['public'] })
    writeFileSync(
      join(folder.outside, 'placement.conf'),
      `[api]
auth_strategy = noauth2
[placement_database]
connection = sqlite:///${folder.inside}/placement.sqlite
sync_on_startup = True
`,
    )
    const config = `
[ml2_type_vlan]
network_vlan_ranges = rack1:101:110
[placement]
auth_url = ${auth_url}
username = neutron
password = secret
project_name = service
`
    cloud = await TestCloud.open(config, [(core) => registerPlacement(core, { retry: 200 })])
  })
  after(async () => {
    await cloud?.close()
    session?.close()
    if (server) await endProcess(server)
    keystone.closeAllConnections()
    keystone.close()
    if (folder) rmSync(folder.outside, { recursive: true })
  })

  const report = (egress: number) =>
    cloud.report('compute1', 'Open vSwitch agent', {
      bridge_mappings: { rack1: 'br-rack' },
      tunnel_types: ['vxlan'],
      tunneling_ip: '10.0.1.31',
      resource_provider_bandwidths: { 'br-rack': { egress, ingress: 5000 } },
      resource_provider_hypervisors: { 'br-rack': 'compute1.example.org' },
      resource_provider_inventory_defaults: { allocation_ratio: 1, min_unit: 1, step_size: 1, reserved: 0 },
    })
  const synced = async () => (await cloud.list('agents'))[0]!.resources_synced
  const told = () => until('Placement to be told', async () => (await synced()) === true)

  const rack1 = () => {
    const provider = { 'provider:network_type': 'vlan', 'provider:physical_network': 'rack1' }
    return cloud.create('networks', provider, admin)
  }
  const guaranteed = async (min_kbps: number): Promise<string> => {
    const { id } = await cloud.create('policies', { name: 'guaranteed' }, admin)
    await cloud.create('minimum_bandwidth_rules', { qos_policy_id: id, min_kbps, direction: 'egress' }, admin)
    return id
  }

  it('that is away, or does not know the host yet, disturbs nothing and is told later', async () => {
    await report(10_000)
    assert.equal(await synced(), false)
    const environment = [`OS_PLACEMENT_CONFIG_DIR=${folder.inside}`, 'PYTHONWARNINGS=ignore']
    server = startAt(
      HERE,
      ['env', ...environment, PROGRAM, '--host', '127.0.0.1', '--port', String(port)],
      folder,
      'log',
    )
    await until(
      'Placement answers',
      () =>
        call('GET', '/').then(
          () => true,
          () => false,
        ),
      30_000,
    )
    assert.equal(await synced(), false)
    await call('POST', '/resource_providers', { uuid: ROOT, name: 'compute1.example.org' })
    await told()
  })

  it('has a tree of providers with the traits and inventories that nova looks for', async () => {
    interface ProviderJson {
      readonly uuid: string
      readonly name: string
      readonly parent_provider_uuid: string | null
    }
    const { resource_providers: all } = await call<{ resource_providers: ProviderJson[] }>(
      'GET',
      '/resource_providers',
      undefined,
      { in_tree: ROOT },
    )
    const [agent, bridge] = [
      agentProviderId('compute1.example.org'),
      bridgeProviderId('compute1.example.org', 'br-rack'),
    ]
    assert.deepEqual(all.map(({ uuid, name, parent_provider_uuid }) => [name, uuid, parent_provider_uuid]).sort(), [
      ['compute1.example.org', ROOT, null],
      ['compute1.example.org:Open vSwitch agent', agent, ROOT],
      ['compute1.example.org:Open vSwitch agent:br-rack', bridge, agent],
    ])
    const traits = async (id: string) =>
      (await call<{ traits: string[] }>('GET', `/resource_providers/${id}/traits`)).traits.sort()
    assert.deepEqual(await traits(agent), ['CUSTOM_VNIC_TYPE_NORMAL'])
    assert.deepEqual(await traits(bridge), ['CUSTOM_PHYSNET_RACK1', 'CUSTOM_VNIC_TYPE_NORMAL'])
    const totals = async () => {
      const path = `/resource_providers/${bridge}/inventories`
      const { inventories } = await call<{ inventories: Record<string, { total: number }> }>('GET', path)
      return Object.entries(inventories)
        .map(([name, { total }]) => `${name} ${total}`)
        .sort()
    }
    assert.deepEqual(await totals(), ['NET_BW_EGR_KILOBIT_PER_SEC 10000', 'NET_BW_IGR_KILOBIT_PER_SEC 5000'])
    await report(20_000)
    await told()
    assert.deepEqual(await totals(), ['NET_BW_EGR_KILOBIT_PER_SEC 20000', 'NET_BW_IGR_KILOBIT_PER_SEC 5000'])
  })

  it('finds a place for what a port asks for, and none for more than there is', async () => {
    const network = await rack1()
    const asking = async (min_kbps: number): Promise<Resource> =>
      cloud.create('ports', { network_id: network.id, qos_policy_id: await guaranteed(min_kbps) }, admin)
    const places = async (one: Resource) => {
      const [group] = (one.resource_request as ResourceRequest).request_groups
      const resources = Object.entries(group!.resources).map(([name, amount]) => `${name}:${amount}`)
      // as nova asks: a group by its id
      const query = { [`resources_${group!.id}`]: resources.join(), [`required_${group!.id}`]: group!.required.join() }
      const found = await call<{ allocation_requests: { mappings: Record<string, string[]> }[] }>(
        'GET',
        '/allocation_candidates',
        undefined,
        query,
      )
      return found.allocation_requests.map(({ mappings }) => mappings[`_${group!.id}`]?.[0])
    }
    const fits = await asking(15_000)
    const [chosen, ...others] = await places(fits)
    assert.deepEqual([chosen, others], [bridgeProviderId('compute1.example.org', 'br-rack'), []])
    assert.deepEqual(await places(await asking(20_001)), [])
    const [group] = (fits.resource_request as ResourceRequest).same_subtree
    const changes = { 'binding:host_id': 'compute1', 'binding:profile': { allocation: { [group!]: chosen } } }
    const bound = await cloud.collection('ports').update(admin, fits.id as string, changes)
    assert.equal(bound['binding:vif_type'], 'ovs')
  })

  it('has what an instance holds changed when its ports get other policies', async () => {
    const bridge = bridgeProviderId('compute1.example.org', 'br-rack')
    const path = `/allocations/${VM}`
    const network = await rack1()
    const asked = { network_id: network.id, device_owner: 'compute:nova', device_id: VM }
    const ports = [await guaranteed(5000), await guaranteed(2000)].map(async (qos_policy_id) => {
      const port = await cloud.create('ports', { ...asked, qos_policy_id }, admin)
      const [group] = (port.resource_request as ResourceRequest).same_subtree
      const changes = { 'binding:host_id': 'compute1', 'binding:profile': { allocation: { [group!]: bridge } } }
      return cloud.collection('ports').update(admin, port.id, changes)
    })
    const [first, second] = (await Promise.all(ports)) as [Resource, Resource]
    const allocate = (egress: number, consumer_generation: number | null) =>
      call('PUT', path, {
        allocations: { [bridge]: { resources: { NET_BW_EGR_KILOBIT_PER_SEC: egress } } },
        ...{ project_id: 'demo', user_id: 'user', consumer_generation },
      })
    await allocate(7000, null)
    const held = async () => {
      const { allocations } = await call<{ allocations: Record<string, { resources: object }> }>('GET', path)
      return Object.entries(allocations).map(([provider, { resources }]) => ({ [provider]: resources }))
    }
    const egress = (amount: number) => [{ [bridge]: { NET_BW_EGR_KILOBIT_PER_SEC: amount } }]
    const update = (port: Resource, changes: object) => cloud.collection('ports').update(admin, port.id, { ...changes })

    const [more, less] = [await guaranteed(12_000), await guaranteed(1000)]
    await Promise.all([update(first, { qos_policy_id: more }), update(second, { qos_policy_id: less })])
    assert.deepEqual(await held(), egress(13_000))
    const tooMuch = update(first, { qos_policy_id: await guaranteed(19_001) })
    await assert.rejects(tooMuch, { type: 'QosPlacementAllocationUpdateConflict', status: 409 })
    assert.equal((await cloud.show('ports', first.id)).qos_policy_id, more)
    assert.deepEqual(await held(), egress(13_000))
    await update(first, { qos_policy_id: await guaranteed(19_000) })
    assert.deepEqual(await held(), egress(20_000))
    await update(first, { qos_policy_id: null })
    assert.deepEqual(await held(), egress(1000))
    const impossible = { qos_policy_id: null, fixed_ips: [{ ip_address: '192.0.2.1' }] }
    await assert.rejects(update(second, impossible), { type: 'InvalidIpForNetwork' })
    assert.deepEqual(await held(), egress(1000))
    await update(second, { qos_policy_id: null })
    assert.deepEqual(await held(), [])
  })
})
