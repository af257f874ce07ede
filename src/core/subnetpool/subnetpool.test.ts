import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { cidrOf, cidrsOverlap } from '../../model/ip.js'
import { Fault } from '../faults.js'
import { registerL3 } from '../l3/register.js'
import type { Attributes, Resource } from '../service.js'
import { admin, member, TestCloud } from '../testing/cloud.js'

const demo = member('demo')

function refused(work: Promise<unknown>, type: string, status: number): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof Fault, String(error))
    assert.deepEqual([error.type, error.status], [type, status], error.message)
    return true
  })
}

describe('subnet pools', () => {
  let cloud: TestCloud
  beforeEach(async () => {
    cloud = await TestCloud.open('[quotas]\nquota_network = -1\nquota_subnet = -1\n')
  })
  afterEach(() => cloud.close())

  const pool = (attributes: Attributes = {}, ctx = demo) =>
    cloud.create('subnetpools', { name: 'pool', prefixes: ['10.0.0.0/24'], default_prefixlen: 28, ...attributes }, ctx)

  /** A subnet on a network of its own. */
  async function take(from: Resource, attributes: Attributes = {}, ctx = demo): Promise<Resource> {
    const network = await cloud.create('networks', { name: 'n' }, ctx)
    return cloud.create(
      'subnets',
      { network_id: network.id, ip_version: from.ip_version, subnetpool_id: from.id, ...attributes },
      ctx,
    )
  }

  const change = (plural: string, id: string, changes: Attributes, ctx = demo) =>
    cloud.collection(plural).update(ctx, id, changes)
  const remove = (plural: string, id: string, ctx = demo) => cloud.collection(plural).delete(ctx, id)

  it('merge their prefixes and have the bounds of their IP version', async () => {
    const four = await cloud.create('subnetpools', { name: 'a', prefixes: ['10.128.0.0/9', '10.0.0.0/9'] })
    assert.deepEqual(
      [four.prefixes, four.ip_version, four.min_prefixlen, four.max_prefixlen, four.default_prefixlen],
      [['10.0.0.0/8'], 4, '8', '32', '8'],
    )
    const six = await cloud.create('subnetpools', { name: 'b', prefixes: ['2001:DB8::/48'] })
    assert.deepEqual([six.prefixes, six.min_prefixlen, six.max_prefixlen], [['2001:db8::/48'], '64', '128'])
  })

  it('are refused with the reasons clients know', async () => {
    const cases: readonly (readonly [Attributes, string])[] = [
      [{ prefixes: [] }, 'EmptySubnetPoolPrefixList'],
      [{ prefixes: ['10.0.0.0/8', 'fd00::/64'] }, 'PrefixVersionMismatch'],
      [{ min_prefixlen: 30, max_prefixlen: 24 }, 'IllegalSubnetPoolPrefixBounds'],
      [{ max_prefixlen: 33 }, 'IllegalSubnetPoolPrefixBounds'],
      [{ min_prefixlen: 24, default_prefixlen: 20 }, 'IllegalSubnetPoolPrefixBounds'],
      [{ max_prefixlen: 26, default_prefixlen: 28 }, 'IllegalSubnetPoolPrefixBounds'],
    ]
    for (const [attributes, type] of cases) await refused(pool(attributes), type, 400)
    await refused(pool({ address_scope_id: 'none' }), 'AddressScopeNotFound', 404)
    assert.deepEqual(await cloud.list('subnetpools'), [])
  })

  it('give subnets their prefixes and take them back', async () => {
    const from = await pool()
    const first = await take(from)
    assert.deepEqual(
      [first.cidr, first.gateway_ip, first.subnetpool_id, first.allocation_pools],
      ['10.0.0.0/28', '10.0.0.1', from.id, [{ start: '10.0.0.2', end: '10.0.0.14' }]],
    )
    assert.equal((await take(from, { prefixlen: 26 })).cidr, '10.0.0.64/26')
    assert.equal((await take(from, { cidr: '10.0.0.128/25', gateway_ip: null })).cidr, '10.0.0.128/25')
    await refused(take(from, { prefixlen: 26 }), 'SubnetAllocationError', 409)
    await refused(take(from, { cidr: '10.0.0.160/27' }), 'SubnetAllocationError', 409)
    await refused(take(from, { cidr: '10.1.0.0/27' }), 'SubnetAllocationError', 409)
    await refused(remove('subnetpools', from.id), 'SubnetPoolDeleteError', 400)
    await remove('subnets', first.id)
    assert.equal((await take(from, { prefixlen: 29 })).cidr, '10.0.0.0/29')
  })

  it('refuse requests that do not fit the pool', async () => {
    const from = await pool({ min_prefixlen: 26, max_prefixlen: 28 })
    const cases: readonly (readonly [Attributes, string])[] = [
      [{ prefixlen: 25 }, 'MinPrefixSubnetAllocationError'],
      [{ prefixlen: 29 }, 'MaxPrefixSubnetAllocationError'],
      [{ cidr: '10.0.0.0/25' }, 'MinPrefixSubnetAllocationError'],
      [{ prefixlen: 28, cidr: '10.0.0.0/28' }, 'BadRequest'],
      [{ ip_version: 6 }, 'BadRequest'],
      [{ allocation_pools: [{ start: '10.0.0.2', end: '10.0.0.3' }] }, 'BadRequest'],
      [{ use_default_subnetpool: true }, 'BadRequest'],
      [{ subnetpool_id: null }, 'BadRequest'],
      [{ subnetpool_id: null, use_default_subnetpool: true }, 'BadRequest'],
    ]
    for (const [attributes, type] of cases) await refused(take(from, attributes), type, 400)
    await refused(take(from, {}, member('other')), 'SubnetPoolNotFound', 404)
    assert.deepEqual(await cloud.list('subnets'), [])
  })

  it('have one default per IP version, for those who may see it', async () => {
    const first = await pool({ is_default: true, shared: true }, admin)
    await refused(pool({ is_default: true }, admin), 'InvalidInput', 400)
    await cloud.create('subnetpools', { name: 'six', prefixes: ['fd00::/48'], is_default: true }, admin)
    const by = { subnetpool_id: null, use_default_subnetpool: true }
    assert.equal((await take(first, by)).subnetpool_id, first.id)
    await refused(take(first, { ...by, ip_version: 6 }), 'BadRequest', 400)
    await change('subnetpools', first.id, { is_default: false }, admin)
    await refused(take(first, by), 'BadRequest', 400)
    assert.equal((await cloud.list('subnetpools', admin, { filters: { is_default: ['true'] } })).length, 1)
  })

  it('limit what a project takes, in addresses or in links', async () => {
    const from = await pool({ default_quota: 32, shared: true }, admin)
    const first = await take(from)
    await take(from)
    await refused(take(from, { prefixlen: 30 }), 'SubnetPoolQuotaExceeded', 409)
    await take(from, {}, member('other'))
    await remove('subnets', first.id)
    await take(from)
    const six = await cloud.create('subnetpools', {
      name: 's',
      prefixes: ['fd00::/60'],
      default_quota: 2,
      default_prefixlen: 64,
    })
    await take(six)
    await take(six)
    await refused(take(six), 'SubnetPoolQuotaExceeded', 409)
  })

  it('grow, but never lose a prefix', async () => {
    const from = await pool()
    await refused(change('subnetpools', from.id, { prefixes: ['10.0.0.0/25'] }), 'IllegalSubnetPoolPrefixUpdate', 400)
    const grown = await change('subnetpools', from.id, { prefixes: ['10.0.1.0/24', '10.0.0.0/24'], default_quota: 512 })
    assert.deepEqual([grown.prefixes, grown.default_quota, grown.revision_number], [['10.0.0.0/23'], 512, 1])
    assert.equal((await take(from, { prefixlen: 23 })).cidr, '10.0.0.0/23')
    await refused(change('subnetpools', from.id, { max_prefixlen: 20 }), 'IllegalSubnetPoolPrefixBounds', 400)
  })

  it('do not meet on one network outside an address scope', async () => {
    const from = await pool()
    const subnet = await take(from)
    const on = { network_id: subnet.network_id }
    await refused(take(await pool({ prefixes: ['10.9.0.0/24'] }), on), 'NetworkSubnetPoolAffinityError', 400)
    await take(from, on)
    assert.equal((await cloud.show('networks', String(subnet.network_id))).ipv4_address_scope, null)
  })

  it('never give an address twice, and give every prefix there is, in any order of requests', async () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant('take' as const), length: fc.integer({ min: 24, max: 30 }) }),
      fc.record({ op: fc.constant('release' as const), which: fc.nat(30) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const from = await pool()
        const held: Resource[] = []
        for (const one of steps) {
          if (one.op === 'release') {
            const [gone] = held.splice(one.which % Math.max(1, held.length), 1)
            if (gone) await remove('subnets', gone.id)
            continue
          }
          const taken = held.map(({ cidr }) => cidrOf(String(cidr)))
          const blocks = Array.from({ length: 2 ** (one.length - 24) }, (_, i) =>
            cidrOf(`10.0.0.${i * 2 ** (32 - one.length)}/${one.length}`),
          )
          const room = blocks.some((block) => !taken.some((other) => cidrsOverlap(block, other)))
          const asked = take(from, { prefixlen: one.length })
          if (!room) await refused(asked, 'SubnetAllocationError', 409)
          else {
            const made = cidrOf(String((await asked).cidr))
            assert.ok(blocks.some(({ network }) => network === made.network))
            assert.ok(!taken.some((other) => cidrsOverlap(made, other)))
            held.push(await asked)
          }
        }
        for (const { id } of held) await remove('subnets', id)
        await remove('subnetpools', from.id)
      }),
      { numRuns: 15 },
    )
  })

  it('serve many requests at once, each with a prefix of its own', async () => {
    const from = await pool()
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => take(from)))
    const cidrs = results.flatMap((result) => (result.status === 'fulfilled' ? [String(result.value.cidr)] : []))
    assert.equal(new Set(cidrs).size, 16)
    assert.equal(cidrs.length, 16)
  })
})

