import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes, Resource } from '../service.js'
import { refuses } from '../testing/refuses.js'
import { ADMIN, DEMO, ipsOf, TestCloud } from './test-cloud.fake.js'

interface Setting {
  readonly cloud: TestCloud
  readonly external: Resource
  readonly network: Resource
  readonly subnet: Resource
  readonly router: Resource
}

/** A router with an interface on 10.1.0.0/24; distributed unless said otherwise. */
async function setting(router: Attributes = {}): Promise<Setting> {
  const cloud = await TestCloud.scenario()
  const external = await cloud.externalNetwork()
  const { network, subnet } = await cloud.network('10.1.0.0/24')
  const made = await cloud.make('routers', { name: 'r', ...router }, ADMIN)
  await cloud.act(made, 'add_router_interface', { subnet_id: subnet.id }, ADMIN)
  return { cloud, external, network, subnet, router: made }
}

/** The fault's status, name and message must be these. */
test('interfaces are refused with the reasons clients know', async () => {
  const { cloud, external, network, subnet, router } = await setting()
  const add = (body: Attributes, ctx = ADMIN) => cloud.act(router, 'add_router_interface', body, ctx)
  const drop = (body: Attributes) => cloud.act(router, 'remove_router_interface', body, ADMIN)
  const bad = (message: string) => [400, 'BadRequest', `Bad router request: ${message}.`] as const

  await refuses(add({}), ...bad('Either subnet_id or port_id must be specified'))
  await refuses(add({ subnet_id: subnet.id, port_id: subnet.id }), ...bad('Cannot specify both subnet-id and port-id'))
  await refuses(add({ subnet_id: subnet.id }), ...bad(`Router already has a port on subnet ${subnet.id}`))
  const wide = await cloud.network('10.1.0.0/16')
  const overlap = `Cidr 10.1.0.0/16 of subnet ${wide.subnet.id} overlaps with cidr 10.1.0.0/24 of subnet ${subnet.id}`
  await refuses(add({ subnet_id: wide.subnet.id }), ...bad(overlap))
  const closed = await cloud.make('subnets', {
    network_id: wide.network.id,
    ip_version: 4,
    cidr: '10.9.0.0/24',
    gateway_ip: null,
  })
  await refuses(add({ subnet_id: closed.id }), ...bad('Subnet for router interface must have a gateway IP'))
  const other = await cloud.make('networks', { name: 'other', project_id: 'other' }, ADMIN)
  const hidden = await cloud.make(
    'subnets',
    { network_id: other.id, project_id: 'other', ip_version: 4, cidr: '10.8.0.0/24' },
    ADMIN,
  )
  await refuses(cloud.act(router, 'add_router_interface', { subnet_id: hidden.id }, DEMO), 404, 'RouterNotFound')
  const own = await cloud.make('routers', { name: 'own' })
  await refuses(cloud.act(own, 'add_router_interface', { subnet_id: hidden.id }), 404, 'SubnetNotFound')
  await refuses(cloud.act(own, 'add_router_interface', { subnet_id: subnet.id }), 409, 'IpAddressInUse')

  const used = await cloud.instance(network, 'compute1')
  await refuses(
    add({ port_id: used.id }),
    409,
    'PortInUse',
    `Unable to complete operation on port ${used.id} for network ${network.id}. Port already has an attached device ${used.device_id}.`,
  )
  const bare = await cloud.make('ports', { network_id: wide.network.id, fixed_ips: [] })
  await refuses(add({ port_id: bare.id }), ...bad('Router port must have at least one fixed IP'))

  const missing = `Router ${router.id} has no interface on subnet ${wide.subnet.id}`
  await refuses(drop({ subnet_id: wide.subnet.id }), 404, 'RouterInterfaceNotFoundForSubnet', missing)
  await refuses(drop({ port_id: used.id }), 404, 'RouterInterfaceNotFound')
  const [inner] = await cloud.ports('network:router_interface_distributed')
  await refuses(drop({ port_id: inner!.id, subnet_id: wide.subnet.id }), 400, 'SubnetMismatchForPort')
  await refuses(cloud.remove('ports', inner!.id), 409, 'ServicePortInUse')
  await refuses(cloud.change('ports', inner!.id, { device_id: '' }), 400, 'BadRequest')
  await refuses(cloud.remove('routers', router.id), 409, 'RouterInUse', `Router ${router.id} still has ports`)

  const notExternal = `Network ${network.id} is not an external network`
  await refuses(
    cloud.change('routers', router.id, { external_gateway_info: { network_id: network.id } }),
    ...bad(notExternal),
  )
  const gateway = { network_id: external.id, external_fixed_ips: [{ ip_address: '203.0.113.1' }] }
  await refuses(
    cloud.change('routers', router.id, { external_gateway_info: gateway }),
    ...bad('External IP 203.0.113.1 is the same as the gateway IP'),
  )
  await cloud.close()
})

