import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { FakeCloud } from './cloud.fake.js'
import { identityRoot } from './credentials.js'
import { ApiError, ConnectError, CredentialsError, LookupError } from './errors.js'
import { createSession } from './session.js'

let cloud: FakeCloud
beforeEach(async () => {
  cloud = new FakeCloud()
  await cloud.start()
})
afterEach(() => cloud.stop())

const user = () => ({ authUrl: `${cloud.url}/identity`, username: 'demo', password: 'secret', projectName: 'demo' })

test('identity addresses of every release lead to v3', () => {
  for (const [given, root] of [
    ['http://controller:5000', 'http://controller:5000/v3'],
    ['http://controller:5000/', 'http://controller:5000/v3'],
    ['http://controller:5000/v2.0', 'http://controller:5000/v3'],
    ['http://controller:5000/v2.0/', 'http://controller:5000/v3'],
    ['http://controller/identity', 'http://controller/identity/v3'],
    ['http://controller/identity/v3', 'http://controller/identity/v3'],
    ['http://controller:5000/v3/auth/tokens', 'http://controller:5000/v3'],
  ] as const) {
    assert.equal(identityRoot(given), root)
  }
})

test('one token serves many requests', async () => {
  const session = createSession(user())
  await Promise.all([session.network.list('networks'), session.network.list('ports'), session.compute.servers()])
  session.close()
  assert.equal(cloud.requests.filter(({ path }) => path.endsWith('/auth/tokens')).length, 1)
})

test('a refused token is renewed once, and only once', async () => {
  const session = createSession(user())
  await session.network.list('networks')
  cloud.revoked.add('token-1')
  assert.deepEqual(await session.network.list('networks'), [])
  cloud.revoked.add('token-2').add('token-3')
  await assert.rejects(session.network.list('networks'), { name: 'ApiError', status: 401 })
  session.close()
})

test('a wrong password is an ApiError, and the next call may try again', async () => {
  const session = createSession({ ...user(), password: 'wrong' })
  await assert.rejects(session.network.list('networks'), (error) => error instanceof ApiError && error.status === 401)
  cloud.password = 'wrong'
  assert.deepEqual(await session.network.list('networks'), [])
  session.close()
})

test('a token and an endpoint need no identity service', async () => {
  const session = createSession({ token: 'given', endpoint: `${cloud.url}/v2.0` })
  await session.network.list('networks')
  session.close()
  assert.deepEqual(cloud.calls, ['GET /v2.0/networks'])
  assert.equal(cloud.requests[0]?.token, 'given')
})

test('faults of all three services', async () => {
  const session = createSession(user())
  cloud.replies.set('DELETE /v2.0/networks/x', {
    status: 409,
    body: { NeutronError: { type: 'NetworkInUse', message: 'in use', detail: '' } },
  })
  await assert.rejects(session.network.remove('networks', 'x'), {
    status: 409,
    type: 'NetworkInUse',
    message: 'in use',
  })
  await assert.rejects(session.compute.server('x'), { status: 404, type: 'itemNotFound' })
  cloud.replies.set('GET /identity/v3/users', {
    status: 403,
    body: { error: { code: 403, title: 'Forbidden', message: 'no' } },
  })
  await assert.rejects(session.identity.get('/v3/users'), { status: 403, type: 'Forbidden', message: 'no' })
  session.close()
})

test('look-up: an id wins, then exactly one name', async () => {
  const id = '893aebb9-1c1e-48be-8908-6b947f3237b3'
  cloud.add('networks', { id, name: 'a' })
  cloud.add('networks', { id: 'n2', name: id })
  cloud.add('networks', { id: 'n3', name: 'twice' })
  cloud.add('networks', { id: 'n4', name: 'twice' })
  const session = createSession(user())
  assert.equal(await session.network.findId('networks', id), id)
  assert.equal(await session.network.findId('networks', 'a'), id)
  await assert.rejects(session.network.findId('networks', 'b'), (error) => error instanceof LookupError)
  await assert.rejects(session.network.findId('networks', 'twice'), {
    message: "Multiple network matches found for name 'twice', use an ID to be more specific.",
  })
  session.close()
})

test('no server, no service', async () => {
  const nobody = createSession({ ...user(), authUrl: 'http://127.0.0.1:1' })
  await assert.rejects(nobody.network.list('networks'), (error) => error instanceof ConnectError)
  const session = createSession(user())
  await assert.rejects(session.image.get('/v2/images'), (error) => error instanceof CredentialsError)
  const elsewhere = createSession({ ...user(), region: 'RegionTwo' })
  await assert.rejects(elsewhere.network.list('networks'), /public endpoint for network service in RegionTwo region/)
  for (const one of [nobody, session, elsewhere]) one.close()
})
