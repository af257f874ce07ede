import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestCloud } from '../core/l3/test-cloud.fake.js'
import { faultOf as fault, ServiceApp } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const DEMO = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const OTHER = { 'x-project-id': 'other-project', 'x-roles': 'member' }
const UNKNOWN = 'f0f89a8e-402b-483d-8475-545207a39cb2'
const RANGES = 'network_segment_ranges'

const CONFIG = `
[ml2_type_vlan]
network_vlan_ranges = external:101:110
[ml2_type_gre]
tunnel_id_ranges =
`

/** The whole service behind its API, on a database in memory. */
async function service() {
  const cloud = await TestCloud.scenario(CONFIG)
  const app = new ServiceApp(cloud.services)
  const close = async () => {
    await app.close()
    await cloud.close()
  }
  const network = async (headers: Record<string, string>, attributes: object = {}) => {
    const reply = await app.ask('POST', 'networks', headers, { network: attributes })
    assert.equal(reply.status, 201, JSON.stringify(reply.body))
    return reply.body.network
  }
  return { cloud, ask: app.ask, close, network }
}

describe('segments', () => {
  let at: Awaited<ReturnType<typeof service>>
  before(async () => {
    at = await service()
  })
  after(() => at.close())

  const add = (network_id: string, segment: object) =>
    at.ask('POST', 'segments', ADMIN, { segment: { network_id, ...segment } })
  const segmentsOf = async (id: string) => (await at.ask('GET', `segments?network_id=${id}`, ADMIN)).body.segments

  it('of networks are there with them, for administrators', async () => {
    const network = await at.network(DEMO)
    const [segment, ...others] = await segmentsOf(network.id)
    assert.deepEqual(others, [])
    assert.deepEqual(segment, {
      id: segment.id,
      network_id: network.id,
      physical_network: null,
      network_type: 'vxlan',
      segmentation_id: 1,
      name: null,
      description: '',
      created_at: network.created_at,
      updated_at: network.created_at,
      revision_number: 1,
    })
    assert.deepEqual((await at.ask('GET', 'segments', DEMO)).body, { segments: [] })
    assert.equal((await at.ask('GET', `segments/${segment.id}`, DEMO)).status, 404)
    const named = await at.ask('PUT', `segments/${segment.id}`, ADMIN, { segment: { name: 'wire', description: 'd' } })
    assert.deepEqual(named.body.segment, {
      ...segment,
      name: 'wire',
      description: 'd',
      revision_number: 2,
      updated_at: named.body.segment.updated_at,
    })
    assert.equal(
      (await at.ask('PUT', `segments/${segment.id}`, ADMIN, { segment: { segmentation_id: 7 } })).status,
      400,
    )
    assert.deepEqual(fault(await at.ask('GET', `segments/${UNKNOWN}`, ADMIN)), [404, 'SegmentNotFound'])
    assert.deepEqual((await at.ask('GET', 'segments?name=wire', ADMIN)).body.segments, [named.body.segment])
  })

  it('are added behind those of the network, and taken away when no port needs them', async () => {
    const network = await at.network(ADMIN, { 'provider:network_type': 'vxlan' })
    const added = await add(network.id, { network_type: 'vlan', physical_network: 'external', name: 'second' })
    assert.equal(added.status, 201, JSON.stringify(added.body))
    const { segment } = added.body
    assert.deepEqual([segment.network_type, segment.segmentation_id, segment.name], ['vlan', 101, 'second'])
    const shown = (await at.ask('GET', `networks/${network.id}`, ADMIN)).body.network
    assert.deepEqual(
      shown.segments.map((one: Record<string, unknown>) => one['provider:network_type']),
      ['vxlan', 'vlan'],
    )
    assert.ok(shown.revision_number > network.revision_number)
    const subnet = { network_id: network.id, ip_version: 4, cidr: '192.168.7.0/24' }
    await at.ask('POST', 'subnets', ADMIN, { subnet })
    const port = { network_id: network.id, 'binding:host_id': 'compute1', device_owner: 'compute:nova' }
    const bound = (await at.ask('POST', 'ports', ADMIN, { port })).body.port
    assert.equal(bound['binding:vif_type'], 'ovs')
    const [first] = (await segmentsOf(network.id)).filter(
      ({ network_type }: { network_type: string }) => network_type === 'vxlan',
    )
    const used = await at.ask('DELETE', `segments/${first.id}`, ADMIN)
    assert.deepEqual(fault(used), [409, 'SegmentInUse'])
    assert.match(used.body.NeutronError.message, new RegExp(`still bound with port\\(s\\) .*${bound.id}`))
    assert.equal((await at.ask('DELETE', `segments/${segment.id}`, ADMIN)).status, 204)
    // its VLAN is free again
    const again = await add(network.id, { network_type: 'vlan', physical_network: 'external' })
    assert.equal(again.body.segment.segmentation_id, 101)
  })

  it('are refused where they cannot work', async () => {
    const network = await at.network(ADMIN, {
      'provider:network_type': 'vlan',
      'provider:physical_network': 'external',
    })
    assert.equal(network.mtu, 1500)
    const refusals: readonly (readonly [object, readonly [number, string], RegExp])[] = [
      [
        { network_type: 'vxlan' },
        [400, 'InvalidInput'],
        /MTU of 1500 is too big for the segment, whose maximum is 1450/,
      ],
      [
        { network_type: 'vlan', physical_network: 'nowhere' },
        [400, 'InvalidInput'],
        /physical_network 'nowhere' unknown/,
      ],
      [{ network_type: 'token-ring' }, [400, 'InvalidInput'], /network_type value 'token-ring' not supported/],
      [
        { network_type: 'vlan', physical_network: 'external', segmentation_id: network['provider:segmentation_id'] },
        [409, 'VlanIdInUse'],
        /in use/,
      ],
    ]
    for (const [segment, expected, message] of refusals) {
      const reply = await add(network.id, segment)
      assert.deepEqual(fault(reply), expected)
      assert.match(reply.body.NeutronError.message, message)
    }
    assert.deepEqual(fault(await add(UNKNOWN, { network_type: 'vxlan' })), [404, 'NetworkNotFound'])
    assert.equal(
      (await at.ask('POST', 'segments', DEMO, { segment: { network_id: network.id, network_type: 'vxlan' } })).status,
      403,
    )
    const [only] = await segmentsOf(network.id)
    assert.deepEqual(fault(await at.ask('DELETE', `segments/${only.id}`, ADMIN)), [409, 'SegmentInUse'])
  })
})