test('an interface by port uses the addresses of the port', async () => {
  const { cloud, router } = await setting()
  const { network, subnet } = await cloud.network('10.2.0.0/24')
  const port = await cloud.make('ports', { network_id: network.id, fixed_ips: [{ ip_address: '10.2.0.77' }] })
  const added = await cloud.act(router, 'add_router_interface', { port_id: port.id }, ADMIN)
  assert.deepEqual([added.port_id, added.subnet_id, added.subnet_ids], [port.id, subnet.id, [subnet.id]])
  const now = await cloud.get('ports', port.id)
  assert.deepEqual(
    [now.device_id, now.device_owner, now['binding:vif_type']],
    [router.id, 'network:router_interface_distributed', 'distributed'],
  )
  await cloud.close()
})

test('routes need a neighbour as next hop and keep its interface', async () => {
  const { cloud, subnet, router } = await setting()
  const set = (...hops: string[]) =>
    cloud.change('routers', router.id, { routes: hops.map((nexthop) => ({ destination: '172.16.0.0/12', nexthop })) })
  const shown = (hop: string) => `Invalid format for routes: [{'destination': '172.16.0.0/12', 'nexthop': '${hop}'}]`
  await refuses(set('10.7.0.9'), 400, 'InvalidRoutes', `${shown('10.7.0.9')}, the nexthop is not connected with router`)
  await refuses(set('10.1.0.1'), 400, 'InvalidRoutes', `${shown('10.1.0.1')}, the nexthop is used by router`)
  await refuses(set(...Array.from({ length: 31 }, (_, i) => `10.1.0.${i + 10}`)), 400, 'RoutesExhausted')
  await set('10.1.0.9')
  await refuses(
    cloud.act(router, 'remove_router_interface', { subnet_id: subnet.id }, ADMIN),
    409,
    'RouterInterfaceInUseByRoute',
  )
  const more = {
    router: {
      routes: [
        { destination: '172.16.0.0/12', nexthop: '10.1.0.9' },
        { destination: '0.0.0.0/0', nexthop: '10.1.0.8' },
      ],
    },
  }
  const added = (await cloud.act(router, 'add_extraroutes', more, ADMIN)).router as Resource
  assert.equal((added.routes as unknown[]).length, 2)
  const removed = (await cloud.act(router, 'remove_extraroutes', more, ADMIN)).router as Resource
  assert.deepEqual(removed.routes, [])
  await cloud.close()
})

