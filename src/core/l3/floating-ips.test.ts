import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../faults.js'
import type { Attributes, Resource } from '../service.js'
import { refuses } from '../testing/refuses.js'
import { ADMIN, DEMO, TestCloud } from './test-cloud.fake.js'

/** A distributed router between 10.1.0.0/24 and the external network. */
async function setting() {
  const cloud = await TestCloud.scenario()
  const external = await cloud.externalNetwork()
  const { network, subnet } = await cloud.network('10.1.0.0/24')
  const router = await cloud.make('routers', { name: 'r', external_gateway_info: { network_id: external.id } })
  await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })
  const float = (attributes: Attributes = {}) =>
    cloud.make('floatingips', { floating_network_id: external.id, ...attributes })
  return { cloud, external, network, subnet, router, float }
}

const gatewayHosts = async (cloud: TestCloud) =>
  (await cloud.ports('network:floatingip_agent_gateway')).map((port) => port['binding:host_id']).sort()

test('association is refused with the reasons clients know', async () => {
  const { cloud, external, network, subnet, router, float } = await setting()
  const bad = (message: string) => [400, 'BadRequest', `Bad floatingip request: ${message}.`] as const
  const fip = await float()
  const lead = (changes: Attributes) => cloud.change('floatingips', fip.id, changes, DEMO)

  await refuses(
    lead({ fixed_ip_address: '10.1.0.9' }),
    ...bad('fixed_ip_address cannot be specified without a port_id'),
  )
  await refuses(lead({ port_id: router.id }), 404, 'PortNotFound')
  const bare = await cloud.make('ports', { network_id: network.id, fixed_ips: [] })
  await refuses(
    lead({ port_id: bare.id }),
    ...bad(`Cannot add floating IP to port ${bare.id} that has no fixed IPv4 addresses`),
  )
  const two = await cloud.make('ports', {
    network_id: network.id,
    fixed_ips: [{ subnet_id: subnet.id }, { subnet_id: subnet.id }],
  })
  const [first, second] = (two.fixed_ips as { ip_address: string }[]).map(({ ip_address }) => ip_address)
  await refuses(
    lead({ port_id: two.id }),
    ...bad(
      `Port ${two.id} has multiple fixed IPv4 addresses. Must provide a specific IPv4 address when assigning a floating IP`,
    ),
  )
  await refuses(
    lead({ port_id: two.id, fixed_ip_address: '10.1.0.200' }),
    ...bad(`Port ${two.id} does not have fixed ip 10.1.0.200`),
  )
  assert.equal((await lead({ port_id: two.id, fixed_ip_address: second })).fixed_ip_address, second)
  await refuses(float({ port_id: two.id, fixed_ip_address: second }), 409, 'FloatingIPPortAlreadyAssociated')
  await float({ port_id: two.id, fixed_ip_address: first })
  await refuses(cloud.change('ports', two.id, { fixed_ips: [{ ip_address: second }] }), 400, 'BadRequest')

  const island = await cloud.network('10.5.0.0/24')
  const far = await cloud.make('ports', { network_id: island.network.id })
  await refuses(
    lead({ port_id: far.id }),
    404,
    'ExternalGatewayForFloatingIPNotFound',
    `External network ${external.id} is not reachable from subnet ${island.subnet.id}.  Therefore, cannot associate Port ${far.id} with a Floating IP.`,
  )
  const notExternal = `Network ${network.id} is not a valid external network`
  await refuses(cloud.make('floatingips', { floating_network_id: network.id }), ...bad(notExternal))
  await refuses(
    cloud.change('routers', router.id, { external_gateway_info: null }),
    409,
    'RouterExternalGatewayInUseByFloatingIp',
    `Gateway cannot be updated for router ${router.id}, since a gateway to external network ${external.id} is required by one or more floating IPs.`,
  )
  await refuses(
    cloud.act(router, 'remove_router_interface', { subnet_id: subnet.id }),
    409,
    'RouterInterfaceInUseByFloatingIP',
  )
  await refuses(cloud.change('networks', external.id, { 'router:external': false }), 409, 'ExternalNetworkInUse')
  const others = await cloud.instance(network, 'compute1')
  const foreign = { floating_network_id: external.id, project_id: 'third', port_id: others.id }
  await refuses(cloud.make('floatingips', foreign, DEMO), 400, 'BadRequest')
  for (let i = 2; i < 50; i++) await float()
  await refuses(float(), 409, 'OverQuota', "Quota exceeded for resources: ['floatingip'].")
  await cloud.close()
})

test('an external network takes floating IPs with it that lead nowhere, and only those', async () => {
  const { cloud, external, network, router, float } = await setting()
  const port = await cloud.instance(network, 'compute1')
  const [used] = [await float({ port_id: port.id }), await float()]
  await refuses(cloud.remove('networks', external.id), 409, 'NetworkInUse')
  assert.equal(await cloud.rows('floating_ips'), 2, 'a refused deletion deletes nothing')
  await cloud.change('floatingips', used.id, { port_id: null })
  await cloud.change('routers', router.id, { external_gateway_info: null })
  await cloud.remove('networks', external.id)
  assert.equal(await cloud.rows('floating_ips'), 0)
  await cloud.close()
})

