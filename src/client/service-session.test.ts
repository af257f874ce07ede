import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import { inspect } from 'node:util'
import { FakeCloud } from './cloud.fake.js'
import { IdentityError } from './errors.js'
import { ServiceSession, type ServiceSessionOptions, type ServiceUser } from './service-session.js'

let cloud: FakeCloud
const sessions: ServiceSession[] = []
beforeEach(async () => {
  cloud = new FakeCloud()
  cloud.expiresAt = '2100-01-01T00:00:00.000000Z'
  await cloud.start()
})
afterEach(async () => {
  for (const session of sessions.splice(0)) session.close()
  await cloud.stop()
})

function open(user: Partial<ServiceUser> = {}, options: ServiceSessionOptions = {}): ServiceSession {
  const all = {
    auth_url: `${cloud.url}/identity/v3`,
    username: 'nova',
    password: 'secret',
    project_name: 'service',
    user_domain_name: 'Default',
    user_domain_id: null,
    project_domain_name: 'Default',
    project_domain_id: 'default',
    region_name: null,
    ...user,
  }
  const session = new ServiceSession(all, options)
  sessions.push(session)
  return session
}

const network = { type: 'network', interfaces: ['internal', 'public'], versionInPath: true } as const
const signIns = () => cloud.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/auth/tokens'))

test('signs in once for all who ask, with a password, in a project', async () => {
  const session = open()
  const client = session.service(network)
  await Promise.all([client.send('GET', '/v2.0/ports'), client.send('GET', '/v2.0/networks'), session.token()])
  assert.equal(signIns().length, 1)
  assert.deepEqual(signIns()[0]?.body, {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: 'nova', domain: { name: 'Default' }, password: 'secret' } },
      },
      scope: { project: { name: 'service', domain: { id: 'default' } } },
    },
  })
})

test('a token is replaced a minute before it ends', async () => {
  cloud.expiresAt = '2026-01-01T01:00:00.000000Z'
  let now = Date.parse('2026-01-01T00:58:59Z')
  const session = open({}, { now: () => now })
  assert.equal(await session.token(), 'token-1')
  assert.equal(await session.token(), 'token-1')
  now += 1000
  cloud.expiresAt = '2026-01-01T02:00:00.000000Z'
  assert.deepEqual(await Promise.all([session.token(), session.token()]), ['token-2', 'token-2'])
  assert.equal(await session.token(), 'token-2')
})

test('a refused token is replaced once, for all whom it served', async () => {
  const client = open().service(network)
  await client.send('GET', '/v2.0/ports')
  cloud.revoked.add('token-1')
  const replies = await Promise.all([1, 2, 3].map(() => client.send('GET', '/v2.0/ports')))
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.equal(signIns().length, 2)
  cloud.revoked.add('token-2').add('token-3')
  assert.equal((await client.send('GET', '/v2.0/ports')).status, 401)
  assert.equal(signIns().length, 3)
})

test("a client's token is not ours to replace", async () => {
  const client = open().service(network)
  await client.send('GET', '/v2.0/ports')
  cloud.revoked.add('a-client')
  assert.equal((await client.as('a-client').send('GET', '/v2.0/ports')).status, 401)
  assert.equal(signIns().length, 1)
  assert.equal((await client.send('GET', '/v2.0/ports')).status, 200)
})

test('the first interface that the catalog has, in the region; a given address wins', async () => {
  cloud.interfaces = ['public', 'internal']
  const session = open({ region_name: 'RegionOne' })
  await session.service({ ...network, interfaces: ['admin', 'internalURL', 'public'] }).send('GET', '/v2.0/ports')
  await session.service({ ...network, interfaces: ['public', 'internal'] }).send('GET', '/v2.0/ports')
  await session.service({ type: 'compute', interfaces: ['public'] }).send('GET', '/servers')
  await session.service({ ...network, endpoint: `${cloud.url}/given/v2.0/` }).send('GET', '/v2.0/ports')
  assert.deepEqual(cloud.calls, [
    'GET /internal/v2.0/ports',
    'GET /v2.0/ports',
    'GET /compute/v2.1/servers',
    'GET /given/v2.0/ports',
  ])
  cloud.interfaces = ['public']
  session.forget()
  await session.service(network).send('GET', '/v2.0/networks')
  assert.equal(cloud.calls.at(-1), 'GET /v2.0/networks')
  const elsewhere = open({ region_name: 'RegionTwo' }).service(network)
  await assert.rejects(elsewhere.send('GET', '/v2.0/ports'), /internal or public endpoint for network service/)
})

test('what is said of a token', async () => {
  const session = open()
  const answer = (status: number, body: unknown) => cloud.replies.set('GET /identity/v3/auth/tokens', { status, body })
  await session.token()
  answer(200, {
    token: { expires_at: '2100-01-01T00:00:00Z', user: { id: 'u' }, project: { id: 'p' }, roles: [{ name: 'r' }] },
  })
  const { userId, projectId, roles, expiresAt } = (await session.validate('x')) as Exclude<
    Awaited<ReturnType<ServiceSession['validate']>>,
    string
  >
  assert.deepEqual([userId, projectId, roles, expiresAt], ['u', 'p', ['r'], '2100-01-01T00:00:00Z'])
  answer(404, {})
  assert.equal(await session.validate('x'), 'unknown')
  answer(401, {})
  assert.equal(await session.validate('x'), 'refused')
  answer(500, {})
  await assert.rejects(session.validate('x'), { name: 'IdentityError', message: /answered with 500/ })
})

test('a failed sign-in names user and status, no password, and is not remembered', async () => {
  const session = open({ password: 'not-to-be-told' })
  const failure = await session.token().catch((error: Error) => error)
  assert.ok(failure instanceof IdentityError)
  assert.equal(failure.message, 'sign-in of nova was answered with 401')
  assert.doesNotMatch(inspect(failure, { depth: null }), /not-to-be-told/)
  cloud.password = 'not-to-be-told'
  assert.equal(await session.token(), 'token-1')
  await assert.rejects(open({ auth_url: 'http://127.0.0.1:1' }).validate('x'), { name: 'IdentityError' })
})

test('a server that says nothing is given up', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const auth_url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  await assert.rejects(open({ auth_url }, { timeout: 50 }).token(), /no answer within 0.05 s/)
  silent.closeAllConnections()
  await new Promise((resolve) => silent.close(resolve))
})
