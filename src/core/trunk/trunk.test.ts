import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Attributes, Resource } from '../service.js'
import { admin, member, TestCloud } from '../testing/cloud.js'
import { refuses } from '../testing/refuses.js'

/** A parent on one network and two ports on another, and two hosts. */
async function setting(t: TestContext) {
  const cloud = await TestCloud.open()
  t.after(() => cloud.close())
  await cloud.ovsHost('compute1')
  await cloud.ovsHost('compute2', '10.0.1.32')
  const { network } = await cloud.network()
  const { network: other } = await cloud.network('192.168.2.0/24')
  const parent = await cloud.port(network.id)
  const first = await cloud.port(other.id)
  const second = await cloud.port(other.id)
  const act = (trunk: Resource, action: string, ...sub_ports: readonly Attributes[]) =>
    cloud.built.services.actions.trunks![action]!(member('demo'), trunk.id, { sub_ports })
  const trunk = (attributes: Attributes = {}) => cloud.create('trunks', { port_id: parent.id, ...attributes })
  const status = async ({ id }: Resource) => (await cloud.show('trunks', id)).status
  const boot = (host: string) =>
    cloud.collection('ports').update(admin, parent.id, {
      device_owner: host === '' ? '' : 'compute:nova',
      device_id: host === '' ? '' : 'vm',
      'binding:host_id': host,
    })
  return { cloud, network, other, parent, first, second, trunk, act, status, boot }
}

const at = (port: Resource, segmentation_id: number) => ({
  port_id: port.id,
  segmentation_type: 'vlan',
  segmentation_id,
})

const placeOf = async (cloud: TestCloud, { id }: Resource) => {
  const port = await cloud.show('ports', id)
  return [port.device_owner, port.device_id, port['binding:host_id'], port['binding:vif_type']]
}

test('subports are where their parent is, as long as they are on the trunk', async (t) => {
  const { cloud, parent, first, second, trunk, act, boot } = await setting(t)
  const made = await trunk({ name: 'all', sub_ports: [at(first, 100)] })
  assert.deepEqual([made.status, made.sub_ports, made.port_id], ['DOWN', [at(first, 100)], parent.id])
  assert.deepEqual(await placeOf(cloud, first), ['trunk:subport', made.id, '', 'unbound'])

  const booted = await boot('compute1')
  const bridge = `tbr-${made.id.slice(0, 10)}`
  assert.equal((booted['binding:vif_details'] as { bridge_name: string }).bridge_name, bridge)
  assert.deepEqual(await placeOf(cloud, first), ['trunk:subport', made.id, 'compute1', 'ovs'])
  await act(made, 'add_subports', at(second, 101))
  assert.deepEqual(await placeOf(cloud, second), ['trunk:subport', made.id, 'compute1', 'ovs'])
  const { trunk_details } = await cloud.show('ports', parent.id)
  const shown = (port: Resource, id: number) => ({ ...at(port, id), mac_address: port.mac_address })
  const expected = [shown(first, 100), shown(second, 101)]
  assert.deepEqual(trunk_details, { trunk_id: made.id, sub_ports: expected })

  await boot('compute2')
  assert.equal((await placeOf(cloud, first))[2], 'compute2')
  await act(made, 'remove_subports', { port_id: second.id })
  assert.deepEqual(await placeOf(cloud, second), ['', '', '', 'unbound'])
  await refuses(cloud.collection('trunks').delete(admin, made.id), 409, 'TrunkInUse')
  await boot('')
  assert.deepEqual((await placeOf(cloud, first)).slice(2), ['', 'unbound'])
  await cloud.collection('trunks').delete(member('demo'), made.id)
  assert.deepEqual(await placeOf(cloud, first), ['', '', '', 'unbound'])
  assert.equal((await cloud.show('ports', parent.id)).trunk_details, undefined)
})

test('the status says what the agent has made of it', async (t) => {
  const { cloud, parent, first, second, trunk, status, boot } = await setting(t)
  const made = await trunk({ sub_ports: [at(first, 100), at(second, 101)] })
  const applied = (errors: readonly string[]) =>
    cloud.built.reports.applied('compute1', 'neutron-openvswitch-agent', {
      type: 'applied',
      revision: 1,
      errors: errors.map((id) => ({ kind: 'port', id, message: 'no' })),
    })
  await boot('compute1')
  assert.equal(await status(made), 'DOWN')
  await cloud.ready('compute1', [parent.id, first.id])
  assert.equal(await status(made), 'BUILD')
  await applied([second.id])
  assert.equal(await status(made), 'DEGRADED')
  await applied([])
  assert.equal(await status(made), 'BUILD')
  await cloud.ready('compute1', [second.id])
  assert.equal(await status(made), 'ACTIVE')
  await cloud.ready('compute1', [first.id], 'l2', true)
  assert.equal(await status(made), 'DOWN')
  await boot('compute9')
  assert.equal(await status(made), 'DOWN')
})

