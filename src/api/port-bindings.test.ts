import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movableInstance } from '../core/port-binding/instance.fake.js'
import { TestCloud } from '../core/testing/cloud.js'
import { ServiceApp } from './service-app.fake.js'

const SERVICE = { 'x-project-id': 'services', 'x-roles': 'service' }
const OWNER = { 'x-project-id': 'demo', 'x-roles': 'member' }

test('bindings are for services: the words nova’s live migration uses', async () => {
  const cloud = await TestCloud.open()
  const { port } = await movableInstance(cloud)
  const app = new ServiceApp(cloud.built.services)
  const ask = (method: string, path: string, headers: Record<string, string>, binding?: object) =>
    app.ask(method, `ports/${port.id}/bindings${path}`, headers, binding && { binding })
  const made = await ask('POST', '', SERVICE, { host: 'compute2', vnic_type: 'normal', profile: {} })
  assert.equal(made.status, 201)
  assert.deepEqual(Object.keys(made.body.binding), [
    'host',
    'vif_type',
    'vif_details',
    'vnic_type',
    'profile',
    'status',
  ])
  const listed = await ask('GET', '?status=INACTIVE&fields=host', SERVICE)
  assert.deepEqual(listed.body, { bindings: [{ host: 'compute2' }] })
  assert.deepEqual((await ask('PUT', '/compute2/activate', SERVICE)).body.binding.status, 'ACTIVE')
  assert.equal((await ask('DELETE', '/compute1', SERVICE)).status, 204)
  assert.equal((await ask('GET', '/compute1', SERVICE)).body.NeutronError.type, 'PortBindingNotFound')
  assert.equal((await ask('GET', '', OWNER)).status, 403)
  assert.equal((await ask('GET', '', { ...OWNER, 'x-project-id': 'other' })).body.NeutronError.type, 'PortNotFound')
  assert.equal((await ask('POST', '', SERVICE, { host: 'x', vnic_type: 'odd' })).status, 400)
  await app.close()
  await cloud.close()
})
