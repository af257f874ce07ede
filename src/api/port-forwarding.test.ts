import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type OpenService, withService } from './service-app.fake.js'

const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const READER = { ...OWNER, 'x-roles': 'reader' }
const STRANGER = { 'x-project-id': 'stranger', 'x-roles': 'member' }

/** The whole service behind its API, on a database in memory. */
describe('port forwardings of a floating IP', () => {
  let cloud: OpenService['cloud']
  let service: OpenService['ask']
  let path: string
  let portId: string

  withService(async (opened) => {
    ;({ cloud, ask: service } = opened)
    const external = await cloud.externalNetwork()
    const { network, subnet } = await cloud.network('10.1.0.0/24')
    const router = await cloud.make('routers', { external_gateway_info: { network_id: external.id } })
    await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })
    portId = (await cloud.instance(network, 'compute1')).id
    const fip = await cloud.make('floatingips', { floating_network_id: external.id })
    path = `floatingips/${fip.id}/port_forwardings`
  }, 'for each test')

  const ask = (method: string, url: string, headers: Record<string, string>, attributes?: object) =>
    service(method, url, headers, attributes && { port_forwarding: attributes })

  const shell = () => ({ protocol: 'TCP', external_port: 2222, internal_port: 22, internal_port_id: portId })

  it('are made, listed, changed and deleted below it', async () => {
    const made = await ask('POST', path, OWNER, shell())
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const { id, ...rest } = made.body.port_forwarding
    assert.deepEqual(rest, {
      protocol: 'tcp',
      internal_ip_address: '10.1.0.3',
      internal_port: 22,
      internal_port_range: '22:22',
      internal_port_id: portId,
      external_port: 2222,
      external_port_range: '2222:2222',
      description: '',
    })
    const listed = await ask('GET', `${path}?external_port=2222&fields=id`, READER)
    assert.deepEqual(listed.body, { port_forwardings: [{ id }] })
    assert.deepEqual((await ask('GET', `${path}?external_port=1`, READER)).body, { port_forwardings: [] })
    const changed = await ask('PUT', `${path}/${id}`, OWNER, { external_port_range: '2223:2223' })
    assert.equal(changed.body.port_forwarding.external_port, 2223)
    assert.equal((await ask('DELETE', `${path}/${id}`, OWNER)).status, 204)
    assert.equal((await ask('GET', `${path}/${id}`, OWNER)).body.NeutronError.type, 'PortForwardingNotFound')
  })

  it('belong to the owner of the floating IP, and to no other floating IP', async () => {
    assert.equal((await ask('POST', path, READER, shell())).status, 403)
    assert.equal((await ask('POST', path, STRANGER, shell())).body.NeutronError.type, 'FloatingIPNotFound')
    const { id } = (await ask('POST', path, OWNER, shell())).body.port_forwarding
    assert.equal((await ask('DELETE', `${path}/${id}`, READER)).status, 403)
    assert.equal((await ask('GET', `${path}/${id}`, STRANGER)).status, 404)
    const [external] = (await cloud.services.collections.floatingips!.list(
      { requestId: '', userId: '', projectId: '', roles: [], isAdmin: true, isService: true },
      { filters: {}, sort: [], limit: null, marker: null, reverse: false },
    )) as { id: string; floating_network_id: string }[]
    const other = await cloud.make('floatingips', { floating_network_id: external!.floating_network_id })
    assert.equal((await ask('DELETE', `floatingips/${other.id}/port_forwardings/${id}`, OWNER)).status, 404)
    assert.equal((await ask('GET', `${path}/${id}`, OWNER)).status, 200)
  })

  it('are refused with the attribute that is wrong', async () => {
    const refused = async (change: object) => {
      const { status, body } = await ask('POST', path, OWNER, { ...shell(), ...change })
      return [status, body.NeutronError.message]
    }
    assert.deepEqual(await refused({ protocol: 'icmp' }), [
      400,
      "Invalid input for protocol. Reason: 'icmp' is not in ['tcp', 'udp'].",
    ])
    assert.deepEqual(await refused({ external_port: 65536 }), [
      400,
      "Invalid input for external_port. Reason: '65536' is too large - must be no larger than '65535'.",
    ])
    assert.deepEqual(await refused({ external_port_range: '9:8' }), [
      400,
      "Invalid input for external_port_range. Reason: '8' is too small - must be at least '9'.",
    ])
    assert.deepEqual(await refused({ color: 'red' }), [400, "Unrecognized attribute(s) 'color'"])
  })
})