test('a subport that its host cannot have is an error, which its removal ends', async (t) => {
  const { cloud, network, parent, first, trunk, act, status } = await setting(t)
  await cloud.report('compute3', 'Open vSwitch agent', { bridge_mappings: { vlan: 'br-vlan' }, tunnel_types: [] })
  const attributes = { 'provider:network_type': 'vlan', 'provider:physical_network': 'vlan', mtu: 1450 }
  const wire = await cloud.create('networks', { name: 'wire', project_id: 'demo', ...attributes }, admin)
  await cloud.collection('ports').delete(admin, parent.id)
  const root = await cloud.port(wire.id)
  const made = await trunk({ port_id: root.id, sub_ports: [at(first, 7)] })
  await cloud
    .collection('ports')
    .update(admin, root.id, { 'binding:host_id': 'compute3', device_owner: 'compute:nova' })
  assert.equal(await status(made), 'ERROR')
  const another = await cloud.port(network.id)
  await refuses(act(made, 'add_subports', at(another, 8)), 409, 'TrunkInErrorState')
  await act(made, 'remove_subports', { port_id: first.id })
  assert.equal(await status(made), 'DOWN')
  await cloud.ready('compute3', [root.id])
  assert.equal(await status(made), 'ACTIVE')
})

test('a host that appears later gets the parent and its subports', async (t) => {
  const { cloud, parent, first, trunk, status, boot } = await setting(t)
  const made = await trunk({ sub_ports: [at(first, 100)] })
  await boot('compute8')
  assert.deepEqual((await placeOf(cloud, first)).slice(2), ['', 'unbound'])
  await cloud.ovsHost('compute8', '10.0.1.38')
  assert.deepEqual((await placeOf(cloud, first)).slice(2), ['compute8', 'ovs'])
  await cloud.ready('compute8', [parent.id, first.id])
  assert.equal(await status(made), 'ACTIVE')
  const { revision_number: before } = await cloud.show('ports', first.id)
  await cloud.collection('ports').update(admin, parent.id, { name: 'same place' })
  assert.equal((await cloud.show('ports', first.id)).revision_number, before)
})

test('a port is in one trunk, a tag on one subport', async (t) => {
  const { cloud, network, parent, first, second, trunk, act } = await setting(t)
  const made = await trunk({ sub_ports: [at(first, 100)] })
  const detached = await cloud.port(network.id)
  await refuses(trunk(), 409, 'ParentPortInUse')
  await refuses(trunk({ port_id: first.id }), 409, 'TrunkPortInUse')
  await refuses(trunk({ port_id: detached.id, sub_ports: [at(detached, 5)] }), 409, 'ParentPortInUse')
  await refuses(trunk({ port_id: detached.id, sub_ports: [at(first, 5)] }), 409, 'TrunkPortInUse')
  await refuses(act(made, 'add_subports', at(parent, 5)), 409, 'ParentPortInUse')
  await refuses(act(made, 'add_subports', at(second, 100)), 409, 'DuplicateSubPort')
  await refuses(act(made, 'add_subports', at(second, 4095)), 400, 'InvalidInput')
  await refuses(act(made, 'add_subports', { port_id: second.id, segmentation_type: 'inherit' }), 400, 'InvalidInput')
  await refuses(act(made, 'remove_subports', { port_id: second.id }), 404, 'SubPortNotFound')
  await refuses(cloud.collection('ports').delete(admin, parent.id), 409, 'PortInUseAsTrunkParent')
  await refuses(cloud.collection('ports').delete(admin, first.id), 409, 'PortInUseAsSubPort')
  await refuses(cloud.show('trunks', made.id, member('another')), 404, 'TrunkNotFound')

  const used = await cloud.port(network.id, { device_owner: 'compute:nova', device_id: 'vm' }, admin)
  await refuses(act(made, 'add_subports', at(used, 9)), 409, 'PortInUse')
  const bound = await cloud.port(network.id, { 'binding:host_id': 'compute1' }, admin)
  await refuses(trunk({ port_id: bound.id }), 409, 'ParentPortInUse')

  await cloud.collection('trunks').update(member('demo'), made.id, { admin_state_up: false })
  await refuses(act(made, 'add_subports', at(second, 101)), 409, 'TrunkDisabled')
  await refuses(cloud.collection('trunks').delete(admin, made.id), 409, 'TrunkDisabled')
})

test('a subport takes the tag of its network, which must not need more than the parent can carry', async (t) => {
  const { cloud, trunk, act } = await setting(t)
  const vlan = async (mtu: number) => {
    const provider = { 'provider:network_type': 'vlan', 'provider:physical_network': 'vlan' }
    const network = await cloud.create('networks', { name: 'w', project_id: 'demo', mtu, ...provider }, admin)
    return [await cloud.port(network.id), Number(network['provider:segmentation_id'])] as const
  }
  const [fits, tag] = await vlan(1450)
  const [large] = await vlan(1500)
  const made = await trunk()
  const { sub_ports } = await act(made, 'add_subports', { port_id: fits.id, segmentation_type: 'inherit' })
  assert.deepEqual(sub_ports, [at(fits, tag)])
  await refuses(act(made, 'add_subports', at(large, 5)), 409, 'SubPortMtuGreaterThanTrunkPortMtu')
})

test('hosts are told the tags of the ports that are behind a parent', async (t) => {
  const { cloud, parent, first, trunk } = await setting(t)
  const made = await trunk({ sub_ports: [at(first, 100)] })
  const { objects } = await cloud.built.core.store.load()
  assert.deepEqual(
    objects.filter(({ kind }) => kind === 'trunk'),
    [{ kind: 'trunk', id: made.id, portId: parent.id, subports: [{ portId: first.id, vlan: 100 }] }],
  )
})
