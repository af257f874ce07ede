import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostObject, HostObjectKind, HostObjectOf } from '../../bus/contracts/host-view.js'
import { Cloud } from '../../bus/projection/cloud.js'
import { place } from '../../bus/projection/placement.js'
import { projectHost } from '../../bus/projection/project-host.js'
import { admin, member, TestCloud } from '../testing/cloud.js'
import { refuses } from '../testing/refuses.js'

const DEMO = member('demo')

/** A cloud with an address group, and what `compute1` is told of it when a group of its instance names it. */
async function setting() {
  const cloud = await TestCloud.open()
  const group = await cloud.create('address_groups', { name: 'offices', addresses: ['10.9.0.7/24', '2001:db8::1/128'] })
  const act = async (action: string, addresses: readonly string[]) => {
    const reply = await cloud.built.services.actions.address_groups![action]!(DEMO, group.id, { addresses })
    return (reply.address_group as { addresses: string[] }).addresses
  }
  const viewed = async <K extends HostObjectKind>(kind: K) => {
    const all = Cloud.of((await cloud.store.load()).objects)
    const objects: HostObject[] = projectHost(all, place(all), 'compute1')
    return objects.filter((object): object is HostObjectOf<K> => object.kind === kind)
  }
  return { cloud, group, act, viewed }
}

test('addresses come and go, each once and in canonical form', async () => {
  const { cloud, group, act } = await setting()
  assert.deepEqual(group.addresses, ['10.9.0.0/24', '2001:db8::1/128'])
  assert.deepEqual(await act('add_addresses', ['10.1.0.5/32']), ['10.1.0.5/32', '10.9.0.0/24', '2001:db8::1/128'])
  await refuses(
    act('add_addresses', ['10.9.0.0/24', '10.2.0.0/16']),
    400,
    'AddressesAlreadyExist',
    /^Addresses 10.9.0.0\/24 already exist in the address group/,
  )
  await refuses(
    act('remove_addresses', ['10.2.0.0/16']),
    404,
    'AddressesNotFound',
    /^Addresses 10.2.0.0\/16 not found in the address group/,
  )
  assert.deepEqual(await act('remove_addresses', ['10.9.0.0/24']), ['10.1.0.5/32', '2001:db8::1/128'])
  const renamed = await cloud.collection('address_groups').update(DEMO, group.id, { name: 'homes' })
  assert.deepEqual([renamed.name, renamed.revision_number], ['homes', 4])
  await cloud.close()
})

test('a rule that names a group follows its addresses', async () => {
  const { cloud, group, act, viewed } = await setting()
  await cloud.ovsHost('compute1')
  const { network } = await cloud.network()
  const guarded = await cloud.create('security_groups', { name: 'web' })
  await cloud.port(
    network.id,
    { security_groups: [guarded.id], device_owner: 'compute:nova', device_id: 'vm', 'binding:host_id': 'compute1' },
    { ...admin, projectId: 'demo' },
  )
  const words = { direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', remote_address_group_id: group.id }
  const rule = await cloud.create('security_group_rules', { security_group_id: guarded.id, ...words })
  assert.deepEqual([rule.remote_address_group_id, rule.remote_group_id], [group.id, null])
  await refuses(
    cloud.create('security_group_rules', { security_group_id: guarded.id, ...words }),
    409,
    'SecurityGroupRuleExists',
    /already exists/,
  )
  const told = (await viewed('security_group'))[0]!.rules.find(({ id }) => id === rule.id)!
  assert.equal(told.remoteGroupId, group.id)
  const members = async () => (await viewed('group_members')).filter(({ id }) => id === group.id)
  assert.deepEqual(await members(), [
    { kind: 'group_members', id: group.id, ipv4: ['10.9.0.0/24'], ipv6: ['2001:db8::1/128'] },
  ])
  await act('add_addresses', ['10.1.0.5/32'])
  assert.deepEqual((await members())[0]?.ipv4, ['10.1.0.5/32', '10.9.0.0/24'])

  const groups = cloud.collection('address_groups')
  await refuses(
    groups.delete(DEMO, group.id),
    409,
    'AddressGroupInUse',
    /is in use on one or more security group rules/,
  )
  await cloud.collection('security_group_rules').delete(DEMO, rule.id)
  assert.deepEqual(await members(), [])
  await groups.delete(DEMO, group.id)
  await refuses(groups.get(DEMO, group.id), 404, 'AddressGroupNotFound', /could not be found/)
  await cloud.close()
})

test('a group of another project can be named only when it is shared', async () => {
  const { cloud, group } = await setting()
  const friend = member('friend')
  const own = await cloud.create('security_groups', { name: 'own' }, friend)
  const name = () =>
    cloud.create(
      'security_group_rules',
      { security_group_id: own.id, direction: 'egress', ethertype: 'IPv4', remote_address_group_id: group.id },
      friend,
    )
  await refuses(name(), 404, 'AddressGroupNotFound', /could not be found/)
  const policy = { object_type: 'address_group', object_id: group.id, action: 'access_as_shared' }
  const shared = await cloud.create('rbac_policies', { ...policy, target_tenant: 'friend' })
  assert.equal((await cloud.show('address_groups', group.id, friend)).shared, true)
  await name()
  await refuses(
    cloud.collection('rbac_policies').delete(DEMO, shared.id),
    409,
    'RbacPolicyInUse',
    /rules of other projects name the address group/,
  )
  await cloud.close()
})