test('a legacy router is on one host from its first interface on, and can be converted both ways', async () => {
  const { cloud, external, network, subnet, router } = await setting({ distributed: false })
  const kinds = async () =>
    (await cloud.ports())
      .filter(({ device_owner }) => String(device_owner).startsWith('network:router'))
      .map((port) => [String(port.device_owner).slice(8), port['binding:host_id'], port['binding:vif_type']].join(' '))
      .sort()
  assert.deepEqual(await kinds(), ['router_interface network1 ovs'])
  await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
  const instance = await cloud.instance(network, 'compute1')
  const fip = await cloud.make(
    'floatingips',
    { floating_network_id: external.id, project_id: DEMO.projectId, port_id: instance.id },
    ADMIN,
  )
  await cloud.reportFloatingIps('network1', [fip.id])
  assert.equal((await cloud.get('floatingips', fip.id)).status, 'ACTIVE')
  assert.deepEqual(await cloud.ports('network:floatingip_agent_gateway'), [])

  const toDistributed = (admin_state_up: boolean) =>
    cloud.change('routers', router.id, { distributed: true, admin_state_up })
  await refuses(
    toDistributed(true),
    400,
    'BadRequest',
    "Bad router request: Cannot change the 'distributed' attribute of active routers. Please set router admin_state_up to False prior to upgrade.",
  )
  assert.equal((await toDistributed(false)).distributed, true)
  assert.deepEqual(await kinds(), [
    'router_centralized_snat network1 ovs',
    'router_gateway network1 ovs',
    'router_interface_distributed  distributed',
  ])
  assert.equal((await cloud.ports('network:floatingip_agent_gateway')).length, 1)
  assert.equal((await cloud.get('floatingips', fip.id)).status, 'DOWN')

  await cloud.change('routers', router.id, { distributed: false })
  assert.deepEqual(await kinds(), ['router_gateway network1 ovs', 'router_interface network1 ovs'])
  assert.deepEqual(await cloud.ports('network:floatingip_agent_gateway'), [])
  await cloud.remove('floatingips', fip.id)
  await cloud.change('routers', router.id, { external_gateway_info: null })
  await cloud.change('routers', router.id, { distributed: true })
  assert.deepEqual(await kinds(), ['router_interface_distributed  distributed'])
  assert.equal(await cloud.rows('router_bindings'), 0)
  await cloud.act(router, 'remove_router_interface', { subnet_id: subnet.id }, ADMIN)
  await cloud.close()
})

test('routers without a suitable agent wait for one, and their ports for its host', async () => {
  const cloud = await TestCloud.open()
  const external = await cloud.externalNetwork()
  const { subnet } = await cloud.network('10.1.0.0/24')
  const router = await cloud.make('routers', { name: 'r' })
  await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })
  await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
  const hosts = async () => {
    const ports = [
      ...(await cloud.ports('network:router_gateway')),
      ...(await cloud.ports('network:router_centralized_snat')),
    ]
    return ports.map((port) => `${port['binding:host_id']} ${port['binding:vif_type']}`)
  }
  assert.deepEqual(await hosts(), [' unbound', ' unbound'])
  await cloud.reportAgent('compute1', 'L3 agent', 'neutron-l3-agent', { agent_mode: 'dvr' })
  assert.deepEqual(await hosts(), [' unbound', ' unbound'])
  // the L3 agent before the Open vSwitch agent: scheduled, but not wired yet
  await cloud.reportAgent('network1', 'L3 agent', 'neutron-l3-agent', { agent_mode: 'dvr_snat' })
  assert.deepEqual(await hosts(), ['network1 binding_failed', 'network1 binding_failed'])
  await cloud.host('network1', 'dvr_snat')
  assert.deepEqual(await hosts(), ['network1 ovs', 'network1 ovs'])
  await cloud.host('network2', 'dvr_snat')
  await cloud.remove('agents', await cloud.agentId('network1'))
  assert.deepEqual(await hosts(), ['network2 ovs', 'network2 ovs'])
  assert.deepEqual(ipsOf((await cloud.ports('network:router_gateway'))[0]!), ['203.0.113.101'])
  await cloud.close()
})

const routersIn = (view: readonly { readonly kind: string; readonly id: string }[]) =>
  view.filter(({ kind }) => kind === 'router').map(({ id }) => id)

