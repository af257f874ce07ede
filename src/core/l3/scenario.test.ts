import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouterView } from '../../bus/contracts/host-view.js'
import type { Resource } from '../service.js'
import { DEMO, ipsOf, TestCloud } from './test-cloud.fake.js'

const owners = (ports: readonly Resource[]) => ports.map(({ device_owner }) => device_owner).sort()

async function routerView(cloud: TestCloud, host: string): Promise<RouterView | undefined> {
  return (await cloud.view(host)).find((object): object is RouterView => object.kind === 'router')
}

test('the scenario takes its addresses in the printed order, and gives all of them back', async () => {
  const cloud = await TestCloud.scenario()
  const external = await cloud.externalNetwork()
  const { network, subnet } = await cloud.network('192.168.1.0/24')
  const router = await cloud.make('routers', { name: 'demo-router' })
  assert.equal(router.distributed, true)
  assert.equal(router.external_gateway_info, null)

  const added = await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })
  assert.deepEqual(Object.keys(added).sort(), [
    'id',
    'network_id',
    'port_id',
    'project_id',
    'subnet_id',
    'subnet_ids',
    'tenant_id',
  ])
  const inner = await cloud.get('ports', String(added.port_id))
  assert.deepEqual(ipsOf(inner), ['192.168.1.1'])
  assert.equal(inner['binding:vif_type'], 'distributed')
  assert.equal(inner['binding:host_id'], '')
  assert.equal(inner.tenant_id, DEMO.projectId)
  assert.deepEqual(await cloud.view('network1').then((view) => view.filter(({ kind }) => kind === 'router')), [])

  const updated = await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } }, DEMO)
  assert.deepEqual((updated.external_gateway_info as { external_fixed_ips: unknown[] }).external_fixed_ips.length, 1)
  assert.deepEqual(updated.availability_zones, ['nova'])
  const [gateway] = await cloud.ports('network:router_gateway')
  assert.deepEqual(ipsOf(gateway!), ['203.0.113.101'])
  assert.equal(gateway!['binding:host_id'], 'network1')
  assert.equal(gateway!.tenant_id, '')
  const [snat] = await cloud.ports('network:router_centralized_snat')
  assert.deepEqual(ipsOf(snat!), ['192.168.1.2'])
  assert.equal(snat!['binding:host_id'], 'network1')
  assert.equal(snat!['binding:vif_type'], 'ovs')
  assert.equal(snat!.tenant_id, '')
  assert.equal((await routerView(cloud, 'network1'))?.central, true)
  assert.equal(await routerView(cloud, 'compute1'), undefined)

  const instance = await cloud.instance(network, 'compute1')
  assert.deepEqual(ipsOf(instance), ['192.168.1.3'])
  assert.deepEqual(ipsOf((await cloud.ports('network:dhcp'))[0]!), ['192.168.1.4'])

  const fip = await cloud.make('floatingips', { floating_network_id: external.id })
  assert.equal(fip.floating_ip_address, '203.0.113.102')
  assert.equal(fip.status, 'DOWN')
  assert.equal((await cloud.ports('network:floatingip'))[0]!.status, 'N/A')
  assert.deepEqual(await cloud.ports('network:floatingip_agent_gateway'), [])

  const associated = await cloud.change('floatingips', fip.id, { port_id: instance.id }, DEMO)
  assert.equal(associated.fixed_ip_address, '192.168.1.3')
  assert.equal(associated.router_id, router.id)
  assert.equal((associated.port_details as Resource).device_owner, 'compute:nova')
  const [agentGateway] = await cloud.ports('network:floatingip_agent_gateway')
  assert.deepEqual(ipsOf(agentGateway!), ['203.0.113.103'])
  assert.equal(agentGateway!['binding:host_id'], 'compute1')
  assert.equal(agentGateway!.device_id, await cloud.agentId('compute1'))
  const there = await routerView(cloud, 'compute1')
  assert.deepEqual(
    there?.floatingIps.map(({ floatingIp }) => floatingIp),
    ['203.0.113.102'],
  )
  assert.equal(there?.agentGateway?.portId, agentGateway!.id)

  await cloud.reportFloatingIps('compute2', [fip.id])
  assert.equal((await cloud.get('floatingips', fip.id)).status, 'DOWN')
  await cloud.reportFloatingIps('compute1', [fip.id])
  assert.equal((await cloud.get('floatingips', fip.id)).status, 'ACTIVE')

  await cloud.change('floatingips', fip.id, { port_id: null }, DEMO)
  assert.equal((await cloud.get('floatingips', fip.id)).status, 'DOWN')
  assert.deepEqual(await cloud.ports('network:floatingip_agent_gateway'), [])
  await cloud.remove('floatingips', fip.id, DEMO)
  await cloud.remove('ports', instance.id)
  await cloud.change('routers', router.id, { external_gateway_info: {} }, DEMO)
  assert.deepEqual(owners(await cloud.ports()), ['network:dhcp', 'network:router_interface_distributed'])
  await cloud.act(router, 'remove_router_interface', { subnet_id: subnet.id })
  await cloud.remove('routers', router.id, DEMO)
  await cloud.remove('networks', network.id)
  await cloud.remove('networks', external.id)
  for (const table of [
    'ports',
    'ip_allocations',
    'agent_gateways',
    'router_bindings',
    'routers',
    'floating_ips',
  ] as const) {
    assert.equal(await cloud.rows(table), 0, table)
  }
  const { objects } = await cloud.core.store.load()
  assert.deepEqual([...new Set(objects.map(({ kind }) => kind))].sort(), ['host', 'security_group'])
  await cloud.close()
})

test('an interface that comes after the gateway gets its centralized port with it', async () => {
  const cloud = await TestCloud.scenario()
  const external = await cloud.externalNetwork()
  const { subnet } = await cloud.network('192.168.2.0/24')
  const router = await cloud.make('routers', { name: 'r', external_gateway_info: { network_id: external.id } })
  const added = await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })
  assert.deepEqual(ipsOf((await cloud.ports('network:router_centralized_snat'))[0]!), ['192.168.2.2'])
  await cloud.act(router, 'remove_router_interface', { port_id: added.port_id })
  assert.deepEqual(owners(await cloud.ports()), ['network:router_gateway'])
  await cloud.close()
})

test('the change log records one value per object and change, with the central host', async () => {
  const cloud = await TestCloud.scenario()
  const external = await cloud.externalNetwork()
  const router = await cloud.make('routers', { name: 'r' })
  const revision = cloud.core.store.revision
  await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
  const changes = await cloud.core.store.since(revision)
  assert.deepEqual(changes.map(({ kind }) => kind).sort(), ['port', 'router'])
  const value = changes.find(({ kind }) => kind === 'router')!.value
  assert.equal(value?.kind === 'router' && value.centralHost, 'network1')
  const before = cloud.core.store.revision
  await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
  assert.equal(cloud.core.store.revision, before)
  await cloud.close()
})
