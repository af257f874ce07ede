import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { pino } from 'pino'
import { fakeApp } from '../app.fake.js'
import { KeystoneAuthenticator } from './keystone.js'

/** A Keystone that knows two users; its service tokens can be made void. */
class FakeKeystone {
  readonly server = createServer((request, response) => this.#answer(request, response))
  signIns = 0
  validations = 0
  connections = 0
  #round = 0

  constructor() {
    this.server.on('connection', () => this.connections++)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  voidServiceTokens(): void {
    this.#round++
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    if (request.method === 'POST') this.#signIn(response)
    else this.#validate(request, response)
  }

  #validate(request: IncomingMessage, response: ServerResponse): void {
    this.validations++
    if (request.headers['x-auth-token'] !== `service-${this.#round}`) return void response.writeHead(401).end()
    const user = /^(demo|admin)$/.exec(String(request.headers['x-subject-token']))?.[1]
    if (!user) return void response.writeHead(404).end('{"error":{}}')
    response.end(JSON.stringify(token(user, user === 'admin' ? 'admin' : 'member')))
  }

  #signIn(response: ServerResponse): void {
    this.signIns++
    response
      .writeHead(201, { 'x-subject-token': `service-${this.#round}` })
      .end(JSON.stringify(token('neutron', 'service')))
  }
}

const token = (user: string, role: string) => ({
  token: {
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    user: { id: user },
    project: { id: `${user}-project` },
    roles: [{ name: role }],
  },
})

describe('tokens', () => {
  let keystone: FakeKeystone
  const authenticators: KeystoneAuthenticator[] = []
  const make = (authUrl = keystone.url, now?: () => number, log = pino({ level: 'silent' })) => {
    const user = {
      auth_url: authUrl,
      username: 'neutron',
      password: 'secret',
      project_name: 'service',
      user_domain_name: 'Default',
      user_domain_id: null,
      project_domain_name: 'Default',
      project_domain_id: 'default',
      region_name: null,
    }
    const options = { user, authUri: 'http://controller:5000' }
    const made = new KeystoneAuthenticator(options, log, now)
    authenticators.push(made)
    return made
  }

  before(async () => {
    keystone = new FakeKeystone()
    await new Promise<void>((resolve) => keystone.server.listen(0, '127.0.0.1', resolve))
  })
  beforeEach(() => {
    keystone.signIns = keystone.validations = keystone.connections = 0
  })
  after(async () => {
    for (const authenticator of authenticators) authenticator.close()
    await new Promise((resolve) => keystone.server.close(resolve))
  })

  it('says who a token belongs to, asks once, over one connection', async () => {
    const auth = make(`${keystone.url}/v3/`)
    const demo = { 'x-auth-token': 'demo' }
    const [first, again] = await Promise.all([auth.authenticate(demo), auth.authenticate(demo)])
    assert.deepEqual(first, { userId: 'demo', projectId: 'demo-project', roles: ['member'] })
    assert.deepEqual(again, first)
    await auth.authenticate({ 'x-auth-token': 'admin' })
    assert.deepEqual([keystone.signIns, keystone.validations, keystone.connections], [1, 2, 1])
  })

  it('asks again after five minutes', async () => {
    let now = Date.now()
    const auth = make(keystone.url, () => now)
    await auth.authenticate({ 'x-auth-token': 'demo' })
    now += 299_000
    await auth.authenticate({ 'x-auth-token': 'demo' })
    assert.equal(keystone.validations, 1)
    now += 2_000
    await auth.authenticate({ 'x-auth-token': 'demo' })
    assert.equal(keystone.validations, 2)
  })

  it('renews its own token when that is refused', async () => {
    const auth = make()
    await auth.authenticate({ 'x-auth-token': 'demo' })
    keystone.voidServiceTokens()
    assert.equal((await auth.authenticate({ 'x-auth-token': 'admin' })).userId, 'admin')
    assert.equal(keystone.signIns, 2)
  })

  it('401 with the place to sign in; 503 when nobody can be asked', async () => {
    const { ask } = fakeApp({ auth: make() })
    const refused: Record<string, string>[] = [{}, { 'x-auth-token': 'forged' }]
    for (const headers of refused) {
      const reply = await ask('GET', '/v2.0/networks', undefined, headers)
      assert.deepEqual(
        [reply.status, reply.headers['www-authenticate']],
        [401, 'Keystone uri="http://controller:5000"'],
      )
    }
    assert.equal((await ask('GET', '/v2.0/nonsense', undefined, {})).status, 401)
    assert.equal((await ask('GET', '/', undefined, {})).status, 200)
    assert.equal((await ask('GET', '/v2.0/networks', undefined, { 'x-auth-token': 'demo' })).status, 200)
    const nobody = fakeApp({ auth: make('http://127.0.0.1:1') })
    const reply = await nobody.ask('GET', '/v2.0/networks', undefined, { 'x-auth-token': 'demo' })
    assert.deepEqual([reply.status, reply.body.NeutronError.type], [503, 'HTTPServiceUnavailable'])
  })

  it('a failed sign-in is logged once, for all who waited, without the password', async () => {
    const lines: string[] = []
    const auth = make('http://name:pass@127.0.0.1:1', undefined, pino({}, { write: (line) => lines.push(line) }))
    const ask = (token: string) => assert.rejects(auth.authenticate({ 'x-auth-token': token }), { status: 503 })
    await Promise.all([ask('token-1'), ask('token-2'), auth.warmUp()])
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /ECONNREFUSED.*identity service cannot be asked/)
    assert.doesNotMatch(lines[0]!, /secret|pass|token-/)
  })
})
