import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { RouterView } from '../../bus/contracts/host-view.js'
import { ADMIN, DEMO, ipsOf, TestCloud } from '../l3/test-cloud.fake.js'
import type { Attributes, Resource } from '../service.js'
import { refuses } from '../testing/refuses.js'

/** A distributed router with its gateway, an instance on compute1 and a floating IP. */
async function setting(t: TestContext) {
  const cloud = await TestCloud.scenario()
  t.after(() => cloud.close())
  const external = await cloud.externalNetwork()
  const { network, subnet } = await cloud.network('10.1.0.0/24')
  const router = await cloud.make('routers', { name: 'r', external_gateway_info: { network_id: external.id } })
  await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })
  const port = await cloud.instance(network, 'compute1')
  const fip = await cloud.make('floatingips', { floating_network_id: external.id })
  const forwardings = cloud.services.collections.port_forwardings!
  const forward = async (attributes: Attributes, floatingIp: Resource = fip) =>
    (
      await forwardings.create(DEMO, [
        { floatingip_id: floatingIp.id, protocol: 'tcp', internal_port_id: port.id, ...attributes },
      ])
    )[0]!
  const viewed = async (host: string) =>
    (await cloud.view(host)).find((object): object is RouterView => object.kind === 'router')
  return { cloud, external, network, subnet, router, port, fip, forwardings, forward, viewed }
}

test('ports of a floating IP lead to an instance through the central host', async (t) => {
  const { cloud, port, router, fip, forward, viewed } = await setting(t)
  const made = await forward({ external_port: 2222, internal_port: 22, description: 'shell' })
  const internal = ipsOf(port)[0]!
  const { floatingip_id, project_id, ...shown } = made
  assert.deepEqual([floatingip_id, project_id], [fip.id, DEMO.projectId])
  assert.deepEqual(shown, {
    id: made.id,
    protocol: 'tcp',
    internal_ip_address: internal,
    internal_port_id: port.id,
    external_port: 2222,
    external_port_range: '2222:2222',
    internal_port: 22,
    internal_port_range: '22:22',
    description: 'shell',
  })
  const { description: _, external_port_range, internal_port_range, ...inFloatingIp } = shown
  const now = await cloud.get('floatingips', fip.id)
  assert.deepEqual([now.router_id, now.port_id, now.port_forwardings], [router.id, null, [inFloatingIp]])
  await refuses(cloud.remove('floatingips', fip.id), 409, 'FipInUseByPortForwarding')
  assert.deepEqual((await viewed('network1'))?.portForwardings, [
    {
      id: made.id,
      floatingIpId: fip.id,
      floatingIp: fip.floating_ip_address,
      protocol: 'tcp',
      externalFirst: 2222,
      externalLast: 2222,
      internalIp: internal,
      internalFirst: 22,
      internalLast: 22,
    },
  ])
  assert.equal((await viewed('compute1'))?.portForwardings, undefined)
  assert.deepEqual(await cloud.ports('network:floatingip_agent_gateway'), [])
  await cloud.reportFloatingIps('compute1', [fip.id])
  assert.equal((await cloud.get('floatingips', fip.id)).status, 'DOWN')
  await cloud.reportFloatingIps('network1', [fip.id])
  assert.equal((await cloud.get('floatingips', fip.id)).status, 'ACTIVE')
})

test('a floating IP is for one address or for forwarded ports', async (t) => {
  const { cloud, external, port, fip, forward } = await setting(t)
  await forward({ external_port: 80, internal_port: 8080 })
  await refuses(
    cloud.change('floatingips', fip.id, { port_id: port.id }, DEMO),
    409,
    'FipInUseByPortForwarding',
    /in use by Port Forwarding resources/,
  )
  const other = await cloud.make('floatingips', { floating_network_id: external.id })
  await refuses(cloud.change('floatingips', other.id, { port_id: port.id }), 400, 'PortHasPortForwarding')
  const whole = await cloud.make('floatingips', { floating_network_id: external.id })
  const { id } = await cloud.instance({ id: port.network_id as string }, 'compute2')
  await cloud.change('floatingips', whole.id, { port_id: id })
  await refuses(forward({ external_port: 81, internal_port: 1 }, whole), 409, 'FloatingIPPortAlreadyAssociated')
  await refuses(
    forward({ external_port: 81, internal_port: 1, internal_port_id: id }),
    409,
    'FloatingIPPortAlreadyAssociated',
  )
})

