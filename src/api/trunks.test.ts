import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestCloud } from '../core/l3/test-cloud.fake.js'
import { faultOf as fault, ServiceApp } from './service-app.fake.js'

const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const READER = { 'x-project-id': 'demo-project', 'x-roles': 'reader' }
const STRANGER = { 'x-project-id': 'strange-project', 'x-roles': 'member' }

test('trunks over HTTP: who may do what, and what is refused before anything is done', async () => {
  const cloud = await TestCloud.scenario()
  const app = new ServiceApp(cloud.services)
  const { ask } = app
  const { id: networkId } = (await ask('POST', 'networks', OWNER, { network: { name: 'n' } })).body.network
  const port = async () => (await ask('POST', 'ports', OWNER, { port: { network_id: networkId } })).body.port.id
  const [parent, first, second] = [await port(), await port(), await port()]
  const trunk = (headers: Record<string, string>, attributes: object) =>
    ask('POST', 'trunks', headers, { trunk: attributes })

  assert.equal((await trunk(READER, { port_id: parent })).status, 403)
  assert.deepEqual(fault(await trunk(STRANGER, { port_id: parent })), [404, 'PortNotFound'])
  assert.equal((await trunk(OWNER, {})).status, 400)
  const untagged = await trunk(OWNER, { port_id: parent, sub_ports: [{ port_id: first }] })
  assert.match(untagged.body.NeutronError.message, /missing segmentation information/)
  const made = (await trunk(OWNER, { port_id: parent, name: 't' })).body.trunk
  assert.deepEqual([made.status, made.sub_ports, made.tags, made.admin_state_up], ['DOWN', [], [], true])

  const path = `trunks/${made.id}`
  const segment = (port_id: string, segmentation_id: unknown) => ({
    port_id,
    segmentation_id,
    segmentation_type: 'vlan',
  })
  const twice = [segment(first, 7), segment(second, 7)]
  const repeated = await ask('PUT', `${path}/add_subports`, OWNER, { sub_ports: twice })
  assert.match(repeated.body.NeutronError.message, /Segmentation ID '7' for .* is not unique/)
  assert.equal((await ask('PUT', `${path}/add_subports`, READER, { sub_ports: [segment(first, 7)] })).status, 403)
  assert.equal((await ask('PUT', `${path}/add_subports`, STRANGER, { sub_ports: [segment(first, 7)] })).status, 404)
  const added = await ask('PUT', `${path}/add_subports`, OWNER, { sub_ports: [segment(first, '7')] })
  assert.deepEqual([added.status, added.body.id, added.body.sub_ports], [200, made.id, [segment(first, 7)]])
  assert.deepEqual((await ask('GET', `${path}/get_subports`, READER)).body, { sub_ports: [segment(first, 7)] })
  assert.equal((await ask('GET', `${path}/get_subports`, STRANGER)).status, 404)
  const shown = (await ask('GET', `ports/${parent}`, READER)).body.port
  assert.equal(shown.trunk_details.trunk_id, made.id)
  const seen = (await ask('GET', `ports?id=${parent}&fields=trunk_details`, READER)).body.ports
  assert.deepEqual(Object.keys(seen[0]), ['trunk_details'])

  assert.equal((await ask('PUT', `${path}/tags/blue`, OWNER, {})).status, 201)
  assert.equal((await ask('GET', `trunks?tags=blue&port_id=${parent}`, READER)).body.trunks.length, 1)
  assert.deepEqual((await ask('GET', 'trunks', STRANGER)).body.trunks, [])
  assert.equal((await ask('PUT', path, OWNER, { trunk: { port_id: second } })).status, 400)
  const gone = await ask('PUT', `${path}/remove_subports`, OWNER, { sub_ports: [{ port_id: first }] })
  assert.deepEqual(gone.body.sub_ports, [])
  assert.equal((await ask('PUT', path, OWNER, { trunk: { admin_state_up: false, name: 'u' } })).body.trunk.name, 'u')
  assert.deepEqual(fault(await ask('DELETE', path, OWNER)), [409, 'TrunkDisabled'])
  const limits = (await ask('GET', 'quotas/demo-project/details', { 'x-project-id': 'admin-project' })).body.quota
  assert.deepEqual(limits.trunk, { limit: -1, used: 1, reserved: 0 })
  await ask('PUT', path, OWNER, { trunk: { admin_state_up: true } })
  assert.equal((await ask('DELETE', path, OWNER)).status, 204)
  await app.close()
  await cloud.close()
})
