import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PortView, RouterView } from '../../../bus/contracts/host-view.js'
import type { Attributes, Resource } from '../../service.js'
import { refuses } from '../../testing/refuses.js'
import { ADMIN, DEMO, ipsOf, TestCloud } from '../test-cloud.fake.js'

const HA = { name: 'r', project_id: DEMO.projectId, distributed: false, ha: true }

/** The scenario with network nodes that may have the central part. */
async function networkNodes(...names: string[]): Promise<TestCloud> {
  const cloud = await TestCloud.scenario()
  for (const name of names) await cloud.host(name, 'dvr_snat')
  return cloud
}

const agentsOf = async (cloud: TestCloud, router: Resource) =>
  (await cloud.services.schedulers.agentsOfRouter(ADMIN, router.id)).map(({ host, ha_state }) => [host, ha_state])

const report = (cloud: TestCloud, host: string, router: Resource, state: 'active' | 'standby') =>
  cloud.reports.haStates(host, { type: 'ha-states', states: { [router.id]: state } })

const hostOf = async (cloud: TestCloud, owner: string) => (await cloud.ports(owner))[0]!['binding:host_id']

async function networksNamed(cloud: TestCloud, name: string): Promise<Resource[]> {
  const query = { filters: { name: [name] }, sort: [], limit: null, marker: null, reverse: false }
  return cloud.services.collections.networks!.list(ADMIN, query)
}

test('a router on several agents, which find each other on a network of the project that nobody sees', async () => {
  const cloud = await networkNodes('network2')
  const router = await cloud.make('routers', HA, ADMIN)
  assert.equal(router.ha, true)
  assert.deepEqual(router.availability_zones, ['nova'])
  const [network] = await networksNamed(cloud, `HA network tenant ${DEMO.projectId}`)
  assert.equal(network!.tenant_id, '')
  const subnet = await cloud.get('subnets', (network!.subnets as string[])[0]!)
  const { name, cidr, gateway_ip, enable_dhcp } = subnet
  assert.deepEqual(
    { name, cidr, gateway_ip, enable_dhcp },
    {
      name: `HA subnet tenant ${DEMO.projectId}`,
      cidr: '169.254.192.0/18',
      gateway_ip: null,
      enable_dhcp: false,
    },
  )
  const ports = await cloud.ports('network:router_ha_interface')
  assert.deepEqual(ports.map((port) => port['binding:host_id']).sort(), ['network1', 'network2'])
  for (const port of ports) {
    assert.deepEqual([port.tenant_id, port.device_id, port.network_id], ['', router.id, network!.id])
    assert.match(ipsOf(port)[0]!, /^169\.254\./)
    await refuses(cloud.remove('ports', port.id), 409, 'ServicePortInUse', /cannot be deleted/)
  }
  assert.deepEqual(await agentsOf(cloud, router), [
    ['network1', 'standby'],
    ['network2', 'standby'],
  ])
  await refuses(cloud.remove('networks', network!.id), 409, 'NetworkInUse', /still in use|in use/)
  await cloud.close()
})

test('the ports follow the active agent', async () => {
  const cloud = await networkNodes('network2')
  const external = await cloud.externalNetwork()
  const { subnet } = await cloud.network('10.1.0.0/24')
  const router = await cloud.make('routers', HA, ADMIN)
  await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id }, ADMIN)
  await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
  await report(cloud, 'network2', router, 'active')
  const owners = ['network:ha_router_replicated_interface', 'network:router_gateway']
  for (const owner of owners) assert.equal(await hostOf(cloud, owner), 'network2')
  await report(cloud, 'network1', router, 'active')
  for (const owner of owners) assert.equal(await hostOf(cloud, owner), 'network1')
  // the other one says what it is, too; that moves nothing
  await report(cloud, 'network2', router, 'standby')
  assert.deepEqual(await agentsOf(cloud, router), [
    ['network1', 'active'],
    ['network2', 'standby'],
  ])
  // both were active for a moment, and the later one gives way
  await report(cloud, 'network2', router, 'active')
  assert.equal(await hostOf(cloud, 'network:router_gateway'), 'network2')
  await report(cloud, 'network2', router, 'standby')
  for (const owner of owners) assert.equal(await hostOf(cloud, owner), 'network1')
  // both have the whole router; where it waits, the ports say where they are in use
  for (const [host, activeHost] of [
    ['network1', undefined],
    ['network2', 'network1'],
  ] as const) {
    const view = await cloud.view(host)
    const here = view.find((object): object is RouterView => object.kind === 'router')!
    assert.deepEqual([here.central, here.ha?.vrId, here.gateway !== null], [true, 1, true])
    const ports = view.filter((object): object is PortView => object.kind === 'port')
    const ofRouter = ports.filter(({ deviceOwner }) => owners.includes(deviceOwner))
    assert.deepEqual(
      ofRouter.map((port) => port.activeHost),
      [activeHost, activeHost],
    )
    assert.equal(ports.filter(({ deviceOwner }) => deviceOwner === 'network:router_ha_interface').length, 1)
    assert.ok(!view.some((object) => object.kind === 'neighbour' && ofRouter.some(({ id }) => id === object.id)))
  }
  await cloud.close()
})

