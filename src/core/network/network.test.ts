import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ConfigError } from '../../config/options.js'
import { loadTypeDrivers } from '../../drivers/type/index.js'
import { admin, configOf, member, SCENARIO_INI, TestCloud } from '../testing/cloud.js'

const provider = (type: string, physical?: string, id?: number) => ({
  'provider:network_type': type,
  ...(physical === undefined ? {} : { 'provider:physical_network': physical }),
  ...(id === undefined ? {} : { 'provider:segmentation_id': id }),
})

describe('networks', () => {
  let cloud: TestCloud
  beforeEach(async () => {
    cloud = await TestCloud.open()
  })
  afterEach(() => cloud.close())

  const wire = (network: Record<string, unknown>) => [
    network['provider:network_type'],
    network['provider:physical_network'],
    network['provider:segmentation_id'],
    network.mtu,
  ]

  it('has the attributes of a current Neutron network', async () => {
    const network = await cloud.create('networks', { name: 'n' })
    const expected =
      'admin_state_up availability_zone_hints availability_zones created_at description dns_domain id ' +
      'ipv4_address_scope ipv6_address_scope l2_adjacency mtu name port_security_enabled project_id ' +
      'provider:network_type provider:physical_network provider:segmentation_id qos_policy_id revision_number ' +
      'router:external shared status subnets tags tenant_id updated_at'
    assert.equal(Object.keys(network).sort().join(' '), expected)
    const external = await cloud.create('networks', { 'router:external': true, ...provider('flat', 'external') }, admin)
    assert.equal(external.is_default, false)
  })

  it('takes the lowest free segment of the first tenant type that has one', async () => {
    const made: Record<string, unknown>[] = []
    for (let i = 0; i < 6; i++) made.push(await cloud.create('networks', {}))
    assert.deepEqual(made.map(wire), [
      ['vlan', 'vlan', 101, 1500],
      ['vlan', 'vlan', 102, 1500],
      ['vlan', 'vlan', 103, 1500],
      ['gre', null, 1, 1458],
      ['gre', null, 2, 1458],
      ['vxlan', null, 1, 1450],
    ])
    await cloud.collection('networks').delete(member('demo'), String(made[1]!.id))
    assert.deepEqual(wire(await cloud.create('networks', {})), ['vlan', 'vlan', 102, 1500])
  })

  it('gives 503 when nothing is left', async () => {
    const small = await TestCloud.open('[ml2_type_vxlan]\nvni_ranges = 7:7\n[ml2]\ntenant_network_types = vxlan\n')
    await small.create('networks', {})
    const none = { type: 'NoNetworkAvailable', status: 503 }
    await assert.rejects(small.create('networks', {}), none)
    await assert.rejects(small.create('networks', provider('vxlan'), admin), none)
    for (let i = 0; i < 3; i++) await small.create('networks', provider('vlan', 'vlan'), admin)
    await assert.rejects(small.create('networks', provider('vlan', 'vlan'), admin), none)
    await assert.rejects(small.create('networks', provider('vlan'), admin), none)
    // an administrator may still name one outside of the ranges
    assert.deepEqual(wire(await small.create('networks', provider('vxlan', undefined, 8), admin)).slice(0, 3), [
      'vxlan',
      null,
      8,
    ])
    await small.close()
  })

  it('gives administrators the wire they ask for, once', async () => {
    const create = (attributes: Record<string, unknown>) => cloud.create('networks', attributes, admin)
    assert.deepEqual(wire(await create(provider('flat', 'external'))), ['flat', 'external', null, 1500])
    assert.deepEqual(wire(await create(provider('vlan', 'external', 4000))), ['vlan', 'external', 4000, 1500])
    assert.deepEqual(wire(await create(provider('vlan', 'vlan'))), ['vlan', 'vlan', 101, 1500])
    assert.deepEqual(wire(await create(provider('vxlan'))), ['vxlan', null, 1, 1450])
    await assert.rejects(create(provider('flat', 'external')), {
      type: 'FlatNetworkInUse',
      status: 409,
      message: 'Unable to create the flat network. Physical network external is in use.',
    })
    await assert.rejects(create(provider('vlan', 'external', 4000)), { type: 'VlanIdInUse', status: 409 })
    await assert.rejects(create(provider('vxlan', undefined, 1)), { type: 'TunnelIdInUse', status: 409 })
    await assert.rejects(create(provider('vlan', 'external')), {
      type: 'InvalidInput',
      status: 400,
      message:
        'Invalid input for operation: Physical network external requires segmentation_id to be specified when creating a provider network.',
    })
    await assert.rejects(create(provider('vlan', 'nowhere', 7)), { type: 'InvalidInput', status: 400 })
    await assert.rejects(create(provider('flat')), { type: 'InvalidInput', status: 400 })
    await assert.rejects(create(provider('vlan', 'vlan', 4095)), { type: 'InvalidInput', status: 400 })
  })

  it('refuses options that make no sense', () => {
    const load = (ini: string) => () => loadTypeDrivers(configOf(SCENARIO_INI, ini))
    assert.throws(load('[ml2]\ntype_drivers = token_ring\n'), ConfigError)
    assert.throws(load('[ml2_type_vlan]\nnetwork_vlan_ranges = vlan:200:100\n'), ConfigError)
    assert.throws(load('[ml2_type_vxlan]\nvni_ranges = 1:99999999\n'), ConfigError)
  })

  it('is seen by its project, by everybody when shared or external', async () => {
    await cloud.create('networks', { name: 'own' }, member('a'))
    await cloud.create('networks', { name: 'shared', shared: true }, admin)
    await cloud.create('networks', { name: 'external', 'router:external': true }, admin)
    const names = async (project: string) =>
      (await cloud.list('networks', member(project))).map(({ name }) => name).sort()
    assert.deepEqual(await names('a'), ['external', 'own', 'shared'])
    assert.deepEqual(await names('b'), ['external', 'shared'])
  })

  it('shows its subnets to others when it is shared, not when it is external', async () => {
    for (const [name, extra] of [
      ['shared', { shared: true }],
      ['external', { 'router:external': true }],
    ] as const) {
      const { id } = await cloud.create('networks', { name, ...extra }, admin)
      await cloud.create('subnets', { name, network_id: id, ip_version: 4, cidr: '203.0.113.0/24' }, admin)
    }
    const names = async (who: typeof admin) => (await cloud.list('subnets', who)).map(({ name }) => name).sort()
    assert.deepEqual(await names(member('a')), ['shared'])
    assert.deepEqual(await names(admin), ['external', 'shared'])
  })

  it('lists by filters, sort keys and pages', async () => {
    for (const name of ['c', 'a', 'b', 'd']) await cloud.create('networks', { name, ...provider('vxlan') }, admin)
    const names = async (query: object) => (await cloud.list('networks', admin, query)).map(({ name }) => name)
    const sort = [{ key: 'name', dir: 'asc' as const }]
    assert.deepEqual(await names({ sort }), ['a', 'b', 'c', 'd'])
    assert.deepEqual(await names({ sort, filters: { name: ['b', 'd'] } }), ['b', 'd'])
    assert.deepEqual(await names({ sort, filters: { 'provider:segmentation_id': ['2', '3'] } }), ['a', 'b'])
    const [first] = await cloud.list('networks', admin, { sort, limit: 1 })
    assert.deepEqual(await names({ sort, limit: 2, marker: first!.id }), ['b', 'c'])
    const last = (await cloud.list('networks', admin, { sort })).at(-1)!
    assert.deepEqual(await names({ sort, limit: 2, marker: last.id, reverse: true }), ['b', 'c'])
    await assert.rejects(names({ marker: 'nothing' }), { status: 400 })
    await cloud.collection('networks').update(admin, last.id, { tags: ['red', 'blue'] })
    assert.deepEqual(await names({ filters: { 'tags-any': ['red,green'] } }), ['d'])
    assert.deepEqual(await names({ sort, filters: { 'not-tags': ['blue'] }, limit: 2 }), ['a', 'b'])
  })

  for (const collection of ['networks', 'ports']) {
    it(`pages ${collection} in the order of their ids, in both directions`, async () => {
      const { network } = await cloud.network()
      for (const name of ['a', 'b', 'c', 'd']) {
        await (collection === 'ports' ? cloud.port(network.id, { name }) : cloud.create(collection, { name }, admin))
      }
      const ids = async (query: object) => (await cloud.list(collection, admin, query)).map(({ id }) => id)
      const all = await ids({})
      assert.ok(all.length >= 4)
      assert.deepEqual(all, [...all].sort())
      assert.deepEqual(await ids({ limit: 2 }), all.slice(0, 2))
      assert.deepEqual(await ids({ limit: 2, marker: all[1]! }), all.slice(2, 4))
      assert.deepEqual(await ids({ limit: 2, marker: all[3]!, reverse: true }), all.slice(1, 3))
      assert.deepEqual(await ids({ limit: 2, reverse: true }), all.slice(-2))
      await assert.rejects(ids({ marker: 'nothing' }), { status: 400 })
      await assert.rejects(ids({ marker: all[0]!, filters: { name: ['no such'] } }), { status: 400 })
    })
  }

  it('makes all of a request or nothing, and takes nothing for what failed', async () => {
    const before = await cloud.store.load()
    const items = [{ name: 'a' }, { name: 'b', ...provider('flat', 'nowhere') }]
    await assert.rejects(cloud.collection('networks').create(admin, items), { type: 'InvalidInput' })
    assert.deepEqual(await cloud.store.load(), before)
    assert.deepEqual(wire(await cloud.create('networks', {})), ['vlan', 'vlan', 101, 1500])
  })

  it('stops at the quota, also with many at once', async () => {
    await cloud.built.services.quotas.update(admin, 'demo', { network: 3 })
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => cloud.create('networks', provider('vxlan'))),
    )
    const faults = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    assert.equal(faults.length, 5)
    assert.equal(faults[0].message, "Quota exceeded for resources: ['network'].")
    assert.equal(faults[0].status, 409)
    const { network } = await cloud.built.services.quotas.details(admin, 'demo')
    assert.deepEqual(network, { limit: 3, used: 3, reserved: 0 })
    await cloud.built.services.quotas.reset(admin, 'demo')
    assert.equal((await cloud.built.services.quotas.get(admin, 'demo')).network, 100)
  })

  it('serves 50 requests at once, each with a segment of its own', async () => {
    const made = await Promise.all(Array.from({ length: 50 }, () => cloud.create('networks', provider('vxlan'), admin)))
    const ids = made.map((network) => Number(network['provider:segmentation_id'])).sort((a, b) => a - b)
    assert.deepEqual(
      ids,
      Array.from({ length: 50 }, (_, i) => i + 1),
    )
    const { network } = await cloud.network('10.7.0.0/24')
    const ports = await Promise.all(Array.from({ length: 50 }, () => cloud.port(network.id)))
    assert.equal(new Set(ports.map((port) => JSON.stringify(port.fixed_ips))).size, 50)
  })
})
