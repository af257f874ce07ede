import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { createLogger } from '../base/log.js'
import { buildIdentityApp } from './app.js'
import { authenticate } from './authenticate.js'
import { openIdentityDatabase } from './database.js'
import { createIdentity, type Identity } from './identity.js'
import { applySeed } from './seed.js'
import { openSession } from './sessions.js'

const CHEAP = { N: 4096, r: 8, p: 1 }
const PASSWORD = 'p-secret'

let identity: Identity
let app: FastifyInstance
let admin: string
let ids: Record<'user' | 'project' | 'other' | 'member' | 'reader' | 'admin', string>

const byPassword = (name: string, password: string, project: string | null) => ({
  auth: {
    identity: { methods: ['password'], password: { user: { name, password, domain: { id: 'default' } } } },
    ...(project === null ? {} : { scope: { project: { name: project, domain: { id: 'default' } } } }),
  },
})
const byCredential = (application_credential: object, scope?: object) => ({
  auth: { identity: { methods: ['application_credential'], application_credential }, ...(scope ? { scope } : {}) },
})
const signIn = (payload: object) => app.inject({ method: 'POST', url: '/v3/auth/tokens', payload })
const tokenOf = async (payload: object) => String((await signIn(payload)).headers['x-subject-token'])
const call = async (token: string, method: InjectOptions['method'], url: string, payload?: object) => {
  const answer = await app.inject({
    method,
    url,
    ...(payload ? { payload } : {}),
    headers: { 'x-auth-token': token },
  })
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() }
}
const roleNames = (roles: { name: string }[]) => roles.map(({ name }) => name)

before(async () => {
  const options = { expirationSeconds: 3600, cost: CHEAP, lockout: { attempts: 3, milliseconds: 60_000 } }
  identity = createIdentity(openIdentityDatabase('sqlite://'), options)
  await applySeed(identity, {
    projects: [{ name: 'admin' }, { name: 'demo' }, { name: 'other' }],
    roles: ['admin', 'member', 'reader'],
    users: [
      { name: 'admin', password: PASSWORD },
      { name: 'ann', password: PASSWORD },
      { name: 'bob', password: PASSWORD },
    ],
    assignments: [
      { user: 'admin', project: 'admin', role: 'admin' },
      { user: 'ann', project: 'demo', role: 'member' },
      { user: 'ann', project: 'other', role: 'reader' },
    ],
  })
  app = buildIdentityApp(identity, { publicEndpoint: null, log: createLogger('test') })
  admin = await tokenOf(byPassword('admin', PASSWORD, 'admin'))
  const idOf = (kind: 'user' | 'project' | 'role', name: string) =>
    identity.resources.list(kind).find((one) => one.name === name)!.id
  ids = {
    user: idOf('user', 'ann'),
    project: idOf('project', 'demo'),
    other: idOf('project', 'other'),
    member: idOf('role', 'member'),
    reader: idOf('role', 'reader'),
    admin: idOf('role', 'admin'),
  }
})

