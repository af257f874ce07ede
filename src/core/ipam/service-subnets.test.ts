import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressesOf, admin, TestCloud } from '../testing/cloud.js'

test('ports have their addresses from the subnets for their owner', async () => {
  const cloud = await TestCloud.open()
  const { network, subnet } = await cloud.network('10.1.0.0/24', { service_types: ['network:floatingip'] })
  await assert.rejects(cloud.port(network.id), {
    type: 'IpAddressGenerationFailureNoMatchingSubnet',
    message: `No valid service subnet for the given device owner, network ${network.id}, service type .`,
  })
  const plain = await cloud.create('subnets', { network_id: network.id, ip_version: 4, cidr: '10.2.0.0/24' })
  assert.deepEqual(addressesOf(await cloud.port(network.id)), ['10.2.0.2'])
  const forFloatingIps = await cloud.port(network.id, { device_owner: 'network:floatingip' }, admin)
  assert.deepEqual(addressesOf(forFloatingIps), ['10.1.0.2'])
  await assert.rejects(cloud.port(network.id, { fixed_ips: [{ subnet_id: subnet.id }] }), {
    type: 'InvalidInput',
    message: /fixed_ips included invalid subnet/,
  })
  await cloud.collection('subnets').update(admin, plain.id, { service_types: ['compute:nova'] })
  const instance = await cloud.port(network.id, { device_owner: 'compute:nova' })
  assert.deepEqual(addressesOf(instance), ['10.2.0.3'])
  await assert.rejects(cloud.port(network.id), { type: 'IpAddressGenerationFailureNoMatchingSubnet' })
  await cloud.close()
})
