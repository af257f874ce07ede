import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type OpenService, withService } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const SERVICE = { 'x-project-id': 'services', 'x-roles': 'service,member' }

/** The whole service behind its API, on a database in memory. */
describe('small extensions', () => {
  let cloud: OpenService['cloud']
  let ask: OpenService['ask']
  withService((opened) => {
    ;({ cloud, ask } = opened)
  })

  it('refuse a limit below what is used, when asked to look', async () => {
    await cloud.network('10.1.0.0/24')
    const set = (quota: object) => ask('PUT', 'quotas/demo-project', ADMIN, { quota })
    assert.deepEqual((await set({ network: 0, check_limit: true })).body.NeutronError, {
      type: 'HTTPBadRequest',
      message: 'Quota limit 0 for network must be greater than or equal to already used 1',
      detail: '',
    })
    assert.equal((await set({ network: 1, check_limit: true })).status, 200)
    assert.equal((await set({ network: 0, force: true, check_limit: true })).status, 200)
    assert.equal((await set({ network: 100 })).body.quota.network, 100)
  })

  it('list the pools of floating IPs', async () => {
    const external = await cloud.externalNetwork()
    const { body } = await ask('GET', 'floatingip_pools', OWNER)
    assert.equal(body.floatingip_pools.length, 1)
    assert.deepEqual((await ask('GET', 'floatingip-pools', OWNER)).body, body)
    const [pool] = body.floatingip_pools
    assert.deepEqual([pool.network_id, pool.network_name, pool.cidr], [external.id, 'ext-net', '203.0.113.0/24'])
    const none = await ask('GET', 'floatingip_pools?network_name=other', OWNER)
    assert.deepEqual(none.body, { floatingip_pools: [] })
  })

  it('keep what others want to know of a port', async () => {
    const { network } = await cloud.network('10.2.0.0/24')
    const make = (headers: Record<string, string>, attributes: object) =>
      ask('POST', 'ports', headers, { port: { network_id: network.id, ...attributes } })
    const own = await make(OWNER, { dns_domain: 'example.org.', propagate_uplink_status: false })
    assert.deepEqual(
      [own.body.port.dns_domain, own.body.port.propagate_uplink_status, own.body.port.device_profile],
      ['example.org.', false, null],
    )
    assert.equal('numa_affinity_policy' in own.body.port, false)
    assert.equal((await make(OWNER, { numa_affinity_policy: 'required' })).status, 403)
    assert.equal((await make(ADMIN, { numa_affinity_policy: 'always' })).status, 400)
    const placed = await make(ADMIN, {
      numa_affinity_policy: 'required',
      device_profile: 'gpu',
      project_id: 'demo-project',
    })
    assert.deepEqual([placed.body.port.numa_affinity_policy, placed.body.port.device_profile], ['required', 'gpu'])
    const put = await ask('PUT', `ports/${placed.body.port.id}`, SERVICE, { port: { numa_affinity_policy: null } })
    assert.equal(put.body.port.numa_affinity_policy, null)
    assert.equal((await ask('GET', 'ports?device_profile=gpu', OWNER)).body.ports.length, 1)
  })

  it('check who a subnet is for', async () => {
    const { subnet } = await cloud.network('10.3.0.0/24')
    const set = (service_types: unknown) => ask('PUT', `subnets/${subnet.id}`, OWNER, { subnet: { service_types } })
    assert.deepEqual((await set(['compute:nova'])).body.subnet.service_types, ['compute:nova'])
    // as Neutron reads `compute:`, letter by letter
    assert.equal((await set(['test:type_1'])).status, 200)
    assert.deepEqual((await set(['nova'])).body.NeutronError, {
      type: 'InvalidSubnetServiceType',
      message: 'Subnet service type nova does not correspond to a valid device owner.',
      detail: '',
    })
    assert.equal((await set([7])).body.NeutronError.type, 'InvalidInputSubnetServiceType')
  })

  it('change prefixes of a pool, by its owner', async () => {
    const pool = { name: 'p', prefixes: ['10.0.0.0/16'] }
    const { id } = (await ask('POST', 'subnetpools', OWNER, { subnetpool: pool })).body.subnetpool
    const add = (headers: Record<string, string>, prefixes: unknown) =>
      ask('PUT', `subnetpools/${id}/add_prefixes`, headers, { subnetpool: { prefixes } })
    assert.deepEqual((await add(OWNER, ['10.2.0.0/16'])).body, { prefixes: ['10.0.0.0/16', '10.2.0.0/16'] })
    assert.equal((await add(OWNER, ['10.2.0.0'])).status, 400)
    assert.equal((await add(OWNER, undefined)).status, 400)
    assert.equal((await add({ ...OWNER, 'x-roles': 'reader' }, ['10.3.0.0/16'])).status, 403)
    const made = (addresses: readonly string[]) =>
      ask('POST', 'address-groups', OWNER, { address_group: { name: 'g', addresses } })
    assert.equal((await made(['10.0.0.5'])).status, 400)
    const group = (await made(['10.0.0.5/32'])).body.address_group
    assert.deepEqual(group.addresses, ['10.0.0.5/32'])
    const removed = await ask('PUT', `address-groups/${group.id}/remove_addresses`, OWNER, {
      addresses: ['10.0.0.5'],
    })
    assert.deepEqual(removed.body.address_group.addresses, [])
  })

  it('filter ports by a part of an address and agents by zone', async () => {
    const { network } = await cloud.network('10.4.0.0/24')
    const port = await cloud.instance(network, 'compute1')
    const found = async (part: string) =>
      (await ask('GET', `ports?device_owner=compute:nova&fixed_ips=ip_address_substr=${part}`, OWNER)).body.ports
    assert.deepEqual(
      (await found('10.4.0')).map(({ id }: { id: string }) => id),
      [port.id],
    )
    assert.deepEqual(await found('10.44'), [])
    const agents = (await ask('GET', 'agents?availability_zone=nova&host=network1', ADMIN)).body.agents
    assert.ok(agents.length > 0)
    assert.ok(agents.every((agent: { resources_synced: unknown }) => agent.resources_synced === null))
    assert.deepEqual((await ask('GET', 'agents?availability_zone=other', ADMIN)).body.agents, [])
  })

  it('make networks of several segments and groups without connection tracking', async () => {
    const segments = [
      { 'provider:network_type': 'vxlan', 'provider:segmentation_id': 900 },
      { 'provider:network_type': 'vxlan', 'provider:segmentation_id': 901 },
    ]
    const made = await ask('POST', 'networks', ADMIN, { network: { name: 'two', segments } })
    assert.deepEqual(
      made.body.network.segments.map((each: Record<string, unknown>) => each['provider:segmentation_id']),
      [900, 901],
    )
    const group = { name: 'stateless', stateful: false }
    const { id, stateful } = (await ask('POST', 'security-groups', OWNER, { security_group: group })).body
      .security_group
    assert.equal(stateful, false)
    const { network } = await cloud.network('10.5.0.0/24')
    await ask('POST', 'ports', OWNER, { port: { network_id: network.id, security_groups: [id] } })
    const changed = await ask('PUT', `security-groups/${id}`, OWNER, { security_group: { stateful: true } })
    assert.deepEqual([changed.status, changed.body.NeutronError.type], [409, 'SecurityGroupInUse'])
  })

  it('keep what others changed meanwhile, and addresses of routers', async () => {
    const { network, subnet } = await cloud.network('10.6.0.0/24')
    const update = { network: { name: 'late' } }
    const late = await ask('PUT', `networks/${network.id}`, { ...OWNER, 'if-match': 'revision_number=77' }, update)
    assert.deepEqual([late.status, late.body.NeutronError.type], [412, 'RevisionNumberConstraintFailed'])
    const router = (await ask('POST', 'routers', OWNER, { router: { name: 'r' } })).body.router
    const joined = await ask('PUT', `routers/${router.id}/add_router_interface`, OWNER, { subnet_id: subnet.id })
    const moved = await ask('PUT', `ports/${joined.body.port_id}`, ADMIN, {
      port: { fixed_ips: [{ subnet_id: subnet.id, ip_address: '10.6.0.9' }] },
    })
    assert.equal(moved.status, 400)
    assert.match(moved.body.NeutronError.message, /as it belongs to a router/)
    const providers = (await ask('GET', 'service-providers', OWNER)).body.service_providers
    assert.ok(providers.some(({ name }: { name: string }) => name === 'dvr'))
  })

  it('give a port of a whole network card the MAC of the card, as long as an instance has it', async () => {
    const { network } = await cloud.network('10.7.0.0/24')
    const card = '02:00:00:00:07:01'
    const create = (port: object) => ask('POST', 'ports', ADMIN, { port: { network_id: network.id, ...port } })
    const physical = { 'binding:vnic_type': 'direct-physical' }
    const of = (mac: string) => ({ 'binding:profile': { device_mac_address: mac, pci_slot: '0000:01:00.0' } })
    const { id, mac_address: own } = (await create(physical)).body.port
    const update = (port: object) => ask('PUT', `ports/${id}`, ADMIN, { port })
    const macAfter = async (port: object) => (await update(port)).body.port.mac_address

    const taken = { device_id: 'i', device_owner: 'compute:nova', 'binding:host_id': 'compute1' }
    assert.equal(await macAfter({ ...taken, ...of(card) }), card)
    assert.equal(await macAfter({ name: 'other' }), card)
    assert.equal(await macAfter(of('02:00:00:00:07:02')), '02:00:00:00:07:02')
    assert.equal(await macAfter(of(card.toUpperCase())), card)
    const second = await create({ ...physical, ...of(card) })
    assert.deepEqual([second.status, second.body.NeutronError.type], [409, 'MacAddressInUse'])
    const wrong = await update(of('x'))
    assert.deepEqual([wrong.status, wrong.body.NeutronError.type], [400, 'InvalidInput'])

    // the card is for others then
    const freed = await macAfter({ device_id: '', device_owner: '', 'binding:host_id': null, 'binding:profile': {} })
    assert.notEqual(freed, card)
    assert.notEqual(freed, own)
    assert.equal((await create({ ...physical, ...of(card) })).body.port.mac_address, card)
    // of a virtual function, or a plain port, it says nothing
    const { port } = (await create({ 'binding:vnic_type': 'direct', ...of('02:00:00:00:07:03') })).body
    assert.match(port.mac_address, /^fa:16:3e:/)
  })
})
