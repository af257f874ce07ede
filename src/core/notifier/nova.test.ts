import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { admin, TestCloud } from '../testing/cloud.js'
import type { ServerEvent } from './nova.js'

/** Identity and compute service in one: signs in, refuses the first events, keeps the others. */
class FakeServices {
  readonly requests: ServerEvent[][] = []
  refusals = 1
  readonly #server: Server
  readonly #waiting: (() => void)[] = []

  constructor() {
    this.#server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      if (request.url === '/v3/auth/tokens') {
        const { identity } = JSON.parse(body).auth
        const ok = identity.password.user.password === 'NOVA_PASS'
        response.writeHead(ok ? 201 : 401, { 'x-subject-token': 'the-token' })
        const endpoints = [{ interface: 'public', region_id: 'RegionOne', url: `${this.url}/v2.1` }]
        const token = {
          expires_at: new Date(Date.now() + 3_600_000).toISOString(),
          user: { id: 'nova-user' },
          catalog: [{ type: 'compute', endpoints }],
        }
        response.end(JSON.stringify({ token }))
      } else if (this.refusals-- > 0) response.writeHead(503).end()
      else {
        assert.equal(request.url, '/v2.1/os-server-external-events')
        assert.equal(request.headers['x-auth-token'], 'the-token')
        this.requests.push(JSON.parse(body).events)
        response.writeHead(200).end('{}')
        for (const wake of this.#waiting.splice(0)) wake()
      }
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async events(count: number): Promise<ServerEvent[]> {
    while (this.requests.flat().length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.requests.flat()
  }
}

describe('notifier', () => {
  it('tells nova which ports are plugged, after a refusal too, several at once', {
    timeout: 10_000,
  }, async (context) => {
    const services = new FakeServices()
    await services.start()
    context.after(() => services.stop())
    const cloud = await TestCloud.open(
      `[nova]\nauth_url = ${services.url}\nusername = nova\npassword = NOVA_PASS\nproject_name = service\n`,
    )
    const { network } = await cloud.network()
    await cloud.ovsHost('compute1')
    const boot = (device_id: string) =>
      cloud.port(network.id, { device_owner: 'compute:nova', device_id, 'binding:host_id': 'compute1' })
    const ports = [await boot('vm-1'), await boot('vm-2')]
    await cloud.ready(
      'compute1',
      ports.map(({ id }) => id),
    )
    const plugged = ports.map(({ id, device_id }) => ({
      name: 'network-vif-plugged',
      server_uuid: device_id,
      tag: id,
      status: 'completed',
    }))
    assert.deepEqual(await services.events(2), plugged)
    assert.equal(services.requests.length, 1)
    await cloud.ready('compute1', [ports[1]!.id], 'l2', true)
    assert.deepEqual((await services.events(3)).at(-1), { ...plugged[0], name: 'network-vif-unplugged' })
    await cloud.close()
  })

  it('tells nova that a port is plugged in where a live migration prepared it', {
    timeout: 10_000,
  }, async (context) => {
    const services = new FakeServices()
    await services.start()
    context.after(() => services.stop())
    const cloud = await TestCloud.open(
      `[nova]\nauth_url = ${services.url}\nusername = nova\npassword = NOVA_PASS\nproject_name = service\n`,
    )
    const { network } = await cloud.network()
    for (const host of ['compute1', 'compute2', 'compute3']) await cloud.ovsHost(host)
    const owner = { device_owner: 'compute:nova', device_id: 'vm-1', 'binding:host_id': 'compute1' }
    const { id } = await cloud.port(network.id, owner)
    await cloud.built.services.portBindings!.create(admin, id, { host: 'compute2' })
    const waiting = { type: 'ports', aspect: 'l2', complete: false, ready: [], gone: [], waiting: [id, 'x'] } as const
    await cloud.built.reports.portsReady('compute3', waiting)
    await cloud.built.reports.portsReady('compute2', waiting)
    const plugged = { name: 'network-vif-plugged', server_uuid: 'vm-1', tag: id, status: 'completed' }
    assert.deepEqual(await services.events(1), [plugged])
    assert.equal((await cloud.show('ports', id)).status, 'DOWN', 'where it is, it is not wired')
    await cloud.close()
  })

  it('does not hold up or fail the API when nova is away', async () => {
    const cloud = await TestCloud.open('[nova]\nauth_url = http://127.0.0.1:1\nusername = nova\npassword = x\n')
    const { network } = await cloud.network()
    await cloud.ovsHost('compute1')
    const port = await cloud.port(network.id, {
      device_owner: 'compute:nova',
      device_id: 'vm',
      'binding:host_id': 'compute1',
    })
    await cloud.ready('compute1', [port.id])
    assert.equal((await cloud.show('ports', port.id)).status, 'ACTIVE')
    await cloud.close()
  })
})
