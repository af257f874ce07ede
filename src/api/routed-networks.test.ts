import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestCloud } from '../core/l3/test-cloud.fake.js'
import { faultOf as fault, ServiceApp } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const DEMO = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const UNKNOWN = 'f0f89a8e-402b-483d-8475-545207a39cb2'

const CONFIG = `
[ml2_type_vlan]
network_vlan_ranges = rack1,rack2
`

/** `rack-a`, `net-a`: hosts of the first rack; `both` reaches two of them. */
const HOSTS = {
  'rack-a': ['rack1'],
  'net-a': ['rack1'],
  'rack-b': ['rack2'],
  'net-b': ['rack2'],
  both: ['rack1', 'rack2'],
}

async function service() {
  const cloud = await TestCloud.scenario(CONFIG)
  for (const [host, racks] of Object.entries(HOSTS)) {
    await cloud.reportAgent(host, 'Open vSwitch agent', 'neutron-openvswitch-agent', {
      bridge_mappings: Object.fromEntries(racks.map((rack) => [rack, 'br-rack'])),
      tunnel_types: ['vxlan'],
      tunneling_ip: '10.0.1.1',
    })
    if (host.startsWith('net')) await cloud.reportAgent(host, 'DHCP agent', 'neutron-dhcp-agent', {})
  }
  const app = new ServiceApp(cloud.services)
  const ok = async (method: string, path: string, body?: unknown, headers: Record<string, string> = ADMIN) => {
    const reply = await app.ask(method, path, headers, body)
    assert.ok(reply.status < 300, `${method} ${path}: ${JSON.stringify(reply.body)}`)
    return Object.values(reply.body)[0] as Record<string, unknown>
  }
  return { cloud, ask: app.ask, ok, close: () => app.close().then(() => cloud.close()) }
}

const ips = (port: Record<string, unknown>) =>
  (port.fixed_ips as { ip_address: string }[]).map(({ ip_address }) => ip_address)

