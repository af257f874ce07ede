import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { pino } from 'pino'
import { admin, TestCloud } from '../core/testing/cloud.js'
import { buildApp } from './app.js'
import { noAuth } from './auth/noauth.js'

const SERVICE = { 'x-project-id': 'services', 'x-roles': 'service' }
const OWNER = { 'x-project-id': 'demo', 'x-roles': 'member' }

test('bindings are for services: the words nova’s live migration uses', async () => {
  const cloud = await TestCloud.open()
  await cloud.ovsHost('compute1')
  await cloud.ovsHost('compute2', '10.0.1.32')
  const { network } = await cloud.network()
  const attributes = {
    device_owner: 'compute:nova',
    device_id: 'vm',
    'binding:host_id': 'compute1',
    project_id: 'demo',
  }
  const port = await cloud.port(network.id, attributes, admin)
  const log = pino({ level: 'silent' })
  const app = buildApp({
    services: cloud.built.services,
    auth: noAuth(),
    log,
    revisions: null,
    paginationMaxLimit: null,
  })
  const ask = async (method: string, path: string, headers: Record<string, string>, binding?: object) => {
    const payload = binding && { payload: JSON.stringify({ binding }) }
    const url = `/v2.0/ports/${port.id}/bindings${path}`
    const reply = await app.inject({ method, url, headers, ...payload } as InjectOptions)
    return { status: reply.statusCode, body: reply.body === '' ? {} : reply.json() }
  }
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
