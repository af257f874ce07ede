import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADMIN, ipsOf, TestCloud } from './test-cloud.fake.js'

async function setting() {
  const cloud = await TestCloud.scenario()
  const external = await cloud.externalNetwork()
  const { network, subnet } = await cloud.network('10.1.0.0/24')
  const subnet6 = (cidr: string, modes = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' }) =>
    cloud.make('subnets', { network_id: network.id, ip_version: 6, cidr, ...modes })
  const router = await cloud.make('routers', { name: 'r' }, ADMIN)
  const add = (subnet_id: string) => cloud.act(router, 'add_router_interface', { subnet_id }, ADMIN)
  return { cloud, external, network, subnet, subnet6, router, add }
}

test('the IPv6 subnets of a network share an interface and an address port of the snat namespace', async () => {
  const { cloud, external, subnet, subnet6, router, add } = await setting()
  await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
  const [a, b] = [await subnet6('fd00:a::/64'), await subnet6('fd00:b::/64')]
  const addressesOf = async (owner: string) => (await cloud.ports(owner)).map(ipsOf).sort()
  for (const { id } of [subnet, a, b]) await add(id)
  assert.deepEqual(await addressesOf('network:router_interface_distributed'), [
    ['10.1.0.1'],
    ['fd00:a::1', 'fd00:b::1'],
  ])
  assert.deepEqual(await addressesOf('network:router_centralized_snat'), [['10.1.0.2'], ['fd00:a::2', 'fd00:b::2']])
  await cloud.act(router, 'remove_router_interface', { subnet_id: a.id }, ADMIN)
  assert.deepEqual(await addressesOf('network:router_interface_distributed'), [['10.1.0.1'], ['fd00:b::1']])
  assert.deepEqual(await addressesOf('network:router_centralized_snat'), [['10.1.0.2'], ['fd00:b::2']])
  await cloud.act(router, 'remove_router_interface', { subnet_id: b.id }, ADMIN)
  assert.deepEqual(await addressesOf('network:router_centralized_snat'), [['10.1.0.2']])
  await cloud.close()
})

test('a subnet that an external network gets later gives its routers an address, of one of each version', async () => {
  const { cloud, external, router } = await setting()
  await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
  const add = (cidr: string) =>
    cloud.make('subnets', { network_id: external.id, ip_version: 6, cidr, enable_dhcp: false }, ADMIN)
  const gatewayIps = async () => ipsOf((await cloud.ports('network:router_gateway'))[0]!)
  assert.deepEqual(await gatewayIps(), ['203.0.113.101'])
  await add('2001:db8:ffff::/64')
  assert.deepEqual(await gatewayIps(), ['203.0.113.101', '2001:db8:ffff::2'])
  await add('2001:db8:fffe::/64')
  assert.deepEqual(await gatewayIps(), ['203.0.113.101', '2001:db8:ffff::2'])
  await cloud.close()
})

test('a router refuses subnets on which others advertise, and gateways that are not its own to have', async () => {
  const { cloud, network, subnet6, add } = await setting()
  const foreign = await subnet6('fd00:c::/64', { ipv6_address_mode: 'slaac' } as never)
  await assert.rejects(add(foreign.id), { status: 400, type: 'BadRequest' })
  const linkLocal = await cloud.make('subnets', {
    network_id: network.id,
    ip_version: 6,
    cidr: 'fd00:d::/64',
    gateway_ip: 'fe80::1',
  })
  assert.equal(linkLocal.gateway_ip, 'fe80::1')
  await assert.rejects(add(linkLocal.id), { status: 400, type: 'InvalidIpForSubnet' })
  await cloud.close()
})