test('ports are forwarded once, one to one or all to one', async (t) => {
  const { forwardings, fip, forward } = await setting(t)
  const bad = (attributes: Attributes, message: RegExp) => refuses(forward(attributes), 400, 'BadRequest', message)
  const range = await forward({ external_port_range: '1000:1009', internal_port_range: '2000:2009' })
  assert.deepEqual([range.external_port, range.internal_port], [null, null])
  const duplicate = /duplicate port_forwarding entry with same attributes already exists, conflicting values are \{/
  await bad({ external_port: 1009, internal_port: 1 }, duplicate)
  await bad({ external_port: 1, internal_port: 2005 }, duplicate)
  await bad({ external_port_range: '1:3', internal_port_range: '1:2' }, /must be N-N or 1-N/)
  await bad({ external_port: 5, external_port_range: '5:6', internal_port: 1 }, /Only one of external_port and/)
  await bad({ internal_port: 1 }, /Either external_port or external_port_range must be specified/)
  await bad({ external_port: 5, internal_port: 1, internal_ip_address: '10.1.0.250' }, /is not a fixed IPv4 address/)
  const udp = await forward({ protocol: 'udp', external_port_range: '1000:1009', internal_port: 53 })
  assert.deepEqual([udp.internal_port, udp.external_port_range], [53, '1000:1009'])
  const changed = await forwardings.update(DEMO, udp.id, { external_port: 53, description: 'names' })
  assert.deepEqual(
    [changed.external_port, changed.internal_port, changed.protocol, changed.description],
    [53, 53, 'udp', 'names'],
  )
  await refuses(forwardings.update(DEMO, udp.id, { protocol: 'tcp', external_port: 1001 }), 400, 'BadRequest')
  const all = { filters: { floatingip_id: [fip.id], protocol: ['udp'] }, sort: [], limit: null, marker: null }
  const listed = await forwardings.list(DEMO, { ...all, reverse: false })
  assert.deepEqual(
    listed.map(({ id }) => id),
    [udp.id],
  )
  await refuses(forwardings.get({ ...DEMO, projectId: 'other' }, udp.id), 404, 'PortForwardingNotFound')
})

test('forwardings hold the way to them and go with their end', async (t) => {
  const { cloud, port, router, subnet, fip, forwardings, forward } = await setting(t)
  const first = await forward({ external_port: 80, internal_port: 80 })
  const second = await forward({ external_port: 81, internal_port: 81 })
  await refuses(
    cloud.act(router, 'remove_router_interface', { subnet_id: subnet.id }),
    409,
    'RouterInterfaceInUseByFloatingIP',
  )
  await refuses(
    cloud.change('routers', router.id, { external_gateway_info: null }),
    409,
    'RouterExternalGatewayInUseByFloatingIp',
  )
  await forwardings.delete(DEMO, first.id)
  assert.equal((await cloud.get('floatingips', fip.id)).router_id, router.id)
  await cloud.change('ports', port.id, { fixed_ips: [{ subnet_id: subnet.id, ip_address: '10.1.0.77' }] })
  await refuses(forwardings.get(ADMIN, second.id), 404, 'PortForwardingNotFound')
  assert.equal((await cloud.get('floatingips', fip.id)).router_id, null)
  const third = await forward({ external_port: 82, internal_port: 82 })
  await cloud.remove('ports', port.id)
  await refuses(forwardings.get(ADMIN, third.id), 404, 'PortForwardingNotFound')
  await cloud.act(router, 'remove_router_interface', { subnet_id: subnet.id })
  await cloud.remove('floatingips', fip.id)
})