test('agents of a router are those of its central part and of its instances; it can be moved by hand', async () => {
  const { cloud, external, network, router } = await setting()
  await cloud.host('network2', 'dvr_snat')
  await cloud.host('old', 'legacy')
  const { schedulers } = cloud.services
  const hosts = async () => (await schedulers.agentsOfRouter(ADMIN, router.id)).map(({ host }) => host)
  const on = async (host: string) =>
    (await schedulers.routersOnAgent(ADMIN, await cloud.agentId(host))).map(({ id }) => id)
  const add = async (host: string) => schedulers.addRouterToAgent(ADMIN, await cloud.agentId(host), router.id)
  const drop = async (host: string) => schedulers.removeRouterFromAgent(ADMIN, await cloud.agentId(host), router.id)

  assert.deepEqual(await hosts(), [])
  // given to an agent before it has anything central: nothing is there yet, the gateway will be
  await add('network2')
  const second = await cloud.network('10.2.0.0/24')
  await cloud.act(router, 'add_router_interface', { subnet_id: second.subnet.id }, ADMIN)
  assert.deepEqual([await hosts(), await on('network2')], [['network2'], [router.id]])
  assert.deepEqual(await cloud.view('network2').then(routersIn), [])
  await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
  assert.deepEqual([await hosts(), await cloud.view('network2').then(routersIn)], [['network2'], [router.id]])
  await drop('network2')
  await add('network1')
  assert.deepEqual(await hosts(), ['network1'])
  await cloud.instance(network, 'compute2')
  assert.deepEqual(await hosts(), ['network1', 'compute2'])
  assert.deepEqual(await on('compute2'), [router.id])
  assert.deepEqual(await on('compute1'), [])

  const type = "Not allowed to manually assign a router to an agent in 'dvr' mode."
  await refuses(add('compute1'), 409, 'DVRL3CannotAssignToDvrAgent', type)
  await refuses(add('old'), 409, 'RouterL3AgentMismatch')
  await refuses(add('network2'), 409, 'RouterHostedByL3Agent')
  await refuses(drop('compute2'), 409, 'DVRL3CannotRemoveFromDvrAgent')
  await refuses(drop('network2'), 409, 'RouterNotHostedByL3Agent')
  await add('network1')
  await drop('network1')
  await add('network2')
  const [gateway] = await cloud.ports('network:router_gateway')
  assert.equal(gateway!['binding:host_id'], 'network2')
  const central = (await cloud.view('network2')).find(({ kind }) => kind === 'router')
  assert.equal(central?.kind === 'router' && central.central, true)
  await cloud.close()
})

test('the owner of a router’s port may ask for the subnet it has, not for another address', async () => {
  const cloud = await TestCloud.scenario()
  const { subnet } = await cloud.network('10.1.0.0/24')
  const router = await cloud.make('routers', {})
  const { port_id: id } = (await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })) as {
    port_id: string
  }
  const same = await cloud.change('ports', id, { fixed_ips: [{ subnet_id: subnet.id }] }, DEMO)
  assert.deepEqual(ipsOf(same), ['10.1.0.1'])
  await assert.rejects(cloud.change('ports', id, { fixed_ips: [{ ip_address: '10.1.0.7' }] }, DEMO), { status: 400 })
  await cloud.close()
})

test('a port cannot be smuggled into a router', async () => {
  const { cloud, router } = await setting()
  const { network } = await cloud.network('10.7.0.0/24')
  const claim = (id: unknown) => ({ device_id: id, device_owner: 'network:router_interface_distributed' })
  const make = (id: unknown) => cloud.make('ports', { network_id: network.id, ...claim(id) }, DEMO)
  const message = `The following device_id ${router.id} is not owned by your tenant or matches another tenants router.`
  await refuses(make(router.id), 409, 'DeviceIDNotOwnedByTenant', message)
  const own = await cloud.make('routers', { name: 'own' }, DEMO)
  await refuses(make(own.id), 400, 'BadRequest')
  const port = await cloud.make('ports', { network_id: network.id }, DEMO)
  await refuses(cloud.change('ports', port.id, claim(router.id), DEMO), 409, 'DeviceIDNotOwnedByTenant')
  await cloud.close()
})
