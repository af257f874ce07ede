import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { CloudSecurityGroup } from '../../model/cloud.js'
import { admin, member, TestCloud } from '../testing/cloud.js'

describe('security groups', () => {
  let cloud: TestCloud
  const demo = member('demo')
  beforeEach(async () => {
    cloud = await TestCloud.open()
  })
  afterEach(() => cloud.close())

  const rule = (groupId: string, more: object = {}) =>
    cloud.create('security_group_rules', {
      security_group_id: groupId,
      direction: 'ingress',
      ethertype: 'IPv4',
      ...more,
    })

  const recorded = async (id: string) =>
    (await cloud.store.load()).objects.find((object): object is CloudSecurityGroup => object.id === id)

  it('gives a project its default group when it looks for it, once', async () => {
    const lists = await Promise.all(Array.from({ length: 5 }, () => cloud.list('security_groups', demo)))
    const [group] = lists[0]!
    assert.ok(lists.every((list) => list.length === 1 && list[0]!.id === group!.id))
    assert.equal(group!.name, 'default')
    assert.equal(group!.description, 'Default security group')
    const rules = (group!.security_group_rules as Record<string, unknown>[]).map(
      ({ direction, ethertype, remote_group_id }) =>
        `${direction} ${ethertype} ${remote_group_id === group!.id ? 'self' : remote_group_id}`,
    )
    assert.deepEqual(rules.sort(), ['egress IPv4 null', 'egress IPv6 null', 'ingress IPv4 self', 'ingress IPv6 self'])
    assert.deepEqual(
      await cloud.list('security_groups', member('other')).then((list) => list.map(({ id }) => id === group!.id)),
      [false],
    )
  })

  it('needs room for the rules of a new group', async () => {
    await cloud.list('security_groups', demo)
    await cloud.built.services.quotas.update(admin, 'demo', { security_group_rule: 5 })
    const make = () => cloud.create('security_groups', { name: 'web' }, demo)
    await assert.rejects(make(), {
      type: 'OverQuota',
      message: "Quota exceeded for resources: ['security_group_rule'].",
    })
    await cloud.built.services.quotas.update(admin, 'demo', { security_group_rule: 6 })
    await make()
  })

  it('cannot lose or rename the default group', async () => {
    const [group] = await cloud.list('security_groups', demo)
    await assert.rejects(cloud.collection('security_groups').delete(demo, group!.id), {
      type: 'SecurityGroupCannotRemoveDefault',
      message: 'Insufficient rights for removing default security group.',
    })
    await assert.rejects(cloud.collection('security_groups').update(demo, group!.id, { name: 'x' }), {
      type: 'SecurityGroupCannotUpdateDefault',
    })
  })

  it('records a group with its rules as one value', async () => {
    const group = await cloud.create('security_groups', { name: 'web' })
    assert.equal((await recorded(group.id))!.rules.length, 2)
    const made = await rule(group.id, {
      protocol: 'tcp',
      port_range_min: 22,
      port_range_max: 22,
      remote_ip_prefix: '10.0.0.5/24',
    })
    assert.equal(made.normalized_cidr, '10.0.0.0/24')
    const ssh = (await recorded(group.id))!.rules.find(({ id }) => id === made.id)
    assert.deepEqual(ssh, {
      id: made.id,
      direction: 'ingress',
      ethertype: 'IPv4',
      protocol: 'tcp',
      portMin: 22,
      portMax: 22,
      remoteIpPrefix: '10.0.0.5/24',
      remoteGroupId: null,
    })
    await cloud.collection('security_group_rules').delete(demo, made.id)
    assert.equal((await recorded(group.id))!.rules.length, 2)
  })

  it('refuses the same rule in other words', async () => {
    const group = await cloud.create('security_groups', { name: 'web' })
    const first = await rule(group.id, { protocol: 'tcp', port_range_min: 22, port_range_max: 22 })
    await assert.rejects(rule(group.id, { protocol: '6', port_range_min: 22, port_range_max: 22 }), {
      type: 'SecurityGroupRuleExists',
      status: 409,
      message: `Security group rule already exists. Rule id is ${first.id}.`,
    })
    await rule(group.id, { protocol: 'tcp', port_range_min: 22, port_range_max: 23 })
  })

  it('stays while a port is in it; rules that name it go with it', async () => {
    const group = await cloud.create('security_groups', { name: 'a' })
    const friend = await cloud.create('security_groups', { name: 'b' })
    await rule(friend.id, { remote_group_id: group.id })
    const { network } = await cloud.network()
    const port = await cloud.port(network.id, { security_groups: [group.id] })
    await assert.rejects(cloud.collection('security_groups').delete(demo, group.id), {
      type: 'SecurityGroupInUse',
      message: `Security Group ${group.id} in use.`,
    })
    await cloud.collection('ports').update(demo, port.id, { security_groups: [] })
    await cloud.collection('security_groups').delete(demo, group.id)
    assert.equal(await recorded(group.id), undefined)
    assert.equal((await recorded(friend.id))!.rules.length, 2)
    assert.equal((await cloud.show('security_groups', friend.id, admin)).name, 'b')
  })
})
