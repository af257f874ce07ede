import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createLogger } from '../../base/log.js'
import type { HostObject, NeighbourView, RouterView } from '../../bus/contracts/host-view.js'
import { HostView } from '../../bus/contracts/view.js'
import { MetadataAgent } from './agent.js'
import { InstanceIndex } from './lookup.js'
import { requestOrigin } from './request.js'

const port = (networkId: string, ip: string, deviceId: string, mac = 'fa:16:3e:00:00:03') =>
  ({
    kind: 'neighbour',
    id: `${networkId}-${ip}`,
    networkId,
    projectId: 'demo',
    host: null,
    mac,
    fixedIps: [{ subnetId: 's', ip }],
    allowedAddressPairs: [],
    deviceId,
    deviceOwner: 'compute:nova',
    extraDhcpOpts: [],
    dnsName: '',
  }) satisfies NeighbourView

const router = (id: string, ...networks: string[]) =>
  ({
    kind: 'router',
    id,
    interfaces: networks.map((networkId) => ({ portId: '', networkId, mac: '', mtu: 1500, addresses: [] })),
  }) as unknown as RouterView

const OBJECTS: HostObject[] = [
  router('r', 'net-a', 'net-b'),
  port('net-a', '192.168.1.3', 'vm-a'),
  port('net-c', '192.168.1.3', 'vm-c'),
  port('net-a', '192.168.1.7', 'twin-1', 'fa:16:3e:00:00:07'),
  port('net-b', '192.168.1.7', 'twin-2', 'fa:16:3e:00:00:08'),
]

test('an instance is found by address in the networks that the request can come from', () => {
  const index = new InstanceIndex(HostView.of(OBJECTS))
  const find = (origin: Parameters<InstanceIndex['find']>[0], ip: string) => index.find(origin, ip)?.instanceId ?? null
  assert.equal(find({ routerId: 'r' }, '192.168.1.3'), 'vm-a')
  assert.equal(find({ routerId: 'r' }, '::ffff:192.168.1.3'), 'vm-a')
  assert.equal(find({ networkId: 'net-c' }, '192.168.1.3'), 'vm-c')
  assert.equal(find({ networkId: 'net-b' }, 'fe80::f816:3eff:fe00:8'), 'twin-2')
  assert.equal(find({ routerId: 'r' }, '192.168.1.7'), null)
  assert.equal(find({ routerId: 'r' }, '192.168.1.8'), null)
  assert.equal(find({ routerId: 'unknown' }, '192.168.1.3'), null)
  assert.equal(find({ routerId: 'r' }, 'nonsense'), null)
})

test('a subport asks for the instance of its parent', () => {
  const subport = { ...port('net-c', '192.168.3.3', 'trunk-1'), deviceOwner: 'trunk:subport' }
  const trunk = { kind: 'trunk', id: 'trunk-1', portId: 'p', instanceId: 'vm-a', subports: [] } as const
  const find = (objects: HostObject[]) =>
    new InstanceIndex(HostView.of(objects)).find({ networkId: 'net-c' }, '192.168.3.3')
  assert.equal(find([subport, trunk])?.instanceId, 'vm-a')
  assert.equal(find([subport])?.instanceId, '')
})

test('the headers of the proxy say where a request comes from', () => {
  assert.deepEqual(requestOrigin({ 'x-neutron-router-id': 'r', 'x-forwarded-for': '10.0.0.9, 192.168.1.3' }), {
    origin: { routerId: 'r' },
    address: '192.168.1.3',
  })
  const status = (headers: IncomingHttpHeaders) => (requestOrigin(headers) as { status?: number }).status
  assert.equal(status({ 'x-neutron-router-id': 'r', 'x-neutron-network-id': 'n' }), 404)
  assert.equal(status({ 'x-forwarded-for': '192.168.1.3' }), 500)
})

let directory: string
let nova: Server
let agent: MetadataAgent
let answer = 200
const seen: IncomingHttpHeaders[] = []

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'metadata-'))
  nova = createServer((incoming, response) => {
    seen.push({ ...incoming.headers, method: incoming.method, url: incoming.url })
    incoming.resume().on('end', () => response.writeHead(answer, { 'Content-Type': 'application/json' }).end('{}'))
  })
  await new Promise<void>((resolve) => nova.listen(0, '127.0.0.1', resolve))
  const address = {
    protocol: 'http',
    host: '127.0.0.1',
    port: (nova.address() as AddressInfo).port,
    insecure: false,
  } as const
  const log = createLogger('test')
  log.level = 'silent'
  agent = new MetadataAgent({ socket: join(directory, 'metadata_proxy'), nova: address, secret: 'SECRET', log })
  await agent.start()
})
after(async () => {
  await agent.stop()
  nova.closeAllConnections()
  nova.close()
  rmSync(directory, { recursive: true })
})

function ask(headers: Record<string, string>): Promise<{ status: number; type: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath: join(directory, 'metadata_proxy'), path: '/openstack/latest/?x=1', headers },
      (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => {
          body += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode!, type: response.headers['content-type'], body }),
        )
      },
    )
    outgoing.on('error', reject).end()
  })
}
const FROM_A = { 'X-Neutron-Router-ID': 'r', 'X-Forwarded-For': '192.168.1.3', 'X-Instance-ID': 'forged', Cookie: 'c' }

test('a request that comes before the first view waits for it', async () => {
  const early = ask(FROM_A)
  await agent.apply(HostView.of(OBJECTS))
  assert.deepEqual(await early, { status: 200, type: 'application/json', body: '{}' })
})

test('nova sees the four headers of the reference and nothing that the instance sent', async () => {
  await ask(FROM_A)
  const last = seen.at(-1)!
  assert.equal(last.url, '/openstack/latest/?x=1')
  assert.equal(last['x-instance-id'], 'vm-a')
  assert.equal(last['x-tenant-id'], 'demo')
  assert.equal(last['x-forwarded-for'], '192.168.1.3')
  // HMAC-SHA256('SECRET', 'vm-a')
  assert.equal(last['x-instance-id-signature'], 'd77565193db2977326c5836d73d69b6154f3e35ffa60c3ff07acb0e7a80cb06c')
  assert.equal(last.cookie, undefined)
  assert.equal(statSync(join(directory, 'metadata_proxy')).mode & 0o777, 0o660)
})

test('what instances see of refusals', async () => {
  assert.equal((await ask({ ...FROM_A, 'X-Forwarded-For': '192.168.1.8' })).status, 404)
  assert.equal((await ask({ ...FROM_A, 'X-Neutron-Network-ID': 'n' })).status, 404)
  for (const [from, to] of [
    [403, 403],
    [404, 404],
    [503, 503],
    [418, 500],
  ] as const) {
    answer = from
    assert.equal((await ask(FROM_A)).status, to)
  }
  nova.closeAllConnections()
  await new Promise((resolve) => nova.close(resolve))
  assert.equal((await ask(FROM_A)).status, 503)
})
