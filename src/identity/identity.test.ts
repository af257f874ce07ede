import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { createLogger } from '../base/log.js'
import { buildIdentityApp } from './app.js'
import { fillUrl } from './catalog.js'
import { openIdentityDatabase } from './database.js'
import { createIdentity, type Identity } from './identity.js'
import { applySeed, type Seed } from './seed.js'

const seed: Seed = {
  region: 'RegionOne',
  projects: [{ name: 'admin' }, { name: 'demo', description: 'Demo Project' }],
  roles: ['admin', 'member', 'reader', 'service'],
  users: [
    { name: 'admin', password: 'a-secret' },
    { name: 'demo', password: 'd-secret' },
  ],
  assignments: [
    { user: 'admin', project: 'admin', role: 'admin' },
    { user: 'demo', project: 'demo', role: 'member' },
  ],
  services: [
    {
      type: 'compute',
      name: 'nova',
      endpoints: { public: 'http://controller:8774/v2.1/%(tenant_id)s', internal: 'http://controller:8774/v2.1' },
    },
  ],
}

let identity: Identity
let app: FastifyInstance

before(async () => {
  identity = createIdentity(openIdentityDatabase('sqlite://'), { expirationSeconds: 3600 })
  await applySeed(identity, seed)
  app = buildIdentityApp(identity, { publicEndpoint: 'http://controller:5000', log: createLogger('test') })
})

const login = (name: string, password: string, scope: unknown = { project: { name, domain: { id: 'default' } } }) =>
  app.inject({
    method: 'POST',
    url: '/v3/auth/tokens',
    payload: {
      auth: {
        identity: { methods: ['password'], password: { user: { name, password, domain: { name: 'Default' } } } },
        scope,
      },
    },
  })
const tokenOf = async (name: string) => String((await login(name, `${name[0]}-secret`)).headers['x-subject-token'])
const call = async (token: string, method: InjectOptions['method'], url: string, payload?: object, headers = {}) =>
  app.inject({ method, url, ...(payload ? { payload } : {}), headers: { 'x-auth-token': token, ...headers } })

test('version documents are what discovery expects', async () => {
  const root = await app.inject('/')
  assert.equal(root.statusCode, 300)
  assert.deepEqual(root.json().versions.values[0].links, [{ rel: 'self', href: 'http://controller:5000/v3/' }])
  assert.equal((await app.inject('/v3/')).json().version.status, 'stable')
})

test('a seed run twice changes nothing', async () => {
  const dump = () =>
    ['project', 'user', 'role', 'assignment', 'service', 'endpoint', 'implied_role'].map((table) =>
      identity.database.all(`SELECT * FROM ${table}`),
    )
  const first = dump()
  await applySeed(identity, seed)
  assert.deepEqual(dump(), first)
})

