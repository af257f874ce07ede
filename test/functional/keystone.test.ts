import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Session } from '../../src/client/session.js'
import { createSession } from '../../src/client/session.js'
import { FakeNova } from '../../src/core/notifier/nova.fake.js'
import { until } from '../../src/lab/proof/until.js'
import { DebianKeystone, keystoneIsInstalled } from '../../src/lab/services/keystone.js'
import { freePort } from '../../src/lab/services/place.js'
import { SKIP } from '../lib/lab.js'

const skip = SKIP || (keystoneIsInstalled() ? false : 'needs Debian’s python3-keystone')
const SERVER = resolve(import.meta.dirname, '../../dist/processes/neutron-server.js')

/** neutron-server as it is installed, and Debian's Keystone as its identity service. */
describe('a real Keystone', { skip }, () => {
  let keystone: DebianKeystone
  let directory: string
  let server: ChildProcess
  let base: string
  let admin: Session
  const nova = new FakeNova()
  const sessions: Session[] = []
  const ids: Record<string, string> = {}

  const signIn = (username: string, password: string, projectName: string) => {
    const session = createSession({
      authUrl: keystone.url,
      username,
      password,
      projectName,
      userDomainName: 'Default',
      projectDomainName: 'Default',
    })
    sessions.push(session)
    return session
  }
  const create = async (path: string, name: string, body: object): Promise<string> => {
    const made = await admin.identity.post<Record<string, { id: string }>>(`/v3/${path}`, { [name]: body })
    return made[name]!.id
  }
  const grant = (project: string, user: string, role: string) =>
    admin.identity.put(`/v3/projects/${project}/users/${user}/roles/${ids[role]}`, undefined)
  const ask = (token: string, method = 'GET', body?: object) =>
    fetch(`${base}/v2.0/networks`, {
      method,
      headers: { 'X-Auth-Token': token, 'Content-Type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'neutron-test-'))
    keystone = await DebianKeystone.start()
    await nova.start()
    const [port, busPort] = [await freePort(), await freePort()]
    base = `http://127.0.0.1:${port}`
    admin = signIn('admin', keystone.password, 'admin')
    const { roles } = await admin.identity.get<{ roles: { id: string; name: string }[] }>('/v3/roles')
    for (const { id, name } of roles) ids[name] = id
    ids.service = await create('roles', 'role', { name: 'service' })
    for (const name of ['service', 'demo']) ids[`project ${name}`] = await create('projects', 'project', { name })
    for (const name of ['neutron', 'nova', 'member', 'reader'])
      ids[`user ${name}`] = await create('users', 'user', { name, password: `${name}-secret` })
    // validates tokens with the role `service` alone, as operators set it up today
    await grant(ids['project service']!, ids['user neutron']!, 'service')
    await grant(ids['project service']!, ids['user nova']!, 'service')
    await grant(ids['project demo']!, ids['user member']!, 'member')
    await grant(ids['project demo']!, ids['user reader']!, 'reader')
    const service = await create('services', 'service', { type: 'network', name: 'neutron' })
    await create('endpoints', 'endpoint', { service_id: service, interface: 'public', url: base })
    const compute = await create('services', 'service', { type: 'compute', name: 'nova' })
    for (const region of ['RegionOne', 'RegionTwo']) {
      // bootstrap made the first
      if (region !== 'RegionOne') await create('regions', 'region', { id: region })
      for (const kind of ['public', 'internal']) {
        const url = `${nova.url}/${region}/${kind}/v2.1`
        await create('endpoints', 'endpoint', { service_id: compute, interface: kind, region_id: region, url })
      }
    }
    writeFileSync(
      join(directory, 'neutron.conf'),
      `[DEFAULT]
bind_host = 127.0.0.1
bind_port = ${port}
transport_url = stream://neutron:secret@127.0.0.1:${busPort}/
[database]
connection = sqlite:///${directory}/neutron.sqlite
[ml2]
type_drivers = vxlan
tenant_network_types = vxlan
[ml2_type_vxlan]
vni_ranges = 1:100
[keystone_authtoken]
auth_url = ${keystone.url}
username = neutron
password = neutron-secret
project_name = service
token_cache_time = 1
[nova]
auth_url = ${keystone.url}
username = nova
password = nova-secret
project_name = service
region_name = RegionTwo
endpoint_type = internal
`,
    )
    server = spawn(process.execPath, [SERVER, '--config-file', join(directory, 'neutron.conf')], { stdio: 'ignore' })
    await until('neutron-server answers', async () => (await fetch(base).catch(() => null))?.ok === true, 30_000)
  })
  after(async () => {
    for (const session of sessions) session.close()
    if (server) {
      const ended = new Promise((done) => server.once('exit', done))
      server.kill()
      await ended
    }
    await keystone?.stop()
    await nova.stop()
    rmSync(directory, { recursive: true })
  })

  it('says who asks, in which project, with which roles', async () => {
    const member = signIn('member', 'member-secret', 'demo')
    const network = await member.network.create('networks', { name: 'own' })
    assert.equal(network.project_id, ids['project demo'])
    const reader = signIn('reader', 'reader-secret', 'demo')
    assert.equal((await reader.network.get<{ networks: unknown[] }>('/v2.0/networks')).networks.length, 1)
    await assert.rejects(reader.network.create('networks', { name: 'no' }), { status: 403 })
    await assert.rejects(member.network.create('networks', { shared: true }), { status: 403 })
    // one that signs in now has the endpoint in its catalog
    const operator = signIn('admin', keystone.password, 'admin')
    assert.equal((await operator.network.create('networks', { shared: true })).shared, true)
  })

  it('leads to nova in the region and by the interface of [nova], with a token of its user', async () => {
    const tokens: string[] = []
    nova.knows = (token) => tokens.push(token) > 0
    const operator = signIn('admin', keystone.password, 'admin')
    const network = await operator.network.create('networks', { name: 'of-an-instance' })
    const device_id = randomUUID()
    const owner = { device_owner: 'compute:nova', device_id }
    const port = await operator.network.create('ports', { network_id: network.id, ...owner })
    await operator.network.delete(`/v2.0/ports/${port.id}`)
    const [event] = await nova.events(1)
    assert.deepEqual(event, { name: 'network-vif-deleted', server_uuid: device_id, tag: port.id })
    assert.deepEqual(nova.paths, ['/RegionTwo/internal/v2.1/os-server-external-events'])
    const { id: own } = await operator.token()
    const headers = { 'X-Auth-Token': own, 'X-Subject-Token': tokens[0]! }
    const shown = await fetch(`${keystone.url}/auth/tokens`, { headers })
    const { token } = (await shown.json()) as { token: { user: { name: string }; roles: { name: string }[] } }
    assert.equal(token.user.name, 'nova')
    assert.ok(token.roles.some(({ name }) => name === 'service'))
  })

  it('gives application credentials no more than their roles', async () => {
    const member = await signIn('member', 'member-secret', 'demo').token()
    const made = await fetch(`${keystone.url}/users/${ids['user member']}/application_credentials`, {
      method: 'POST',
      headers: { 'X-Auth-Token': member.id, 'Content-Type': 'application/json' },
      body: JSON.stringify({ application_credential: { name: 'robot', roles: [{ name: 'reader' }] } }),
    })
    const { application_credential: robot } = (await made.json()) as {
      application_credential: { id: string; secret: string }
    }
    const wanted = { id: robot.id, secret: robot.secret }
    const identity = { methods: ['application_credential'], application_credential: wanted }
    const signedIn = await fetch(`${keystone.url}/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ auth: { identity } }),
    })
    const token = signedIn.headers.get('x-subject-token')!
    assert.equal((await ask(token)).status, 200)
    assert.equal((await ask(token, 'POST', { network: {} })).status, 403)
  })

  it('a revoked token is refused as soon as it is asked for again, and so is one it never made', async () => {
    const { id } = await signIn('member', 'member-secret', 'demo').token()
    assert.equal((await ask(id)).status, 200)
    const headers = { 'X-Auth-Token': id, 'X-Subject-Token': id }
    assert.equal((await fetch(`${keystone.url}/auth/tokens`, { method: 'DELETE', headers })).status, 204)
    await until('the token is refused', async () => (await ask(id)).status === 401, 10_000)
    const refused = await ask('gAAAAAB-no-such-token')
    assert.equal(refused.status, 401)
    assert.equal(refused.headers.get('www-authenticate'), `Keystone uri="${keystone.url}"`)
  })
})