describe('network segment ranges', () => {
  let at: Awaited<ReturnType<typeof service>>
  before(async () => {
    at = await service()
  })
  after(() => at.close())

  const add = (range: object) => at.ask('POST', RANGES, ADMIN, { network_segment_range: range })
  const made = async (range: object) => {
    const reply = await add(range)
    assert.equal(reply.status, 201, JSON.stringify(reply.body))
    return reply.body.network_segment_range
  }
  const show = async (id: string) => (await at.ask('GET', `${RANGES}/${id}`, ADMIN)).body.network_segment_range
  const idOf = async (headers: Record<string, string>) => {
    const { id } = await at.network(headers)
    return (await at.ask('GET', `networks/${id}`, ADMIN)).body.network['provider:segmentation_id']
  }

  it('of the configuration are there by default, and stay as they are', async () => {
    const all = (await at.ask('GET', `${RANGES}?default=true`, ADMIN)).body.network_segment_ranges
    assert.deepEqual(
      all.map((range: Record<string, unknown>) => [
        range.network_type,
        range.physical_network,
        range.minimum,
        range.maximum,
      ]),
      [
        ['vlan', 'external', 101, 110],
        ['vxlan', null, 1, 1000],
      ],
    )
    const [vlan] = all
    assert.deepEqual([vlan.default, vlan.shared, vlan.project_id, vlan.used], [true, true, null, {}])
    assert.deepEqual(vlan.available, [101, 102, 103, 104, 105, 106, 107, 108, 109, 110])
    assert.deepEqual(await show(vlan.id), vlan)
    const change = { network_segment_range: { maximum: 120 } }
    const readOnly = [400, 'NetworkSegmentRangeDefaultReadOnly']
    assert.deepEqual(fault(await at.ask('PUT', `${RANGES}/${vlan.id}`, ADMIN, change)), readOnly)
    assert.deepEqual(fault(await at.ask('DELETE', `${RANGES}/${vlan.id}`, ADMIN)), readOnly)
    assert.deepEqual((await at.ask('GET', RANGES, DEMO)).body, { network_segment_ranges: [] })
    const hyphenated = await at.ask('GET', `network-segment-ranges/${all[0].id}`, ADMIN)
    assert.deepEqual(hyphenated.body, { network_segment_range: all[0] })
  })

  it('of a project are its alone, and come first; shared ones come after the configured', async () => {
    assert.equal(await idOf(DEMO), 1)
    const own = await made({
      name: 'own',
      shared: false,
      project_id: 'demo-project',
      network_type: 'vxlan',
      minimum: 2,
      maximum: 3,
    })
    const { id, created_at, updated_at, ...rest } = own
    assert.deepEqual(rest, {
      name: 'own',
      default: false,
      shared: false,
      project_id: 'demo-project',
      network_type: 'vxlan',
      physical_network: null,
      minimum: 2,
      maximum: 3,
      used: {},
      available: [2, 3],
      description: '',
      tags: [],
      revision_number: 1,
    })
    // 2 and 3 are not for others, though they are in the configured range
    assert.deepEqual([await idOf(OTHER), await idOf(OTHER)], [4, 5])
    assert.deepEqual([await idOf(DEMO), await idOf(DEMO), await idOf(DEMO)], [2, 3, 6])
    assert.deepEqual((await show(id)).used, { 2: 'demo-project', 3: 'demo-project' })
    assert.deepEqual((await show(id)).available, [])
    const inUse = [409, 'NetworkSegmentRangeReferencedByProject']
    assert.deepEqual(fault(await at.ask('DELETE', `${RANGES}/${id}`, ADMIN)), inUse)
    const resize = (range: object) => at.ask('PUT', `${RANGES}/${id}`, ADMIN, { network_segment_range: range })
    assert.deepEqual(fault(await resize({ maximum: 2 })), inUse)
    assert.equal((await resize({ maximum: 20, name: 'more' })).body.network_segment_range.maximum, 20)
    assert.equal(await idOf(DEMO), 7)
    const wire = { network_type: 'vlan', physical_network: 'rack2' }
    await made({ name: 'rack', ...wire, minimum: 7, maximum: 8 })
    const vlan = { 'provider:network_type': 'vlan', 'provider:physical_network': 'rack2' }
    const onRack = await at.network(ADMIN, vlan)
    assert.equal(onRack['provider:segmentation_id'], 7)
  })

  it('are refused when they make no sense', async () => {
    const base = { network_type: 'gre', minimum: 10, maximum: 20 }
    const { id } = await made({ ...base, name: 'gre' })
    const refusals: readonly (readonly [object, readonly [number, string]])[] = [
      [{ ...base, minimum: 20, maximum: 30 }, [409, 'NetworkSegmentRangeOverlaps']],
      [{ ...base, minimum: 31, maximum: 30 }, [400, 'NetworkTunnelRangeError']],
      [{ ...base, network_type: 'vxlan', minimum: 5000, maximum: 2 ** 24 }, [400, 'NetworkTunnelRangeError']],
      [{ network_type: 'vlan', physical_network: 'p', minimum: 4000, maximum: 4095 }, [400, 'NetworkVlanRangeError']],
      [{ network_type: 'vlan', minimum: 1, maximum: 2 }, [400, 'BadRequest']],
      [{ ...base, network_type: 'flat' }, [400, 'HTTPBadRequest']],
      [{ network_type: 'gre', minimum: 40 }, [400, 'HTTPBadRequest']],
    ]
    for (const [range, expected] of refusals) assert.deepEqual(fault(await add(range)), expected, JSON.stringify(range))
    assert.deepEqual(fault(await at.ask('GET', `${RANGES}/${UNKNOWN}`, ADMIN)), [404, 'NetworkSegmentRangeNotFound'])
    assert.equal((await at.ask('POST', RANGES, DEMO, { network_segment_range: base })).status, 403)
    assert.equal((await at.ask('PUT', `${RANGES}/${id}/tags/red`, ADMIN)).status, 201)
    assert.deepEqual((await show(id)).tags, ['red'])
    assert.equal((await at.ask('DELETE', `${RANGES}/${id}`, ADMIN)).status, 204)
  })
})