test('an agent that is taken away, comes, or may not have the router any more', async () => {
  const cloud = await networkNodes('network2')
  const router = await cloud.make('routers', HA, ADMIN)
  const hosts = async () => (await agentsOf(cloud, router)).map(([host]) => host)
  await report(cloud, 'network1', router, 'active')
  await cloud.host('network3', 'legacy')
  assert.deepEqual(await hosts(), ['network1', 'network2', 'network3'], 'a new one makes up the number')
  await cloud.host('network4', 'dvr_snat')
  assert.deepEqual(await hosts(), ['network1', 'network2', 'network3'], 'max_l3_agents_per_router')
  await cloud.services.schedulers.addRouterToAgent(ADMIN, await cloud.agentId('network4'), router.id)
  assert.equal((await hosts()).length, 4, 'by hand there may be more')
  await cloud.services.schedulers.removeRouterFromAgent(ADMIN, await cloud.agentId('network1'), router.id)
  assert.deepEqual(await hosts(), ['network2', 'network3', 'network4'])
  await cloud.host('network2', 'dvr')
  assert.deepEqual(await hosts(), ['network1', 'network3', 'network4'], 'a compute node has no central part')
  await cloud.remove('agents', await cloud.agentId('network3'))
  assert.deepEqual(await hosts(), ['network1', 'network4'])
  await cloud.remove('routers', router.id)
  assert.equal((await cloud.ports('network:router_ha_interface')).length, 0)
  await cloud.close()
})

test('the number of agents is limited, zones are spread over', async () => {
  const cloud = await TestCloud.open('[DEFAULT]\nmax_l3_agents_per_router = 2\n')
  for (const [host, zone] of [
    ['a1', 'a'],
    ['a2', 'a'],
    ['b1', 'b'],
  ] as const) {
    await cloud.host(host, 'legacy', zone)
  }
  const router = await cloud.make('routers', HA, ADMIN)
  assert.deepEqual(
    (await agentsOf(cloud, router)).map(([host]) => host),
    ['a1', 'b1'],
  )
  assert.deepEqual(router.availability_zones, ['a', 'b'])
  const distributed = await cloud.make('routers', { ...HA, distributed: true }, ADMIN)
  assert.deepEqual(await agentsOf(cloud, distributed), [], 'none of them may have it')
  await cloud.close()
})

test('routers of a project have numbers of their own; the network goes with the last', async () => {
  const cloud = await networkNodes('network2')
  const made = [await cloud.make('routers', HA, ADMIN), await cloud.make('routers', HA, ADMIN)]
  const other = await cloud.make('routers', { ...HA, project_id: 'other' }, ADMIN)
  const { subnet } = await cloud.network('10.1.0.0/24')
  const numbers = async () => {
    const view = await cloud.view('network1')
    return [...made, other].map(({ id }) => {
      const found = view.find((object): object is RouterView => object.kind === 'router' && object.id === id)
      return found?.ha?.vrId
    })
  }
  assert.deepEqual(await numbers(), [1, 2, 1])
  await cloud.act(made[0]!, 'add_router_interface', { subnet_id: subnet.id }, ADMIN)
  await cloud.remove('routers', made[1]!.id)
  assert.equal((await networksNamed(cloud, `HA network tenant ${DEMO.projectId}`)).length, 1)
  made[1] = await cloud.make('routers', HA, ADMIN)
  assert.deepEqual(await numbers(), [1, 2, 1])
  await cloud.act(made[0]!, 'remove_router_interface', { subnet_id: subnet.id }, ADMIN)
  for (const { id } of made) await cloud.remove('routers', id)
  assert.equal((await networksNamed(cloud, `HA network tenant ${DEMO.projectId}`)).length, 0)
  assert.equal((await networksNamed(cloud, 'HA network tenant other')).length, 1)
  await cloud.close()
})

test('a project has 254 of them', async () => {
  const cloud = await TestCloud.open('[quotas]\nquota_router = -1\n')
  for (let i = 0; i < 254; i++) await cloud.make('routers', HA, ADMIN)
  await refuses(cloud.make('routers', HA, ADMIN), 409, 'NoVRIDAvailable', /The limit .* is 254/)
  await cloud.close()
})

test('conversions: only of a router that is down, in every direction', async () => {
  const cloud = await networkNodes('network2')
  const external = await cloud.externalNetwork()
  const { subnet } = await cloud.network('10.1.0.0/24')
  const router = await cloud.make('routers', { ...HA, ha: false }, ADMIN)
  await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id }, ADMIN)
  await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
  await refuses(cloud.change('routers', router.id, { ha: true }), 400, 'BadRequest', /change HA attribute of active/)
  const before = await hostOf(cloud, 'network:router_gateway')
  const become = async (changes: Attributes) => {
    await cloud.change('routers', router.id, { admin_state_up: false, ...changes })
    const owners = (await cloud.ports()).filter(({ device_id }) => device_id === router.id)
    return owners.map(({ device_owner }) => String(device_owner).replace('network:', '')).sort()
  }
  assert.deepEqual(await become({ ha: true }), [
    'ha_router_replicated_interface',
    'router_gateway',
    'router_ha_interface',
    'router_ha_interface',
  ])
  assert.equal(await hostOf(cloud, 'network:router_gateway'), before)
  assert.deepEqual(await become({ distributed: true }), [
    'router_centralized_snat',
    'router_gateway',
    'router_ha_interface',
    'router_ha_interface',
    'router_interface_distributed',
  ])
  assert.deepEqual(await become({ distributed: false, ha: false }), ['router_gateway', 'router_interface'])
  assert.equal((await networksNamed(cloud, `HA network tenant ${DEMO.projectId}`)).length, 0)
  assert.deepEqual(await become({ distributed: true, ha: true }), [
    'router_centralized_snat',
    'router_gateway',
    'router_ha_interface',
    'router_ha_interface',
    'router_interface_distributed',
  ])
  await cloud.close()
})