describe('application credentials', () => {
  const url = () => `/v3/users/${ids.user}/application_credentials`
  const make = async (body: object) => {
    const token = await tokenOf(byPassword('ann', PASSWORD, 'demo'))
    return call(token, 'POST', url(), { application_credential: body })
  }

  it('sign in to their project, with their roles, by id or by name', async () => {
    const { status, body } = await make({ name: 'robot', roles: [{ name: 'reader' }], description: 'for CI' })
    const { id, secret, project_id, unrestricted } = body.application_credential
    assert.deepEqual([status, project_id, unrestricted], [201, ids.project, false])
    assert.ok(secret.length >= 80)
    const named = { name: 'robot', secret, user: { name: 'ann', domain: { id: 'default' } } }
    for (const wanted of [{ id, secret }, named]) {
      const answer = await signIn(byCredential(wanted))
      assert.equal(answer.statusCode, 201)
      const { token } = answer.json()
      assert.deepEqual(
        [token.methods, token.project.id, roleNames(token.roles), token.application_credential],
        [['application_credential'], ids.project, ['reader'], { id, name: 'robot', restricted: true }],
      )
    }
    const shown = (await call(await tokenOf(byCredential({ id, secret })), 'GET', `${url()}/${id}`)).body
    assert.equal(shown.application_credential.secret, undefined)
    for (const wrong of [
      { id, secret: 'x' },
      { id: 'none', secret },
      { ...named, secret: 'x' },
    ])
      assert.equal((await signIn(byCredential(wrong))).statusCode, 401)
    const elsewhere = { project: { id: ids.other } }
    assert.equal((await signIn(byCredential({ id, secret }, elsewhere))).statusCode, 401)
    const rescope = (token: string) => ({
      auth: { identity: { methods: ['token'], token: { id: token } }, scope: elsewhere },
    })
    assert.equal((await signIn(rescope(await tokenOf(byCredential({ id, secret }))))).statusCode, 401)
    assert.equal((await make({ name: 'robot' })).status, 409)
  })

  it('make no others unless they are unrestricted, and give no role the user has not', async () => {
    const open = (await make({ name: 'open', unrestricted: true })).body.application_credential
    const shut = (await make({ name: 'shut', secret: 'my own secret' })).body.application_credential
    assert.equal(shut.secret, 'my own secret')
    const [by, by2] = [await tokenOf(byCredential(open)), await tokenOf(byCredential(shut))]
    assert.equal((await call(by2, 'POST', url(), { application_credential: { name: 'third' } })).status, 403)
    assert.equal((await call(by2, 'DELETE', `${url()}/${open.id}`)).status, 403)
    assert.equal((await call(by, 'POST', url(), { application_credential: { name: 'third' } })).status, 201)
    assert.equal((await make({ name: 'fourth', roles: [{ id: ids.admin }] })).status, 400)
    assert.equal((await call(admin, 'POST', url(), { application_credential: { name: 'for ann' } })).status, 403)
    assert.equal((await make({ name: 'old', expires_at: '2020-01-01T00:00:00' })).status, 400)
  })

  it('end with their role, their time or their deletion', async () => {
    const { id, secret } = (await make({ name: 'brief' })).body.application_credential
    const token = await tokenOf(byCredential({ id, secret }))
    const grant = `/v3/projects/${ids.project}/users/${ids.user}/roles/${ids.member}`
    assert.equal((await call(admin, 'DELETE', grant)).status, 204)
    assert.equal((await call(token, 'GET', '/v3/auth/projects')).status, 401)
    assert.equal((await call(admin, 'PUT', grant)).status, 204)
    assert.equal((await call(token, 'GET', '/v3/auth/projects')).status, 200)
    assert.equal((await call(admin, 'DELETE', `${url()}/${id}`)).status, 204)
    assert.equal((await call(token, 'GET', '/v3/auth/projects')).status, 401)
    assert.equal((await signIn(byCredential({ id, secret }))).statusCode, 401)

    const soon = new Date(Date.now() + 60_000).toISOString().replace('Z', '')
    const timed = (await make({ name: 'timed', expires_at: soon })).body.application_credential
    const issued = await authenticate(identity, byCredential({ id: timed.id, secret: timed.secret }))
    assert.equal(issued.session.claims.expires, Date.parse(`${soon}Z`), 'a token does not outlive its credential')
    assert.throws(() => openSession(identity, issued.token, Date.now() + 61_000), { code: 401 })
    await assert.rejects(authenticate(identity, byCredential(timed), Date.now() + 61_000), { code: 401 })
  })
})