test('a project token carries project, implied roles and the catalog', async () => {
  const { token } = (await login('demo', 'd-secret')).json()
  assert.equal(token.project.name, 'demo')
  assert.deepEqual(
    token.roles.map((role: { name: string }) => role.name),
    ['member', 'reader'],
  )
  const endpoints = token.catalog[0].endpoints
  assert.deepEqual(
    endpoints.map((endpoint: { interface: string }) => endpoint.interface),
    ['internal', 'public'],
  )
  assert.equal(endpoints[1].url, `http://controller:8774/v2.1/${token.project.id}`)
  assert.match(token.project.id, /^[0-9a-f]{32}$/)
  assert.match(token.expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  const unscoped = (await login('demo', 'd-secret', 'unscoped')).json().token
  assert.deepEqual([unscoped.project, unscoped.roles, unscoped.catalog], [undefined, undefined, undefined])
})

test('wrong password, unknown user and a project without role are all the same 401', async () => {
  const answers = await Promise.all([
    login('demo', 'wrong'),
    login('nobody', 'x'),
    login('demo', 'd-secret', { project: { name: 'admin', domain: { id: 'default' } } }),
  ])
  assert.deepEqual(
    answers.map((answer) => answer.statusCode),
    [401, 401, 401],
  )
  assert.equal(new Set(answers.map((answer) => answer.body)).size, 1)
  assert.match(String(answers[0]!.headers['www-authenticate']), /^Keystone uri=/)
})

test('an admin validates and revokes tokens; a member only their own', async () => {
  const [admin, demo] = [await tokenOf('admin'), await tokenOf('demo')]
  const about = { 'x-subject-token': demo }
  assert.equal((await call(admin, 'GET', '/v3/auth/tokens', undefined, about)).json().token.user.name, 'demo')
  assert.equal((await call(demo, 'HEAD', '/v3/auth/tokens', undefined, about)).statusCode, 200)
  assert.equal((await call(demo, 'GET', '/v3/auth/tokens', undefined, { 'x-subject-token': admin })).statusCode, 403)
  assert.equal((await call(demo, 'DELETE', '/v3/auth/tokens', undefined, about)).statusCode, 204)
  assert.equal((await call(admin, 'GET', '/v3/auth/tokens', undefined, about)).statusCode, 404)
  assert.equal((await call(demo, 'GET', '/v3/auth/projects')).statusCode, 401)
})

test('a token gets a token for another scope, of the same life and chain', async () => {
  const first = await login('demo', 'd-secret', 'unscoped')
  const auth = {
    identity: { methods: ['token'], token: { id: first.headers['x-subject-token'] } },
    scope: { project: { name: 'demo', domain: { id: 'default' } } },
  }
  const second = (await app.inject({ method: 'POST', url: '/v3/auth/tokens', payload: { auth } })).json().token
  assert.deepEqual(second.methods, ['password', 'token'])
  assert.equal(second.expires_at, first.json().token.expires_at)
  assert.equal(second.audit_ids[1], first.json().token.audit_ids[0])
})

test('members see themselves and their project, not the rest', async () => {
  const [admin, demo] = [await tokenOf('admin'), await tokenOf('demo')]
  const projects = (await call(admin, 'GET', '/v3/projects?name=demo')).json().projects
  assert.deepEqual(
    projects.map((project: { description: string }) => project.description),
    ['Demo Project'],
  )
  assert.equal((await call(demo, 'GET', `/v3/projects/${projects[0].id}`)).statusCode, 200)
  const other = (await call(admin, 'GET', '/v3/projects?name=admin')).json().projects[0].id
  for (const url of ['/v3/projects', '/v3/users', `/v3/projects/${other}`, '/v3/roles']) {
    const answer = await call(demo, 'GET', url)
    assert.equal(answer.statusCode, 403, url)
    assert.equal(answer.json().error.title, 'Forbidden')
  }
})

test('users, roles and assignments come and go; a password change ends tokens', async () => {
  const admin = await tokenOf('admin')
  const user = (
    await call(admin, 'POST', '/v3/users', { user: { name: 'ann', password: 'a-secret', email: 'ann@example.org' } })
  ).json().user
  assert.equal(user.email, 'ann@example.org')
  assert.equal(user.password, undefined)
  const project = (await call(admin, 'POST', '/v3/projects', { project: { name: 'ann' } })).json().project.id
  assert.equal((await call(admin, 'POST', '/v3/projects', { project: { name: 'ann' } })).statusCode, 409)
  const role = (await call(admin, 'GET', '/v3/roles?name=member')).json().roles[0].id
  const grant = `/v3/projects/${project}/users/${user.id}/roles/${role}`
  assert.equal((await login('ann', 'a-secret')).statusCode, 401)
  assert.equal((await call(admin, 'HEAD', grant)).statusCode, 404)
  assert.equal((await call(admin, 'PUT', grant, undefined, { 'content-type': 'application/json' })).statusCode, 204)
  assert.equal((await call(admin, 'HEAD', grant)).statusCode, 204)
  const listed = (await call(admin, 'GET', `/v3/role_assignments?user.id=${user.id}&include_names`)).json()
    .role_assignments
  assert.deepEqual([listed.length, listed[0].role.name, listed[0].scope.project.name], [1, 'member', 'ann'])
  const token = await tokenOf('ann')
  const changed = await app.inject({
    method: 'POST',
    url: `/v3/users/${user.id}/password`,
    payload: { user: { original_password: 'a-secret', password: 'b-secret' } },
  })
  assert.equal(changed.statusCode, 204)
  assert.equal((await call(token, 'GET', '/v3/auth/projects')).statusCode, 401)
  assert.equal((await login('ann', 'a-secret')).statusCode, 401)
  assert.equal((await login('ann', 'b-secret')).statusCode, 201)
  assert.equal((await call(admin, 'DELETE', grant)).statusCode, 204)
  assert.equal((await login('ann', 'b-secret')).statusCode, 401)
  assert.equal((await call(admin, 'DELETE', `/v3/users/${user.id}`)).statusCode, 204)
})

test('endpoint URLs are filled in', () => {
  const subject = { projectId: 'p', userId: 'u' }
  assert.equal(fillUrl('http://h/%(tenant_id)s/$(project_id)s/%(user_id)s', subject), 'http://h/p/p/u')
})

test('lists are filtered by parts of names, with and without regard to case', async () => {
  const token = await tokenOf('admin')
  const namesBy = async (query: string) =>
    (await call(token, 'GET', `/v3/projects?${query}`)).json().projects.map(({ name }: { name: string }) => name)
  assert.deepEqual(await namesBy('name__contains=dmi'), ['admin'])
  assert.deepEqual(await namesBy('name__contains=DMI'), [])
  assert.deepEqual(await namesBy('name__icontains=DMI'), ['admin'])
  assert.deepEqual(await namesBy('name__startswith=de'), ['demo'])
  assert.deepEqual(await namesBy('name__startswith=mo'), [])
  assert.deepEqual(await namesBy('name__iendswith=MO'), ['demo'])
  assert.ok((await namesBy('name__soundslike=x')).includes('demo'), 'an unknown filter is none')
})

test('projects have tags, all at once and one by one, and lists can ask for them', async () => {
  const token = await tokenOf('admin')
  const made = await call(token, 'POST', '/v3/projects', { project: { name: 'tagged', tags: ['blue', 'red', 'blue'] } })
  assert.deepEqual(made.json().project.tags, ['blue', 'red'])
  const path = `/v3/projects/${made.json().project.id}`
  const found = async (query: string) =>
    (await call(token, 'GET', `/v3/projects?${query}`))
      .json()
      .projects.map(({ name }: { name: string }) => name)
      .sort()
  assert.deepEqual(await found('tags=blue,red'), ['tagged'])
  assert.deepEqual(await found('tags=blue,green'), [])
  assert.deepEqual(await found('tags-any=blue,green'), ['tagged'])
  assert.deepEqual(await found('not-tags=blue,green'), ['admin', 'ann', 'demo', 'tagged'])
  assert.deepEqual(await found('not-tags-any=blue,green'), ['admin', 'ann', 'demo'])

  assert.equal((await call(token, 'PUT', `${path}/tags/green`)).statusCode, 201)
  assert.equal((await call(token, 'DELETE', `${path}/tags/red`)).statusCode, 204)
  assert.equal((await call(token, 'DELETE', `${path}/tags/red`)).statusCode, 404)
  assert.equal((await call(token, 'GET', `${path}/tags/green`)).statusCode, 204)
  assert.deepEqual((await call(token, 'PATCH', path, { project: { description: 'x' } })).json().project.tags, [
    'blue',
    'green',
  ])
  assert.equal((await call(token, 'PUT', `${path}/tags`, { tags: ['a/b'] })).statusCode, 400)
  assert.deepEqual((await call(token, 'PUT', `${path}/tags`, { tags: ['one'] })).json().tags, ['one'])
  assert.equal((await call(token, 'DELETE', `${path}/tags`)).statusCode, 204)
  assert.deepEqual((await call(token, 'GET', `${path}/tags`)).json().tags, [])
  const demo = await tokenOf('demo')
  assert.equal((await call(demo, 'PUT', `${path}/tags/mine`)).statusCode, 403)
  await call(token, 'DELETE', path)
})

test('what is not offered is refused, not ignored', async () => {
  const token = await tokenOf('admin')
  const domain = await call(token, 'POST', '/v3/projects', { project: { name: 'domain', is_domain: true } })
  assert.equal(domain.statusCode, 400)
  assert.match(domain.json().error.message, /is_domain/)
})

test('a role of a domain is its own, and means what it implies', async () => {
  const token = await tokenOf('admin')
  const make = (role: object) => call(token, 'POST', '/v3/roles', { role })
  const local = (await make({ name: 'reader', domain_id: 'default' })).json().role
  assert.equal((await make({ name: 'reader' })).statusCode, 409)
  assert.equal((await make({ name: 'reader', domain_id: 'default' })).statusCode, 409)
  const ids = async (query = '') =>
    (await call(token, 'GET', `/v3/roles${query}`)).json().roles.map(({ id }: { id: string }) => id)
  assert.deepEqual(await ids('?domain_id=default'), [local.id])
  assert.equal((await ids()).includes(local.id), false)

  const user = (await call(token, 'POST', '/v3/users', { user: { name: 'localuser', password: 'l-secret' } })).json()
    .user
  const project = (await call(token, 'GET', '/v3/projects?name=demo')).json().projects[0]
  const grant = `/v3/projects/${project.id}/users/${user.id}/roles/${local.id}`
  assert.equal((await call(token, 'PUT', grant)).statusCode, 204)
  const scope = { project: { id: project.id } }
  assert.equal((await login('localuser', 'l-secret', scope)).statusCode, 401, 'of itself it opens nothing')
  const member = identity.resources.rowByName('role', 'member')!
  assert.equal((await call(token, 'PUT', `/v3/roles/${local.id}/implies/${member.id}`)).statusCode, 201)
  const roles = (await login('localuser', 'l-secret', scope))
    .json()
    .token.roles.map(({ name }: { name: string }) => name)
  assert.deepEqual(roles, ['member', 'reader'])
  await call(token, 'DELETE', `/v3/users/${user.id}`)
  await call(token, 'DELETE', `/v3/roles/${local.id}`)
})

test('a database in which names of roles were unique among all domains keeps its assignments', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'identity-')), 'keystone.sqlite')
  const connection = `sqlite:///${path}`
  const before = createIdentity(openIdentityDatabase(connection), { expirationSeconds: 3600 })
  await applySeed(before, seed)
  before.database.exec(`PRAGMA foreign_keys = OFF; DROP INDEX role_name;
    CREATE TABLE old (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT, domain_id TEXT, extra TEXT NOT NULL DEFAULT '{}');
    INSERT INTO old SELECT * FROM role; DROP TABLE role; ALTER TABLE old RENAME TO role`)
  before.database.close()

  const database = openIdentityDatabase(connection)
  const { resources, assignments } = createIdentity(database, { expirationSeconds: 3600 })
  const [user, project] = [
    resources.rowByName('user', 'demo', 'default')!,
    resources.rowByName('project', 'demo', 'default')!,
  ]
  assert.ok(assignments.effective(user.id, 'project', project.id).some(({ name }) => name === 'member'))
  resources.create('role', { name: 'member', domain_id: 'default' })
  assert.deepEqual(database.all('PRAGMA foreign_key_check'), [])
  database.close()
})
