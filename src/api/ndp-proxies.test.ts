import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { RouterView } from '../bus/contracts/host-view.js'
import { ADMIN as AS_ADMIN, ipsOf, TestCloud } from '../core/l3/test-cloud.fake.js'
import type { Resource } from '../core/service.js'
import { faultOf as fault, ServiceApp } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project', 'x-roles': 'admin' }
const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const READER = { 'x-project-id': 'demo-project', 'x-roles': 'reader' }
const OTHER = { 'x-project-id': 'other-project', 'x-roles': 'member' }
const UNKNOWN = 'f0f89a8e-402b-483d-8475-545207a39cb2'

/** The whole service behind its API: one IPv6 address scope outside and inside, a router between them. */
describe('NDP proxies', () => {
  let cloud: TestCloud
  let app: ServiceApp
  let ask: ServiceApp['ask']
  let external: Resource
  let network: Resource
  let subnet: Resource
  let router: Resource
  let scoped: string
  before(async () => {
    cloud = await TestCloud.scenario()
    app = new ServiceApp(cloud.services)
    ask = app.ask
    const post = async (collection: string, name: string, body: object) =>
      (await ask('POST', collection, ADMIN, { [name]: body })).body[name] as Resource
    const scope = await post('address-scopes', 'address_scope', { name: 's', ip_version: 6, shared: true })
    const pool = await post('subnetpools', 'subnetpool', {
      name: 'p',
      prefixes: ['2001:db8::/48'],
      default_prefixlen: 64,
      address_scope_id: scope.id,
      shared: true,
    })
    scoped = pool.id
    external = await cloud.externalNetwork()
    network = (await cloud.network('192.168.1.0/24')).network
    router = await cloud.make('routers', { name: 'r' })
  })
  after(async () => {
    await app.close()
    await cloud.close()
  })

  const subnet6 = (networkId: string, more: object) =>
    cloud.make('subnets', { network_id: networkId, ip_version: 6, subnetpool_id: scoped, ...more }, AS_ADMIN)
  const update = (body: object, headers = ADMIN) => ask('PUT', `routers/${router.id}`, headers, { router: body })
  const create = (body: object, headers: Record<string, string> = OWNER) =>
    ask('POST', 'ndp_proxies', headers, { ndp_proxy: { router_id: router.id, ...body } })
  const told = async (host: string) =>
    (await cloud.view(host)).find((object): object is RouterView => object.kind === 'router')?.ndpProxies
  const gatewayHosts = async () =>
    (await cloud.ports('network:floatingip_agent_gateway')).map((port) => port['binding:host_id']).sort()
  const gateway = () => ({ external_gateway_info: { network_id: external.id } })

  it('are switched on only where the gateway has IPv6 of an address scope', async () => {
    const on = { enable_ndp_proxy: true }
    assert.deepEqual(fault(await update(on)), [409, 'RouterGatewayNotValid'])
    assert.deepEqual(fault(await ask('POST', 'routers', OWNER, { router: on })), [409, 'RouterGatewayNotValid'])
    const none = await ask('POST', 'routers', OWNER, { router: { ...on, ...gateway() } })
    assert.match(none.body.NeutronError.message, /has no IPv6 subnets or has no IPv6 address scope\.$/)
    assert.deepEqual(fault(await update({ ...on, ...gateway() })), [409, 'RouterGatewayNotValid'])
    await subnet6(external.id, { enable_dhcp: false })
    assert.equal((await update(gateway())).body.router.enable_ndp_proxy, false)
    assert.equal((await update({ enable_ndp_proxy: null }, OWNER)).body.router.enable_ndp_proxy, false)
    assert.equal((await update({ enable_ndp_proxy: 'true' }, OWNER)).body.router.enable_ndp_proxy, true)
    assert.equal((await update({ name: 'renamed' })).body.router.enable_ndp_proxy, true)
    assert.deepEqual(fault(await update({ enable_ndp_proxy: 'maybe' })), [400, 'InvalidInput'])
    const unset = await update({ external_gateway_info: null, enable_ndp_proxy: true })
    assert.match(unset.body.NeutronError.message, /external gateway will be unset\.$/)
    const listed = await ask('GET', 'routers?enable_ndp_proxy=true&fields=id', OWNER)
    assert.deepEqual(listed.body.routers, [{ id: router.id }])
    const ipv4 = { network_id: external.id, external_fixed_ips: [{ ip_address: '203.0.113.150' }] }
    assert.deepEqual(fault(await update({ external_gateway_info: ipv4 })), [409, 'RouterIPv6GatewayInUse'])
  })

  it('are by default on where the operator says so', async () => {
    const other = await TestCloud.scenario('[DEFAULT]\nenable_ndp_proxy_by_default = true\n')
    const make = (collection: string, body: Record<string, unknown>) =>
      other.services.collections[collection]!.create(AS_ADMIN, [body])
    const [scope] = await make('address_scopes', { name: 's', ip_version: 6 })
    const outside = await other.externalNetwork()
    const info = { external_gateway_info: { network_id: outside.id } }
    assert.equal((await other.make('routers', { name: 'before', ...info }, AS_ADMIN)).enable_ndp_proxy, false)
    const range = { prefixes: ['2001:db8::/48'], default_prefixlen: 64, address_scope_id: scope!.id }
    const [pool] = await make('subnetpools', { name: 'p', ...range })
    await make('subnets', { network_id: outside.id, ip_version: 6, subnetpool_id: pool!.id, enable_dhcp: false })
    const made = await other.make('routers', { name: 'after', ...info }, AS_ADMIN)
    assert.equal(made.enable_ndp_proxy, true)
    const later = await other.make('routers', { name: 'later' }, AS_ADMIN)
    assert.equal(later.enable_ndp_proxy, false)
    assert.equal((await other.change('routers', later.id, info)).enable_ndp_proxy, true)
    await other.close()
  })

  it('refuse ports and addresses that the router does not reach', async () => {
    const port = await cloud.instance(network, 'compute1')
    const refused = async (body: object) => fault(await create(body))
    assert.deepEqual(await refused({ port_id: UNKNOWN }), [404, 'PortNotFound'])
    assert.deepEqual(await refused({ port_id: port.id }), [409, 'PortUnreachableRouter'])
    subnet = await subnet6(network.id, { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' })
    await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })
    const isolated = await cloud.network('10.9.0.0/24')
    await cloud.act(router, 'add_router_interface', { subnet_id: isolated.subnet.id })
    const without = await cloud.instance(isolated.network, 'compute1')
    assert.deepEqual(await refused({ port_id: without.id }), [400, 'BadRequest'])
    const asked = async (ip_address: string) => refused({ port_id: port.id, ip_address })
    assert.deepEqual(await asked('2001:db8::dead'), [400, 'InvalidAddress'])
    assert.deepEqual(await asked('192.168.1.3'), [400, 'InvalidAddress'])
    assert.deepEqual(await asked('no address'), [400, 'HTTPBadRequest'])
    await update({ enable_ndp_proxy: false })
    assert.deepEqual(await refused({ port_id: port.id }), [409, 'RouterNDPProxyNotEnable'])
    await update({ enable_ndp_proxy: true })
    assert.equal((await create({ port_id: port.id }, OTHER)).status, 404)
    assert.equal((await create({ port_id: port.id }, READER)).status, 403)
    await cloud.remove('ports', port.id)
    await cloud.remove('ports', without.id)
  })

  it('are made, shown, changed, told to hosts and deleted', async () => {
    const port = await cloud.instance(network, 'compute1')
    const ip = ipsOf(port).find((address) => address.includes(':'))!
    const made = await create({ port_id: port.id, name: 'web' })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const proxy = made.body.ndp_proxy
    const { id, created_at, updated_at, ...rest } = proxy
    assert.deepEqual(rest, {
      name: 'web',
      tenant_id: 'demo-project',
      project_id: 'demo-project',
      router_id: router.id,
      port_id: port.id,
      ip_address: ip,
      description: '',
      revision_number: 1,
    })
    assert.equal(created_at, updated_at)
    assert.deepEqual(await told('compute1'), { here: [ip], central: [] })
    assert.deepEqual(await told('network1'), { here: [], central: [] })
    assert.deepEqual(await gatewayHosts(), ['compute1'])
    const again = await create({ port_id: port.id, ip_address: ip })
    assert.deepEqual(fault(again), [409, 'NeutronDbObjectDuplicateEntry'])
    const changed = await ask('PUT', `ndp_proxies/${id}`, OWNER, { ndp_proxy: { description: 'd' } })
    assert.deepEqual([changed.body.ndp_proxy.description, changed.body.ndp_proxy.revision_number], ['d', 2])
    const moved = await ask('PUT', `ndp_proxies/${id}`, OWNER, { ndp_proxy: { port_id: port.id } })
    assert.deepEqual(fault(moved), [400, 'HTTPBadRequest'])
    const found = await ask('GET', `ndp_proxies?ip_address=${ip}&router_id=${router.id}&fields=id`, READER)
    assert.deepEqual(found.body.ndp_proxies, [{ id }])
    assert.deepEqual((await ask('GET', 'ndp_proxies', OTHER)).body.ndp_proxies, [])
    assert.deepEqual(fault(await ask('GET', `ndp_proxies/${id}`, OTHER)), [404, 'NDPProxyNotFound'])
    assert.equal((await ask('DELETE', `ndp_proxies/${id}`, READER)).status, 403)
    // switched off, the router lets everything in again, and knows its proxies when it is switched on
    await update({ enable_ndp_proxy: false })
    assert.deepEqual([await told('compute1'), await gatewayHosts()], [undefined, []])
    await update({ enable_ndp_proxy: true })
    assert.deepEqual([await told('compute1'), await gatewayHosts()], [{ here: [ip], central: [] }, ['compute1']])
    const taken = await ask('PUT', `routers/${router.id}/remove_router_interface`, OWNER, { subnet_id: subnet.id })
    assert.deepEqual(fault(taken), [409, 'RouterInterfaceInUseByNDPProxy'])
    assert.deepEqual(fault(await update({ external_gateway_info: {} })), [409, 'RouterGatewayInUseByNDPProxy'])
    assert.equal((await ask('DELETE', `ndp_proxies/${id}`, OWNER)).status, 204)
    assert.deepEqual([await told('compute1'), await gatewayHosts()], [{ here: [], central: [] }, []])
    await cloud.remove('ports', port.id)
  })

  it('follow their port, and go with it', async () => {
    const port = await cloud.instance(network, 'compute1')
    const { id, ip_address: ip } = (await create({ port_id: port.id })).body.ndp_proxy
    await cloud.change('ports', port.id, { 'binding:host_id': 'compute2' })
    assert.deepEqual(await gatewayHosts(), ['compute2'])
    assert.deepEqual(await told('compute2'), { here: [ip], central: [] })
    await cloud.change('ports', port.id, { 'binding:host_id': '' })
    assert.deepEqual([await gatewayHosts(), await told('network1')], [[], { here: [], central: [ip] }])
    await cloud.change('ports', port.id, { 'binding:host_id': 'compute1' })
    assert.deepEqual([await gatewayHosts(), await told('network1')], [['compute1'], { here: [], central: [] }])
    await cloud.remove('ports', port.id)
    assert.deepEqual(fault(await ask('GET', `ndp_proxies/${id}`, OWNER)), [404, 'NDPProxyNotFound'])
    assert.deepEqual(await gatewayHosts(), [])
  })

  it('are at the gateway port of a legacy router, before and after its conversion', async () => {
    const port = await cloud.instance(network, 'compute1')
    const ip = (await create({ port_id: port.id })).body.ndp_proxy.ip_address
    await update({ admin_state_up: false })
    await update({ distributed: false })
    await update({ admin_state_up: true })
    assert.deepEqual([await gatewayHosts(), await told('network1')], [[], { here: [], central: [ip] }])
    await update({ admin_state_up: false })
    await update({ distributed: true })
    await update({ admin_state_up: true })
    assert.deepEqual([await gatewayHosts(), await told('compute1')], [['compute1'], { here: [ip], central: [] }])
    await cloud.remove('ports', port.id)
  })
})