describe('routed provider networks', () => {
  let at: Awaited<ReturnType<typeof service>>
  before(async () => {
    at = await service()
  })
  after(() => at.close())

  const make = (kind: string, body: object, headers = ADMIN) =>
    at.ok('POST', `${kind}s`, { [kind]: body }, headers) as Promise<Record<string, unknown> & { readonly id: string }>
  const addSubnet = (network_id: string, cidr: string, segment_id: string | null, more: object = {}) =>
    make('subnet', { network_id, ip_version: 4, cidr, segment_id, ...more })
  const segmentsOf = async (id: string) =>
    (await at.ask('GET', `segments?network_id=${id}`, ADMIN)).body.segments as {
      id: string
      physical_network: string
    }[]
  const routesOf = async (id: string) =>
    ((await at.ok('GET', `subnets/${id}`)).host_routes as { destination: string; nexthop: string }[])
      .map(({ destination, nexthop }) => `${destination} ${nexthop}`)
      .sort()

  /** A shared network with a VLAN of each rack, and a subnet on each. */
  async function routed(n: number, more: object = {}) {
    const segments = ['rack1', 'rack2'].map((rack) => ({
      'provider:network_type': 'vlan',
      'provider:physical_network': rack,
      'provider:segmentation_id': 100 * n,
    }))
    const network = await make('network', { name: 'racks', shared: true, segments, ...more })
    const all = await segmentsOf(network.id)
    const one = all.find(({ physical_network }) => physical_network === 'rack1')!
    const two = all.find(({ physical_network }) => physical_network === 'rack2')!
    const first = await addSubnet(network.id, `10.${n}.1.0/24`, one.id)
    const second = await addSubnet(network.id, `10.${n}.2.0/24`, two.id)
    return { network, one, two, first, second }
  }

  it('have subnets on segments, all of them, and no adjacency', async () => {
    const { network, one, two, first, second } = await routed(1)
    assert.deepEqual([first.segment_id, second.segment_id], [one.id, two.id])
    assert.equal((await at.ok('GET', `networks/${network.id}`)).l2_adjacency, false)
    assert.deepEqual(
      (await at.ask('GET', `subnets?segment_id=${two.id}`, ADMIN)).body.subnets.map(({ id }: { id: string }) => id),
      [second.id],
    )
    assert.equal((await at.ok('GET', `subnets/${first.id}`, undefined, DEMO)).segment_id, undefined)
    const add = (network_id: string, segment_id: string | null, headers: Record<string, string> = ADMIN) =>
      at.ask('POST', 'subnets', headers, { subnet: { network_id, ip_version: 4, cidr: '10.9.0.0/24', segment_id } })
    assert.deepEqual(fault(await add(network.id, null)), [400, 'SubnetsNotAllAssociatedWithSegments'])
    assert.deepEqual(fault(await add(network.id, UNKNOWN)), [404, 'SegmentNotFound'])
    const other = await make('network', {})
    assert.deepEqual(fault(await add(other.id, one.id)), [400, 'NetworkIdsDontMatch'])
    const own = await make('network', {}, DEMO)
    assert.equal((await add(own.id, one.id, DEMO)).status, 403)
    const deleted = await at.ask('DELETE', `segments/${one.id}`, ADMIN)
    assert.deepEqual(fault(deleted), [409, 'SegmentInUse'])
    assert.match(deleted.body.NeutronError.message, new RegExp(`still associated with subnet\\(s\\) ${first.id}`))
  })

  it('come of a network with one segment and one subnet', async () => {
    const network = await make('network', {})
    const [only] = await segmentsOf(network.id)
    const subnet = await addSubnet(network.id, '10.20.1.0/24', null)
    const put = (segment_id: string | null) => at.ask('PUT', `subnets/${subnet.id}`, ADMIN, { subnet: { segment_id } })
    const second = await addSubnet(network.id, '10.20.2.0/24', null)
    assert.deepEqual(fault(await put(only!.id)), [400, 'SubnetsNotAllAssociatedWithSegments'])
    await at.ask('DELETE', `subnets/${second.id}`, ADMIN)
    assert.deepEqual(fault(await put(UNKNOWN)), [404, 'SegmentNotFound'])
    const added = await make('segment', { network_id: network.id, network_type: 'vxlan' })
    assert.deepEqual(fault(await put(only!.id)), [400, 'NoUpdateSubnetWhenMultipleSegmentsOnNetwork'])
    await at.ask('DELETE', `segments/${added.id}`, ADMIN)
    assert.equal((await put(only!.id)).body.subnet.segment_id, only!.id)
    assert.equal((await at.ok('GET', `networks/${network.id}`)).l2_adjacency, false)
    assert.deepEqual(fault(await put(null)), [400, 'SubnetSegmentAssociationChangeNotAllowed'])
    assert.equal((await put(only!.id)).status, 200)
  })

  it('give ports addresses with their host', async () => {
    const { network, first, second } = await routed(2)
    const port = (more: object = {}) => make('port', { network_id: network.id, ...more })
    const waiting = await port()
    assert.deepEqual([waiting.fixed_ips, waiting.ip_allocation], [[], 'deferred'])
    const bind = (id: string, host: string) =>
      at.ask('PUT', `ports/${id}`, ADMIN, { port: { 'binding:host_id': host, device_owner: 'compute:nova' } })
    const bound = (await bind(waiting.id, 'rack-b')).body.port
    assert.deepEqual([ips(bound), bound['binding:vif_type']], [['10.2.2.2'], 'ovs'])
    assert.deepEqual(fault(await bind(waiting.id, 'rack-a')), [409, 'HostNotCompatibleWithFixedIps'])
    assert.equal((await bind(waiting.id, 'net-b')).status, 200)
    assert.deepEqual(ips(await port({ 'binding:host_id': 'rack-a' })), ['10.2.1.3'])
    assert.deepEqual((await port({ fixed_ips: [] })).ip_allocation, 'none')
    const chosen = await port({ fixed_ips: [{ subnet_id: first.id }] })
    assert.deepEqual([ips(chosen), chosen.ip_allocation], [['10.2.1.4'], 'immediate'])
    assert.deepEqual(fault(await bind(chosen.id, 'rack-b')), [409, 'HostNotCompatibleWithFixedIps'])
    const ask = (body: object) => at.ask('POST', 'ports', ADMIN, { port: { network_id: network.id, ...body } })
    const both = [{ subnet_id: first.id }, { subnet_id: second.id }]
    assert.deepEqual(fault(await ask({ fixed_ips: both })), [400, 'FixedIpsSubnetsNotOnSameSegment'])
    const wrong = { fixed_ips: [{ subnet_id: first.id }], 'binding:host_id': 'rack-b' }
    assert.deepEqual(fault(await ask(wrong)), [400, 'InvalidInput'])
    assert.deepEqual(fault(await ask({ 'binding:host_id': 'both' })), [409, 'HostConnectedToMultipleSegments'])
    assert.deepEqual(fault(await ask({ 'binding:host_id': 'network1' })), [409, 'HostNotConnectedToAnySegment'])
    const moved = await at.ask('PUT', `ports/${waiting.id}`, ADMIN, {
      port: { 'binding:host_id': 'rack-a', fixed_ips: [{ subnet_id: first.id }] },
    })
    assert.deepEqual(ips(moved.body.port), ['10.2.1.5'])
  })

  it('have DHCP servers of their own on each segment, also after one of them died', async () => {
    const { network, first, second } = await routed(3)
    await make('port', { network_id: network.id, 'binding:host_id': 'rack-a', device_owner: 'compute:nova' })
    const served = async () => {
      const query = `ports?network_id=${network.id}&device_owner=network:dhcp`
      const { ports } = (await at.ask('GET', query, ADMIN)).body as {
        ports: { 'binding:host_id': string; fixed_ips: { subnet_id: string }[]; 'binding:vif_type': string }[]
      }
      return ports
        .map((port) => `${port['binding:host_id']} ${port['binding:vif_type']} ${port.fixed_ips[0]!.subnet_id}`)
        .sort()
    }
    assert.deepEqual(await served(), [`net-a ovs ${first.id}`, `net-b ovs ${second.id}`])
    // a further agent in the rack takes over
    await at.cloud.reportAgent('rack-b', 'DHCP agent', 'neutron-dhcp-agent', {})
    const agents = (await at.ask('GET', 'agents?host=net-b&agent_type=DHCP%20agent', ADMIN)).body.agents
    await at.ask('DELETE', `agents/${agents[0].id}`, ADMIN)
    assert.deepEqual(await served(), [`net-a ovs ${first.id}`, `rack-b ovs ${second.id}`])
  })

  it('tell each subnet the way to those on other segments', async () => {
    const { network, one, first, second } = await routed(4)
    assert.deepEqual(await routesOf(first.id), ['10.4.2.0/24 10.4.1.1'])
    assert.deepEqual(await routesOf(second.id), ['10.4.1.0/24 10.4.2.1'])
    const third = await addSubnet(network.id, '10.4.3.0/24', one.id, {
      host_routes: [{ destination: '10.4.0.0/16', nexthop: '10.4.3.9' }],
    })
    assert.deepEqual(await routesOf(third.id), ['10.4.0.0/16 10.4.3.9'])
    assert.deepEqual(await routesOf(first.id), ['10.4.2.0/24 10.4.1.1'])
    assert.deepEqual(await routesOf(second.id), ['10.4.1.0/24 10.4.2.1', '10.4.3.0/24 10.4.2.1'])
    const put = (subnet: object) => at.ok('PUT', `subnets/${second.id}`, { subnet })
    await put({ host_routes: [{ destination: '10.99.0.0/16', nexthop: '10.4.2.7' }] })
    assert.deepEqual(await routesOf(second.id), [
      '10.4.1.0/24 10.4.2.1',
      '10.4.3.0/24 10.4.2.1',
      '10.99.0.0/16 10.4.2.7',
    ])
    await put({ gateway_ip: null })
    assert.deepEqual(await routesOf(second.id), ['10.99.0.0/16 10.4.2.7'])
    await put({ gateway_ip: '10.4.2.1' })
    assert.equal((await at.ask('DELETE', `subnets/${first.id}`, ADMIN)).status, 204)
    assert.deepEqual(await routesOf(second.id), ['10.4.3.0/24 10.4.2.1', '10.99.0.0/16 10.4.2.7'])
  })

  it('as external networks have gateways on the segment of their host, and floating IPs of a named subnet only', async () => {
    const { network, first } = await routed(5, { 'router:external': true, shared: false })
    await at.cloud.reportAgent('net-a', 'L3 agent', 'neutron-l3-agent', { agent_mode: 'legacy' })
    const router = await make('router', { distributed: false })
    const agents = (await at.ask('GET', 'agents?host=net-a&agent_type=L3%20agent', ADMIN)).body.agents
    await at.ask('POST', `agents/${agents[0].id}/l3-routers`, ADMIN, { router_id: router.id })
    const info = { external_gateway_info: { network_id: network.id } }
    const set = await at.ok('PUT', `routers/${router.id}`, { router: info })
    const gateway = set.external_gateway_info as { external_fixed_ips: { subnet_id: string }[] }
    assert.deepEqual(
      gateway.external_fixed_ips.map(({ subnet_id }) => subnet_id),
      [first.id],
    )
    const floating = (more: object) =>
      at.ask('POST', 'floatingips', ADMIN, { floatingip: { floating_network_id: network.id, ...more } })
    assert.deepEqual(fault(await floating({})), [400, 'ExternalIpAddressExhausted'])
    assert.match((await floating({ subnet_id: first.id })).body.floatingip.floating_ip_address, /^10\.5\.1\./)
  })
})
