import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ADMIN as AS_ADMIN, TestCloud } from '../core/l3/test-cloud.fake.js'
import type { Resource } from '../core/service.js'
import { faultOf as fault, ServiceApp } from './service-app.fake.js'

const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const READER = { 'x-project-id': 'demo-project', 'x-roles': 'reader' }
const OTHER = { 'x-project-id': 'other-project', 'x-roles': 'member' }
const UNKNOWN = 'f0f89a8e-402b-483d-8475-545207a39cb2'

/** The whole service behind its API, on a database in memory. */
describe('local IPs', () => {
  let cloud: TestCloud
  let app: ServiceApp
  let ask: ServiceApp['ask']
  let network: Resource
  before(async () => {
    cloud = await TestCloud.scenario()
    app = new ServiceApp(cloud.services)
    ask = app.ask
    network = (await cloud.network('192.168.1.0/24')).network
  })
  after(async () => {
    await app.close()
    await cloud.close()
  })

  const create = (body: object, headers: Record<string, string> = OWNER) =>
    ask('POST', 'local_ips', headers, { local_ip: body })
  const associate = (id: string, fixed_port_id: string, more: object = {}, headers: Record<string, string> = OWNER) =>
    ask('POST', `local_ips/${id}/port_associations`, headers, { port_association: { fixed_port_id, ...more } })
  const told = async (host: string) => (await cloud.view(host)).filter(({ kind }) => kind === 'local_ip')
  const portWith = (fixed_ips: object[]) =>
    cloud.make('ports', { network_id: network.id, project_id: 'demo-project', fixed_ips }, AS_ADMIN)

  it('keep an address with a port of their own, which goes with them only', async () => {
    const made = await create({ network_id: network.id, name: 'cache' })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const { id, local_port_id, local_ip_address, created_at, updated_at, ...rest } = made.body.local_ip
    assert.equal(created_at, updated_at)
    assert.deepEqual(rest, {
      name: 'cache',
      description: '',
      tenant_id: 'demo-project',
      project_id: 'demo-project',
      network_id: network.id,
      ip_mode: 'translate',
      revision_number: 1,
    })
    const port = await cloud.get('ports', local_port_id)
    assert.deepEqual(
      [port.device_owner, port.device_id, (port.fixed_ips as { ip_address: string }[])[0]!.ip_address],
      ['network:local_ip', id, local_ip_address],
    )
    assert.deepEqual(fault(await ask('DELETE', `ports/${local_port_id}`, OWNER)), [409, 'ServicePortInUse'])
    const taken = await create({ network_id: network.id, local_ip_address })
    assert.deepEqual(fault(taken), [409, 'IpAddressInUse'])
    const changed = await ask('PUT', `local-ips/${id}`, OWNER, { local_ip: { description: 'd' } })
    assert.deepEqual([changed.body.local_ip.description, changed.body.local_ip.revision_number], ['d', 2])
    const moved = await ask('PUT', `local_ips/${id}`, OWNER, { local_ip: { ip_mode: 'passthrough' } })
    assert.deepEqual(fault(moved), [400, 'HTTPBadRequest'])
    const found = await ask('GET', `local_ips?local_ip_address=${local_ip_address}&fields=id`, READER)
    assert.deepEqual(found.body.local_ips, [{ id }])
    assert.deepEqual((await ask('GET', 'local_ips', OTHER)).body.local_ips, [])
    assert.deepEqual(fault(await ask('GET', `local_ips/${id}`, OTHER)), [404, 'LocalIPNotFound'])
    assert.equal((await ask('DELETE', `local_ips/${id}`, READER)).status, 403)
    assert.equal((await ask('DELETE', `local_ips/${id}`, OWNER)).status, 204)
    await assert.rejects(cloud.get('ports', local_port_id), { type: 'PortNotFound' })
  })

  it('are of an address that a port has, where one is named', async () => {
    const port = await portWith([{ ip_address: '192.168.1.50' }])
    const two = await portWith([{ ip_address: '192.168.1.51' }, { ip_address: '192.168.1.52' }])
    const none = await portWith([])
    const made = await create({ local_port_id: port.id })
    assert.deepEqual([made.body.local_ip.local_ip_address, made.body.local_ip.network_id], ['192.168.1.50', network.id])
    assert.deepEqual(fault(await ask('DELETE', `ports/${port.id}`, OWNER)), [409, 'ServicePortInUse'])
    assert.equal((await ask('DELETE', `local_ips/${made.body.local_ip.id}`, OWNER)).status, 204)
    await cloud.remove('ports', port.id)
    const refused = async (body: object) => fault(await create(body))
    assert.deepEqual(await refused({}), [400, 'LocalIPPortOrNetworkRequired'])
    assert.deepEqual(await refused({ local_port_id: none.id }), [400, 'LocalIPNoIP'])
    assert.deepEqual(await refused({ local_port_id: two.id }), [400, 'LocalIPNoRequestedIP'])
    const named = { local_port_id: two.id, local_ip_address: '192.168.1.99' }
    assert.deepEqual(await refused(named), [400, 'LocalIPRequestedIPNotFound'])
    assert.deepEqual(await refused({ local_port_id: UNKNOWN }), [400, 'BadRequest'])
    assert.deepEqual(await refused({ network_id: UNKNOWN }), [404, 'NetworkNotFound'])
    assert.deepEqual(await refused({ network_id: network.id, ip_mode: 'magic' }), [400, 'HTTPBadRequest'])
    const ipv6 = await cloud.make('networks', { name: 'six' })
    assert.deepEqual(await refused({ network_id: ipv6.id }), [400, 'BadRequest'])
    for (const { id } of [two, none]) await cloud.remove('ports', id)
  })

  it('are associated with a port of each host, of which that host is told', async () => {
    const ports = [await cloud.instance(network, 'compute1'), await cloud.instance(network, 'compute2')]
    const local = (await create({ network_id: network.id })).body.local_ip
    const [one, two] = ports as [Resource, Resource]
    const fixed = (port: Resource) => (port.fixed_ips as { ip_address: string }[])[0]!.ip_address
    const made = await associate(local.id, one.id)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.deepEqual(made.body.port_association, {
      local_ip_id: local.id,
      local_ip_address: local.local_ip_address,
      fixed_port_id: one.id,
      fixed_ip: fixed(one),
      host: 'compute1',
    })
    assert.equal((await associate(local.id, two.id, { fixed_ip: fixed(two) })).status, 201)
    assert.deepEqual(await told('compute1'), [
      {
        kind: 'local_ip',
        id: `${local.id}:${one.id}`,
        ip: local.local_ip_address,
        mode: 'translate',
        portId: one.id,
        fixedIp: fixed(one),
      },
    ])
    assert.deepEqual([(await told('compute2')).length, (await told('network1')).length], [1, 0])
    const path = `local_ips/${local.id}/port_associations`
    const hosts = async (query: string) =>
      ((await ask('GET', `${path}?${query}`, READER)).body.port_associations as { host: string }[]).map(
        ({ host }) => host,
      )
    assert.deepEqual((await hosts('')).sort(), ['compute1', 'compute2'])
    assert.deepEqual(await hosts('host=compute2'), ['compute2'])
    assert.deepEqual(await hosts(`fixed_port_id=${one.id}&local_ip_address=${local.local_ip_address}`), ['compute1'])
    assert.deepEqual((await ask('GET', `${path}/${one.id}`, READER)).body.port_association.fixed_ip, fixed(one))
    // the same port stands for a second one, and each is its own
    const second = (await create({ network_id: network.id, ip_mode: 'passthrough' })).body.local_ip
    assert.equal((await associate(second.id, one.id)).status, 201)
    assert.equal((await told('compute1')).length, 2)
    assert.equal((await ask('DELETE', `local_ips/${second.id}/port_associations/${one.id}`, OWNER)).status, 204)
    assert.equal((await ask('DELETE', `local_ips/${second.id}`, OWNER)).status, 204)
    assert.equal((await told('compute1')).length, 1)
    assert.deepEqual(fault(await ask('DELETE', `local_ips/${local.id}`, OWNER)), [409, 'LocalIPInUse'])
    // a port that leaves, or loses its address, no longer stands for it
    await cloud.remove('ports', two.id)
    assert.deepEqual(await hosts(''), ['compute1'])
    await cloud.change('ports', one.id, { fixed_ips: [{ ip_address: '192.168.1.77' }] })
    assert.deepEqual([await hosts(''), await told('compute1')], [[], []])
    assert.equal((await ask('DELETE', `local_ips/${local.id}`, OWNER)).status, 204)
  })

  it('refuse associations that cannot be, and those of others', async () => {
    const port = await cloud.instance(network, 'compute1')
    const two = await portWith([{ ip_address: '192.168.1.61' }, { ip_address: '192.168.1.62' }])
    const { id } = (await create({ network_id: network.id })).body.local_ip
    const path = `local_ips/${id}/port_associations`
    assert.deepEqual(fault(await associate(id, UNKNOWN)), [400, 'BadRequest'])
    assert.deepEqual(fault(await associate(id, two.id)), [400, 'LocalIPNoRequestedIP'])
    assert.deepEqual(fault(await associate(id, port.id, { fixed_ip: '192.168.1.99' })), [
      400,
      'LocalIPRequestedIPNotFound',
    ])
    assert.deepEqual(fault(await associate(UNKNOWN, port.id)), [404, 'LocalIPNotFound'])
    assert.equal((await associate(id, port.id, {}, READER)).status, 403)
    assert.equal((await associate(id, port.id, {}, OTHER)).status, 404)
    assert.equal((await associate(id, port.id)).status, 201)
    assert.deepEqual(fault(await associate(id, port.id)), [409, 'NeutronDbObjectDuplicateEntry'])
    assert.equal((await ask('PUT', `${path}/${port.id}`, OWNER, { port_association: {} })).status, 405)
    assert.deepEqual(fault(await ask('GET', `${path}/${two.id}`, OWNER)), [404, 'LocalIPAssociationNotFound'])
    assert.equal((await ask('DELETE', `${path}/${port.id}`, READER)).status, 403)
    assert.equal((await ask('GET', path, OTHER)).status, 404)
    assert.equal((await ask('DELETE', `${path}/${port.id}`, OWNER)).status, 204)
  })
})