test('without a free address there is no floating IP', async () => {
  const { cloud, external, float } = await setting()
  const subnetId = ((await cloud.get('networks', external.id)).subnets as string[])[0]!
  await cloud.change('subnets', subnetId, { allocation_pools: [{ start: '203.0.113.101', end: '203.0.113.102' }] })
  await float()
  await refuses(
    float(),
    400,
    'ExternalIpAddressExhausted',
    `Unable to find any IP address on external network ${external.id}.`,
  )
  await cloud.close()
})

test('a host has its own external address from its first floating IP to its last', async () => {
  const { cloud, network, float } = await setting()
  const a = await cloud.instance(network, 'compute1')
  const b = await cloud.instance(network, 'compute1')
  const unplaced = await cloud.make('ports', { network_id: network.id, device_owner: 'compute:nova' })
  const fipA = await float({ port_id: a.id })
  assert.deepEqual(await gatewayHosts(cloud), ['compute1'])
  const fipB = await float({ port_id: b.id })
  assert.deepEqual(await gatewayHosts(cloud), ['compute1'])
  const fipC = await float({ port_id: unplaced.id })
  assert.deepEqual(await gatewayHosts(cloud), ['compute1'])
  // until it is bound, the central host has it
  await cloud.reportFloatingIps('network1', [fipC.id])
  assert.equal((await cloud.get('floatingips', fipC.id)).status, 'ACTIVE')
  await cloud.change('ports', unplaced.id, { 'binding:host_id': 'compute2' })
  assert.deepEqual(await gatewayHosts(cloud), ['compute1', 'compute2'])
  assert.equal((await cloud.get('floatingips', fipC.id)).status, 'DOWN')

  await cloud.change('ports', a.id, { 'binding:host_id': 'compute2' })
  assert.deepEqual(await gatewayHosts(cloud), ['compute1', 'compute2'])
  await cloud.change('ports', b.id, { 'binding:host_id': 'compute2' })
  assert.deepEqual(await gatewayHosts(cloud), ['compute2'])
  await cloud.change('ports', unplaced.id, { 'binding:host_id': '' })
  await cloud.remove('floatingips', fipA.id)
  assert.deepEqual(await gatewayHosts(cloud), ['compute2'])
  await cloud.remove('ports', b.id)
  assert.deepEqual(await gatewayHosts(cloud), [])
  const left = await cloud.get('floatingips', fipB.id)
  assert.deepEqual([left.port_id, left.fixed_ip_address, left.router_id, left.status], [null, null, null, 'DOWN'])
  await cloud.close()
})

test('a floating IP moved on its host stays up; one that leaves it goes down; a change of nothing lets go', async () => {
  const { cloud, network, float } = await setting()
  const [a, b, c] = [
    await cloud.instance(network, 'compute1'),
    await cloud.instance(network, 'compute1'),
    await cloud.instance(network, 'compute2'),
  ]
  const fip = await float({ port_id: a.id })
  await cloud.reportFloatingIps('compute1', [fip.id])
  assert.equal((await cloud.change('floatingips', fip.id, { port_id: b.id })).status, 'ACTIVE')
  assert.equal((await cloud.change('floatingips', fip.id, { port_id: c.id })).status, 'DOWN')
  assert.deepEqual(await gatewayHosts(cloud), ['compute2'])
  await cloud.reportFloatingIps('compute2', [], [fip.id])
  assert.equal((await cloud.get('floatingips', fip.id)).status, 'ERROR')
  const kept = await cloud.change('floatingips', fip.id, { description: 'mine' }, DEMO)
  assert.deepEqual([kept.port_id, kept.description], [c.id, 'mine'])
  assert.equal((await cloud.change('floatingips', fip.id, {}, DEMO)).port_id, null)
  await cloud.close()
})

test('of two associations of one address at the same time one wins', async () => {
  const { cloud, network, float } = await setting()
  const port = await cloud.instance(network, 'compute1')
  const fips: Resource[] = [await float(), await float()]
  const results = await Promise.allSettled(
    fips.map(({ id }) => cloud.change('floatingips', id, { port_id: port.id }, DEMO)),
  )
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const lost = results.find((result) => result.status === 'rejected')
  assert.equal((lost!.reason as Fault).type, 'FloatingIPPortAlreadyAssociated')
  const other = await cloud.instance(network, 'compute1')
  const loser = fips[results.findIndex(({ status }) => status === 'rejected')]!
  await Promise.all([
    cloud.change('floatingips', loser.id, { port_id: other.id }, DEMO),
    cloud.change('ports', port.id, { name: 'busy' }, ADMIN),
  ])
  assert.deepEqual(await gatewayHosts(cloud), ['compute1'])
  await cloud.close()
})

test('an L3 agent that reports late or changes its mode brings gateways in line', async () => {
  const { cloud, network, float } = await setting()
  await cloud.reportAgent('compute3', 'Open vSwitch agent', 'neutron-openvswitch-agent', {
    tunnel_types: ['vxlan'],
    bridge_mappings: { external: 'br-ex' },
  })
  await float({ port_id: (await cloud.instance(network, 'compute3')).id })
  assert.deepEqual(await gatewayHosts(cloud), [])
  await cloud.host('compute3', 'dvr')
  assert.deepEqual(await gatewayHosts(cloud), ['compute3'])
  await cloud.host('compute3', 'dvr_no_external')
  assert.deepEqual(await gatewayHosts(cloud), [])
  await cloud.close()
})
