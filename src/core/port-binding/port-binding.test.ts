import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { admin, NO_FILTER, TestCloud } from '../testing/cloud.js'
import { refuses } from '../testing/refuses.js'
import { movableInstance } from './instance.fake.js'

async function setting(t: TestContext) {
  const cloud = await TestCloud.open()
  t.after(() => cloud.close())
  const { network, port } = await movableInstance(cloud)
  const bindings = cloud.built.services.portBindings!
  const states = async () =>
    (await bindings.list(admin, port.id, NO_FILTER)).map(({ host, status, vif_type }) => [host, status, vif_type])
  return { cloud, network, port, bindings, states }
}

test('a live migration prepares a binding, activates it and removes the old one', async (t) => {
  const { cloud, port, bindings, states } = await setting(t)
  assert.deepEqual(await states(), [['compute1', 'ACTIVE', 'ovs']])
  const made = await bindings.create(admin, port.id, { host: 'compute2', profile: { migrating: true } })
  assert.deepEqual(
    [made.status, made.vif_type, made.vnic_type, made.profile],
    ['INACTIVE', 'ovs', 'normal', { migrating: true }],
  )
  assert.equal((await cloud.show('ports', port.id))['binding:host_id'], 'compute1')
  await refuses(bindings.create(admin, port.id, { host: 'compute2' }), 409, 'PortBindingAlreadyExists')
  await refuses(bindings.create(admin, port.id, { host: 'compute1' }), 409, 'PortBindingAlreadyExists')
  await refuses(bindings.activate(admin, port.id, 'compute1'), 409, 'PortBindingAlreadyActive')
  await refuses(bindings.activate(admin, port.id, 'compute9'), 404, 'PortBindingNotFound')

  assert.equal((await bindings.activate(admin, port.id, 'compute2')).status, 'ACTIVE')
  const moved = await cloud.show('ports', port.id)
  assert.deepEqual(
    [moved['binding:host_id'], moved['binding:vif_type'], moved['binding:profile'], moved.status],
    ['compute2', 'ovs', { migrating: true }, 'DOWN'],
  )
  assert.deepEqual(await states(), [
    ['compute2', 'ACTIVE', 'ovs'],
    ['compute1', 'INACTIVE', 'unbound'],
  ])
  await bindings.delete(admin, port.id, 'compute1')
  assert.deepEqual(await states(), [['compute2', 'ACTIVE', 'ovs']])
  await bindings.delete(admin, port.id, 'compute2')
  assert.deepEqual(await states(), [])
  assert.equal((await cloud.show('ports', port.id))['binding:vif_type'], 'unbound')
})

test('a binding that no agent can bring about is refused, as is one of a port that is no instance’s', async (t) => {
  const { cloud, network, port, bindings, states } = await setting(t)
  await refuses(bindings.create(admin, port.id, { host: 'nowhere' }), 500, 'PortBindingError')
  await refuses(bindings.create(admin, port.id, { host: 'compute2', vnic_type: 'direct' }), 500, 'PortBindingError')
  assert.deepEqual(await states(), [['compute1', 'ACTIVE', 'ovs']])
  const other = await cloud.port(network.id)
  await refuses(bindings.create(admin, other.id, { host: 'compute2' }), 409, 'UnsupportedPortDeviceOwner')
  await refuses(bindings.get(admin, port.id, 'compute2'), 404, 'PortBindingNotFound')
})

test('preparations are changed in place and end when the port goes there in another way', async (t) => {
  const { cloud, port, bindings, states } = await setting(t)
  await bindings.create(admin, port.id, { host: 'compute2' })
  const changed = await bindings.update(admin, port.id, 'compute2', { profile: { slot: 1 } })
  assert.deepEqual([changed.profile, changed.status], [{ slot: 1 }, 'INACTIVE'])
  await cloud.collection('ports').update(admin, port.id, { 'binding:host_id': 'compute2' })
  assert.deepEqual(await states(), [['compute2', 'ACTIVE', 'ovs']])
  await bindings.create(admin, port.id, { host: 'compute1' })
  await cloud.collection('ports').delete(admin, port.id)
  await refuses(bindings.list(admin, port.id, NO_FILTER), 404, 'PortNotFound')
})