describe('address scopes', () => {
  let cloud: TestCloud
  beforeEach(async () => {
    cloud = await TestCloud.open()
  })
  afterEach(() => cloud.close())

  const scope = (ip_version = 4, ctx = demo) => cloud.create('address_scopes', { name: 'scope', ip_version }, ctx)
  const pool = (prefix: string, attributes: Attributes = {}, ctx = demo) =>
    cloud.create('subnetpools', { name: prefix, prefixes: [prefix], default_prefixlen: 26, ...attributes }, ctx)

  it('have no address in two pools', async () => {
    const [one, two] = [await scope(), await scope()]
    const a = await pool('10.0.0.0/16', { address_scope_id: one.id })
    await refused(pool('10.0.4.0/24', { address_scope_id: one.id }), 'AddressScopePrefixConflict', 409)
    const b = await pool('10.0.4.0/24', { address_scope_id: two.id })
    const update = (changes: Attributes) => cloud.collection('subnetpools').update(demo, b.id, changes)
    await refused(update({ address_scope_id: one.id }), 'AddressScopePrefixConflict', 409)
    await update({ address_scope_id: null })
    const c = await pool('10.1.0.0/24', { address_scope_id: one.id })
    await refused(
      cloud.collection('subnetpools').update(demo, c.id, { prefixes: ['10.1.0.0/24', '10.0.9.0/24'] }),
      'AddressScopePrefixConflict',
      409,
    )
    await refused(
      pool('fd00::/48', { default_prefixlen: 64, address_scope_id: one.id }),
      'IllegalSubnetPoolIpVersionAssociationToAddressScope',
      400,
    )
    await refused(cloud.collection('address_scopes').delete(demo, one.id), 'AddressScopeInUse', 409)
    await cloud.collection('address_scopes').delete(demo, two.id)
    await refused(cloud.show('address_scopes', two.id), 'AddressScopeNotFound', 404)
    assert.equal(a.address_scope_id, one.id)
  })

  it('show on the networks whose subnets come from their pools, which may then be several', async () => {
    const one = await scope()
    const six = await scope(6)
    const network = await cloud.create('networks', { name: 'n' })
    const subnet = (from: Resource) =>
      cloud.create('subnets', { network_id: network.id, ip_version: from.ip_version, subnetpool_id: from.id })
    await subnet(await pool('10.0.0.0/24', { address_scope_id: one.id }))
    await subnet(await pool('10.1.0.0/24', { address_scope_id: one.id }))
    await subnet(await pool('fd00::/48', { default_prefixlen: 64, address_scope_id: six.id }))
    await refused(subnet(await pool('10.2.0.0/24')), 'NetworkAddressScopeAffinityError', 400)
    const shown = await cloud.show('networks', network.id)
    assert.deepEqual([shown.ipv4_address_scope, shown.ipv6_address_scope], [one.id, six.id])
  })

  it('are not joined by a router', async () => {
    const routed = await TestCloud.open('', [registerL3])
    try {
      const inScope = await routed.create('address_scopes', { name: 's', ip_version: 4 })
      const subnetOf = async (attributes: Attributes) => {
        const network = await routed.create('networks', { name: 'n' })
        return routed.create('subnets', { network_id: network.id, ip_version: 4, ...attributes })
      }
      const from = await routed.create('subnetpools', {
        name: 'p',
        prefixes: ['10.0.0.0/16'],
        default_prefixlen: 24,
        address_scope_id: inScope.id,
      })
      const [a, b] = [await subnetOf({ subnetpool_id: from.id }), await subnetOf({ subnetpool_id: from.id })]
      const plain = await subnetOf({ cidr: '192.168.0.0/24' })
      const router = await routed.create('routers', { name: 'r' })
      const add = (subnet: Resource) =>
        routed.built.services.actions.routers!.add_router_interface!(demo, router.id, { subnet_id: subnet.id })
      await add(a)
      await add(b)
      await refused(add(plain), 'BadRequest', 400)
      // a pool that leaves its scope takes its routers' interfaces with it, all of them here
      await routed.collection('subnetpools').update(demo, from.id, { address_scope_id: null })
      await add(plain)
      const back = routed.collection('subnetpools').update(demo, from.id, { address_scope_id: inScope.id })
      await refused(back, 'BadRequest', 400)
    } finally {
      await routed.close()
    }
  })

  it('stay shared once they are, and then take pools of other projects', async () => {
    const shared = await cloud.create('address_scopes', { name: 's', ip_version: 4, shared: true }, admin)
    const own = await scope()
    await pool('10.0.0.0/24', { address_scope_id: shared.id })
    await refused(pool('10.5.0.0/24', { address_scope_id: own.id }, member('other')), 'AddressScopeNotFound', 404)
    await refused(
      cloud.collection('address_scopes').update(admin, shared.id, { shared: false }),
      'AddressScopeUpdateError',
      400,
    )
  })
})