describe('groups and implied roles', () => {
  it('a member of a group has its roles, as long as it is one', async () => {
    const { id } = (await call(admin, 'POST', '/v3/groups', { group: { name: 'ops' } })).body.group
    const bob = identity.resources.list('user').find(({ name }) => name === 'bob')!.id
    const place = `/v3/projects/${ids.project}/groups/${id}/roles/${ids.member}`
    assert.equal((await call(admin, 'PUT', place)).status, 204)
    assert.equal((await signIn(byPassword('bob', PASSWORD, 'demo'))).statusCode, 401)
    assert.equal((await call(admin, 'PUT', `/v3/groups/${id}/users/${bob}`)).status, 204)
    const token = await tokenOf(byPassword('bob', PASSWORD, 'demo'))
    assert.deepEqual(
      (await call(token, 'GET', '/v3/auth/projects')).body.projects.map(({ name }: { name: string }) => name),
      ['demo'],
    )
    const rows = async (query: string) =>
      (await call(admin, 'GET', `/v3/role_assignments?${query}&include_names`)).body.role_assignments
    assert.deepEqual(
      (await rows(`group.id=${id}`)).map((row: { group: { name: string } }) => row.group.name),
      ['ops'],
    )
    assert.deepEqual(
      (await rows(`user.id=${bob}&effective`)).map((row: { role: { name: string } }) => row.role.name),
      ['member', 'reader'],
    )
    assert.equal((await call(admin, 'HEAD', `/v3/groups/${id}/users/${bob}`)).status, 204)
    assert.equal((await call(admin, 'DELETE', `/v3/groups/${id}/users/${bob}`)).status, 204)
    assert.equal((await call(token, 'GET', '/v3/auth/projects')).status, 401)
    assert.equal((await call(admin, 'DELETE', `/v3/groups/${id}`)).status, 204)
  })

  it('a role that is implied is in the token from then on', async () => {
    const { id } = (await call(admin, 'POST', '/v3/roles', { role: { name: 'auditor' } })).body.role
    const rule = `/v3/roles/${ids.reader}/implies/${id}`
    const roles = async () => roleNames((await signIn(byPassword('ann', PASSWORD, 'other'))).json().token.roles)
    assert.deepEqual(await roles(), ['reader'])
    assert.equal((await call(admin, 'PUT', rule)).status, 201)
    assert.deepEqual(await roles(), ['auditor', 'reader'])
    assert.equal((await call(admin, 'GET', `/v3/roles/${ids.reader}/implies`)).body.role_inference.implies[0].id, id)
    assert.equal((await call(admin, 'DELETE', rule)).status, 204)
    assert.equal((await call(admin, 'GET', rule)).status, 404)
    assert.deepEqual(await roles(), ['reader'])
  })
})

describe('passwords and tokens', () => {
  it('after three wrong passwords even the right one is refused, for a while', async () => {
    const now = Date.now()
    const attempt = (password: string, at: number) => authenticate(identity, byPassword('bob', password, null), at)
    for (let i = 0; i < 2; i++) await assert.rejects(attempt('wrong', now), { code: 401 })
    await attempt(PASSWORD, now)
    for (let i = 0; i < 3; i++) await assert.rejects(attempt('wrong', now), { code: 401 })
    await assert.rejects(attempt(PASSWORD, now + 59_000), { code: 401 })
    await attempt(PASSWORD, now + 61_000)
  })

  it('a user that was disabled has no token left, even when it is enabled again', async () => {
    const token = await tokenOf(byPassword('ann', PASSWORD, 'demo'))
    for (const enabled of [false, true]) {
      await call(admin, 'PATCH', `/v3/users/${ids.user}`, { user: { enabled } })
      assert.equal((await call(token, 'GET', '/v3/auth/projects')).status, 401)
    }
    await new Promise((done) => setTimeout(done, 3))
    assert.equal((await signIn(byPassword('ann', PASSWORD, 'demo'))).statusCode, 201)
  })

  it('a token expires', async () => {
    const { token } = await authenticate(identity, byPassword('ann', PASSWORD, 'demo'))
    assert.equal(openSession(identity, token, Date.now() + 3_599_000).user.name, 'ann')
    assert.throws(() => openSession(identity, token, Date.now() + 3_601_000), { code: 401 })
  })

  it('a hash of another cost is renewed when the password is used', async () => {
    const hashOf = () => String(identity.resources.row('user', ids.user)!.password_hash)
    assert.match(hashOf(), /^scrypt\$4096\$8\$1\$/)
    const dearer = createIdentity(identity.database, { expirationSeconds: 60, cost: { N: 8192, r: 8, p: 1 } })
    await authenticate(dearer, byPassword('ann', PASSWORD, 'demo'))
    assert.match(hashOf(), /^scrypt\$8192\$8\$1\$/)
    await assert.rejects(authenticate(dearer, byPassword('ann', 'wrong', 'demo')), { code: 401 })
    await authenticate(dearer, byPassword('ann', PASSWORD, 'demo'))
  })
})
