import assert from 'node:assert/strict'
import { test } from 'node:test'
import { member, TestCloud } from '../testing/cloud.js'

async function setting() {
  const cloud = await TestCloud.open()
  const pool = await cloud.create('subnetpools', { name: 'p', prefixes: ['10.0.0.0/16'], default_prefixlen: 24 })
  const act = async (action: string, body: object) =>
    (await cloud.built.services.actions.subnetpools![action]!(member('demo'), pool.id, { ...body })).prefixes
  return { cloud, pool, act }
}

test('prefixes of a pool come and go, but not under a subnet', async () => {
  const { cloud, pool, act } = await setting()
  assert.deepEqual(await act('add_prefixes', { prefixes: ['10.1.0.0/16', '172.16.0.0/24'] }), [
    '10.0.0.0/15',
    '172.16.0.0/24',
  ])
  const network = await cloud.create('networks', { name: 'n' })
  const subnet = await cloud.create('subnets', { network_id: network.id, ip_version: 4, subnetpool_id: pool.id })
  assert.equal(subnet.cidr, '172.16.0.0/24')
  await assert.rejects(act('remove_prefixes', { prefixes: ['172.16.0.0/25'] }), {
    type: 'IllegalSubnetPoolPrefixUpdate',
    message: /overlap with existing allocations/,
  })
  assert.deepEqual(await act('remove_prefixes', { prefixes: ['10.0.0.0/16'] }), ['10.1.0.0/16', '172.16.0.0/24'])
  await assert.rejects(act('add_prefixes', { prefixes: ['2001:db8::/64'] }), { type: 'IllegalSubnetPoolPrefixUpdate' })
  assert.equal((await cloud.show('subnetpools', pool.id)).revision_number, 2)
  await cloud.close()
})

test('subnets of a network are taken into a pool, which has their prefixes from then on', async () => {
  const { cloud, pool, act } = await setting()
  const { network, subnet } = await cloud.network('192.168.5.0/24')
  assert.deepEqual(await act('onboard_network_subnets', { network_id: network.id }), ['10.0.0.0/16', '192.168.5.0/24'])
  assert.equal((await cloud.show('subnets', subnet.id)).subnetpool_id, pool.id)
  await assert.rejects(act('onboard_network_subnets', { network_id: network.id }), { type: 'IllegalSubnetPoolUpdate' })
  await assert.rejects(act('remove_prefixes', { prefixes: ['192.168.5.0/24'] }), {
    type: 'IllegalSubnetPoolPrefixUpdate',
  })
  const other = await cloud.network('192.168.5.0/25')
  await assert.rejects(act('onboard_network_subnets', { network_id: other.network.id }), {
    type: 'IllegalSubnetPoolPrefixUpdate',
  })
  const foreign = await cloud.create('networks', { name: 'foreign' }, member('other'))
  await assert.rejects(act('onboard_network_subnets', { network_id: foreign.id }), { type: 'NetworkNotFound' })
  await cloud.close()
})
