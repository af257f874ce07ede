import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { createLogger } from '../base/log.js'
import { ServiceSession } from '../client/service-session.js'
import { buildIdentityApp } from '../identity/app.js'
import { openIdentityDatabase } from '../identity/database.js'
import { createIdentity } from '../identity/identity.js'
import { applySeed } from '../identity/seed.js'
import { buildComputeApp } from './api/app.js'
import { ComputeBusClient } from './bus/client.js'
import type { DesiredInstance, InstanceReport } from './bus/messages.js'
import { ComputeBusServer } from './bus/server.js'
import { Neutron } from './clients/neutron.js'
import { TokenValidator } from './clients/token-validator.js'
import { ComputeHosts } from './core/hosts.js'
import { imagesOf } from './core/images.js'
import { Instances } from './core/instances.js'
import { NovaStore } from './core/store.js'
import { metadataHandler } from './metadata/app.js'
import { signInstanceId } from './metadata/request.js'
import { FakeNeutron } from './neutron.fake.js'

const log = createLogger('test')
log.level = 'silent'
const images = imagesOf(['cirros'])
const network = new FakeNeutron()
const bus = new ComputeBusServer('s3cret', log)
const store = new NovaStore('sqlite://')
const hosts = new ComputeHosts(store, bus)
const clients: ComputeBusClient[] = []
let keystone: FastifyInstance
let app: FastifyInstance
let neutron: Neutron
let admin: string
let demo: string

/** A host that does at once what it is told, unless `fault` says otherwise. */
class FakeHost {
  readonly has = new Map<string, DesiredInstance>()
  fault: string | null = null

  constructor(name: string) {
    const client = new ComputeBusClient(
      { scheme: 'stream', host: '127.0.0.1', port: bus.port, secret: 's3cret' },
      name,
      log,
    )
    clients.push(client)
    const report = (instance: Partial<InstanceReport> & { id: string; state: InstanceReport['state'] }) =>
      client.send({ type: 'state', instance: { generation: 0, interfaces: [], fault: null, ...instance } })
    const bring = (wanted: DesiredInstance) => {
      if (this.fault !== null) return report({ id: wanted.id, state: 'failed', fault: this.fault })
      this.has.set(wanted.id, wanted)
      const interfaces = wanted.interfaces.map(({ portId, confirmed }) => ({
        portId,
        address: confirmed ? '192.168.1.9' : null,
      }))
      report({ id: wanted.id, state: wanted.power, generation: wanted.generation, interfaces })
    }
    client.on('connected', () =>
      client.send({ type: 'hello', host: name, facts: { vcpus: 2, memoryMb: 1024, hostIp: '' } }),
    )
    client.on('message', (message) => {
      if (message.type === 'snapshot') message.instances.forEach(bring)
      else if (message.type === 'put') bring(message.instance)
      else if (message.type === 'console') client.send({ type: 'console', request: message.request, text: 'hello' })
      else {
        this.has.delete(message.id)
        report({ id: message.id, state: 'absent' })
      }
    })
    client.start()
  }
}

let one: FakeHost
let two: FakeHost

before(async () => {
  const identity = createIdentity(openIdentityDatabase('sqlite://'), { expirationSeconds: 3600 })
  await applySeed(identity, {
    projects: [{ name: 'service' }, { name: 'demo' }],
    roles: ['admin', 'member'],
    users: [
      { name: 'nova', password: 'n' },
      { name: 'demo', password: 'd' },
    ],
    assignments: [
      { user: 'nova', project: 'service', role: 'admin' },
      { user: 'demo', project: 'demo', role: 'member' },
    ],
  })
  keystone = buildIdentityApp(identity, { publicEndpoint: null, log })
  await keystone.listen({ port: 0, host: '127.0.0.1' })
  const auth_url = `http://127.0.0.1:${(keystone.server.address() as AddressInfo).port}/v3`
  const credentials = (username: string, password: string, project_name: string) =>
    new ServiceSession({
      auth_url,
      username,
      password,
      project_name,
      user_domain_name: 'Default',
      user_domain_id: null,
      project_domain_name: 'Default',
      project_domain_id: null,
      region_name: null,
    })
  const session = credentials('nova', 'n', 'service')
  admin = await session.token()
  demo = await credentials('demo', 'd', 'demo').token()
  const endpoint = await network.start()
  neutron = new Neutron(session.service({ type: 'network', endpoint, interfaces: ['public'], versionInPath: true }))
  await bus.listen(0, '127.0.0.1')
  const options = { vifPluggingTimeout: 300, vifPluggingIsFatal: true, addressWait: 10 }
  const instances = new Instances({ store, hosts, bus, neutron, options, log })
  app = buildComputeApp({
    store,
    hosts,
    instances,
    bus,
    neutron,
    tokens: new TokenValidator(session),
    images,
    defaultZone: 'nova',
    log,
  })
  one = new FakeHost('compute1')
  two = new FakeHost('compute2')
  await until(() => hosts.isUp('compute1') && hosts.isUp('compute2') && hosts.all().length === 2)
})

after(async () => {
  for (const client of clients) client.stop()
  bus.close()
  network.stop()
  await keystone.close()
  store.close()
})

beforeEach(() => {
  one.fault = null
  two.fault = null
  network.vifType = 'ovs'
  network.refuse.clear()
})

const until = async (holds: () => boolean) => {
  for (let i = 0; i < 5000; i++) {
    if (holds()) return
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  assert.fail(`never: ${holds}`)
}
const call = (method: InjectOptions['method'], path: string, payload?: object, token = demo, headers = {}) =>
  app.inject({
    method,
    url: `/v2.1${path}`,
    ...(payload ? { payload } : {}),
    headers: { 'x-auth-token': token, ...headers },
  })
const boot = async (extra: object = {}, token = demo) =>
  (
    await call(
      'POST',
      '/servers',
      {
        server: {
          name: 'demo-instance1',
          imageRef: images[0]!.id,
          flavorRef: '1',
          networks: [{ uuid: 'net-1' }],
          ...extra,
        },
      },
      token,
    )
  ).json().server?.id as string
const plugged = (id: string) =>
  call(
    'POST',
    '/os-server-external-events',
    {
      events: store
        .instance(id)!
        .ports.map((port) => ({ name: 'network-vif-plugged', server_uuid: id, tag: port.portId, status: 'completed' })),
    },
    admin,
  )
const state = (id: string) => store.instance(id)?.vmState
const remove = async (id: string) => {
  assert.equal((await call('DELETE', `/servers/${id}`, undefined, admin)).statusCode, 204)
  await until(() => store.instance(id) === undefined)
}

test('boot waits for the network service, then the instance is ACTIVE with its addresses; delete leaves nothing', async () => {
  const id = await boot()
  await until(() => store.instance(id)?.taskState === 'spawning')
  const port = network.items.ports![0]!
  assert.deepEqual(
    [port.device_id, port.device_owner, port['binding:host_id'], port.network_id],
    [id, 'compute:nova', 'compute1', 'net-1'],
  )
  await until(() => one.has.get(id)?.interfaces.length === 1)
  assert.deepEqual([state(id), one.has.get(id)!.interfaces[0]!.confirmed], ['building', false])
  assert.equal((await plugged(id)).statusCode, 200)
  await until(() => state(id) === 'active')
  network.items.floatingips!.push({
    id: 'f',
    port_id: port.id,
    floating_ip_address: '203.0.113.102',
    fixed_ip_address: '192.168.1.3',
    floating_network_id: 'e',
  })
  const server = (await call('GET', '/servers/detail')).json().servers[0]
  assert.equal(server.status, 'ACTIVE')
  assert.deepEqual(server.addresses, {
    'demo-net': [
      { addr: '192.168.1.3', version: 4, 'OS-EXT-IPS:type': 'fixed', 'OS-EXT-IPS-MAC:mac_addr': 'fa:16:3e:00:00:01' },
      {
        addr: '203.0.113.102',
        version: 4,
        'OS-EXT-IPS:type': 'floating',
        'OS-EXT-IPS-MAC:mac_addr': 'fa:16:3e:00:00:01',
      },
    ],
  })
  assert.deepEqual(server.security_groups, [{ name: 'default' }])
  assert.equal(server['OS-EXT-SRV-ATTR:host'], undefined)
  assert.equal(
    (await call('GET', `/servers/${id}`, undefined, admin)).json().server['OS-EXT-SRV-ATTR:host'],
    'compute1',
  )
  network.items.floatingips!.length = 0
  await remove(id)
  assert.deepEqual([network.items.ports, one.has.size], [[], 0])
  assert.equal((await call('GET', `/servers/${id}`)).statusCode, 404)
})

test('instances spread over hosts; an administrator chooses one, others may not', async () => {
  const ids = [await boot(), await boot()]
  await until(() => ids.every((id) => store.instance(id)?.host !== null))
  assert.deepEqual(ids.map((id) => store.instance(id)!.host).sort(), ['compute1', 'compute2'])
  const forced = await boot({ availability_zone: 'nova:compute2' }, admin)
  await until(() => store.instance(forced)?.host === 'compute2')
  assert.equal(
    (
      await call('POST', '/servers', {
        server: { name: 'x', imageRef: images[0]!.id, flavorRef: '1', availability_zone: 'nova:compute2' },
      })
    ).statusCode,
    403,
  )
  await until(() => ids.concat(forced).every((id) => store.instance(id)?.taskState === 'spawning'))
  for (const id of [...ids, forced]) await remove(id)
})

for (const [what, arrange, message] of [
  [
    'the host cannot set it up',
    () => {
      one.fault = 'no bridge'
    },
    /no bridge/,
  ],
  [
    'the port cannot be bound',
    () => {
      network.vifType = 'binding_failed'
    },
    /Binding failed for port/,
  ],
  [
    'the port cannot be made',
    () => network.refuse.set('POST ports', { status: 409, type: 'OverQuota', message: 'Quota exceeded' }),
    /Quota exceeded/,
  ],
] as const) {
  test(`nothing is left of a boot when ${what}`, async () => {
    arrange()
    const id = await boot({ availability_zone: 'nova:compute1' }, admin)
    await until(
      () => state(id) === 'error' && store.instance(id)!.ports.length === 0 && store.instance(id)!.host === null,
    )
    const server = (await call('GET', `/servers/${id}`, undefined, admin)).json().server
    assert.equal(server.status, 'ERROR')
    assert.match(server.fault.message, message)
    assert.deepEqual([network.items.ports, one.has.size], [[], 0])
    await remove(id)
  })
}

test('a given port is bound, and given back', async () => {
  network.items.ports!.push({
    id: 'given',
    network_id: 'net-1',
    mac_address: 'fa:16:3e:00:00:02',
    status: 'DOWN',
    device_id: '',
    device_owner: '',
    fixed_ips: [{ subnet_id: 'sub-1', ip_address: '192.168.1.50' }],
    security_groups: [],
  })
  const id = await boot({ networks: [{ port: 'given' }] })
  await until(() => store.instance(id)?.taskState === 'spawning')
  assert.equal(network.items.ports![0]!.device_id, id)
  const again = await call('POST', '/servers', {
    server: { name: 'x', imageRef: images[0]!.id, flavorRef: '1', networks: [{ port: 'given' }] },
  })
  assert.deepEqual([again.statusCode, again.json().conflictingRequest.message], [409, 'Port given is still in use.'])
  await remove(id)
  assert.deepEqual(
    network.items.ports!.map((port) => [port.id, port.device_id, port['binding:host_id']]),
    [['given', '', '']],
  )
  network.items.ports!.length = 0
})

test('stop, start, reboot, console, interfaces', async () => {
  const id = await boot({ availability_zone: 'nova:compute1' }, admin)
  await until(() => store.instance(id)?.taskState === 'spawning')
  await plugged(id)
  await until(() => state(id) === 'active')
  const act = (body: object) => call('POST', `/servers/${id}/action`, body, admin)
  assert.equal((await act({ 'os-stop': null })).statusCode, 202)
  await until(() => state(id) === 'stopped')
  assert.equal((await act({ 'os-stop': null })).statusCode, 409)
  await act({ 'os-start': null })
  await until(() => state(id) === 'active')
  await act({ reboot: { type: 'SOFT' } })
  await until(() => store.instance(id)!.taskState === null)
  assert.equal(one.has.get(id)!.generation, 1)
  assert.equal((await act({ 'os-getConsoleOutput': {} })).json().output, 'hello')
  const attached = (
    await call('POST', `/servers/${id}/os-interface`, { interfaceAttachment: { net_id: 'net-1' } }, admin)
  ).json().interfaceAttachment
  assert.equal(store.instance(id)!.ports.length, 2)
  assert.equal(
    (await call('DELETE', `/servers/${id}/os-interface/${attached.port_id}`, undefined, admin)).statusCode,
    202,
  )
  assert.equal(network.items.ports!.length, 1)
  await remove(id)
})

test('cold migration: the ports move, the old host keeps nothing; confirmed or taken back', async () => {
  const id = await boot()
  await until(() => store.instance(id)?.taskState === 'spawning')
  await plugged(id)
  await until(() => state(id) === 'active')
  const act = (body: object, token = admin) => call('POST', `/servers/${id}/action`, body, token)
  const status = async () => (await call('GET', `/servers/${id}`)).json().server?.status
  const migrate = async (body: object) => {
    assert.equal((await act(body)).statusCode, 202)
    await until(() => !store.instance(id)!.migration || store.instance(id)!.host === store.instance(id)!.migration!.to)
    await plugged(id)
    await until(() => store.instance(id)!.taskState === null)
  }
  assert.equal((await act({ migrate: null }, demo)).statusCode, 403)
  const refused = await act({ migrate: { host: 'compute1' } })
  assert.deepEqual(
    [refused.statusCode, refused.json().badRequest.message],
    [400, `Unable to migrate instance (${id}) to current host (compute1).`],
  )
  assert.match((await act({ migrate: { host: 'nowhere' } })).json().badRequest.message, /nowhere could not be found/)
  await migrate({ migrate: null })
  assert.deepEqual([await status(), store.instance(id)!.host], ['VERIFY_RESIZE', 'compute2'])
  assert.equal(network.items.ports![0]!['binding:host_id'], 'compute2')
  assert.deepEqual([one.has.has(id), two.has.has(id)], [false, true])
  assert.equal((await act({ 'os-stop': null })).statusCode, 409)
  await migrate({ revertResize: null })
  assert.deepEqual([await status(), store.instance(id)!.host], ['ACTIVE', 'compute1'])
  assert.deepEqual([one.has.has(id), two.has.has(id)], [true, false])
  await migrate({ migrate: { host: 'compute2' } })
  assert.equal((await act({ confirmResize: null })).statusCode, 204)
  assert.deepEqual([await status(), store.instance(id)!.host], ['ACTIVE', 'compute2'])
  const { migrations } = (await call('GET', '/os-migrations', undefined, admin)).json()
  assert.deepEqual(
    migrations.map((each: Record<string, string>) => [each.source_compute, each.dest_compute, each.status]),
    [
      ['compute1', 'compute2', 'confirmed'],
      ['compute2', 'compute1', 'completed'],
      ['compute1', 'compute2', 'reverted'],
    ],
  )
  await remove(id)
  assert.deepEqual([network.items.ports, one.has.size, two.has.size], [[], 0, 0])
})

test('live migration: the instance stands on the new host before its ports come; a host that fails changes nothing', async () => {
  const id = await boot()
  await until(() => store.instance(id)?.taskState === 'spawning')
  await plugged(id)
  await until(() => state(id) === 'active')
  const live = (host: string | null) =>
    call('POST', `/servers/${id}/action`, { 'os-migrateLive': { host, block_migration: 'auto' } }, admin)
  two.fault = 'no room'
  assert.equal((await live(null)).statusCode, 202)
  await until(() => store.instance(id)!.taskState === null)
  assert.deepEqual([state(id), store.instance(id)!.host, one.has.has(id)], ['active', 'compute1', true])
  two.fault = null
  network.refuse.set('PUT ports', { status: 503, type: 'X', message: 'not now' })
  // it stands there for a moment only: too short to be met by looking now and then
  const stood: boolean[] = []
  const { has } = two
  const put = has.set
  has.set = (key, value) => {
    if (key === id) stood.push(value.interfaces[0]!.confirmed)
    return put.call(has, key, value)
  }
  await live('compute2')
  await until(() => stood.length > 0)
  has.set = put
  assert.equal(stood[0], false)
  await until(() => store.instance(id)!.taskState === null && !two.has.has(id))
  assert.deepEqual([store.instance(id)!.host, one.has.has(id)], ['compute1', true])
  network.refuse.clear()
  await live('compute2')
  await until(() => store.instance(id)!.host === 'compute2')
  await plugged(id)
  await until(() => store.instance(id)!.taskState === null)
  await until(() => !one.has.has(id))
  assert.deepEqual([state(id), two.has.get(id)!.interfaces[0]!.confirmed], ['active', true])
  await remove(id)
})

test('a port that became ACTIVE unheard is noticed', async () => {
  const id = await boot()
  await until(() => store.instance(id)?.taskState === 'spawning')
  network.items.ports![0]!.status = 'ACTIVE'
  for (let i = 0; i < 3 && state(id) !== 'active'; i++) await new Promise((resolve) => setTimeout(resolve, 1000))
  await until(() => state(id) === 'active')
  await remove(id)
})

test('old security group verbs become the network service’s', async () => {
  const rule = (
    await call('POST', '/os-security-group-rules', {
      security_group_rule: {
        parent_group_id: 'sg-default',
        ip_protocol: 'icmp',
        from_port: -1,
        to_port: -1,
        cidr: '0.0.0.0/0',
      },
    })
  ).json()
  const stored = network.items.security_group_rules![0]!
  assert.deepEqual(
    [
      stored.protocol,
      stored.port_range_min,
      stored.port_range_max,
      stored.remote_ip_prefix,
      stored.direction,
      stored.ethertype,
    ],
    ['icmp', null, null, '0.0.0.0/0', 'ingress', 'IPv4'],
  )
  stored.port_range_min = null
  assert.deepEqual(
    [rule.security_group_rule.from_port, rule.security_group_rule.to_port, rule.security_group_rule.ip_range],
    [-1, -1, { cidr: '0.0.0.0/0' }],
  )
})

test('refusals have the shapes of the Compute API', async () => {
  assert.equal((await app.inject('/v2.1/servers')).statusCode, 401)
  assert.deepEqual((await call('GET', '/servers/nothing')).json(), {
    itemNotFound: { code: 404, message: 'Instance nothing could not be found.' },
  })
  assert.deepEqual(
    (await call('POST', '/servers', { server: { name: 'x', imageRef: images[0]!.id, flavorRef: '9' } })).json()
      .badRequest.code,
    400,
  )
  const old = await call('GET', '/servers', undefined, demo, { 'openstack-api-version': 'compute 2.999' })
  assert.equal(old.statusCode, 406)
  const known = await call('GET', '/servers', undefined, demo, { 'x-openstack-nova-api-version': '2.79' })
  assert.equal(known.headers['openstack-api-version'], 'compute 2.79')
  assert.equal(
    (await call('POST', '/os-server-external-events', { events: [{ name: 'network-changed', server_uuid: 'x' }] }))
      .statusCode,
    403,
  )
})

test('usage counts deleted instances too, and goes on where a page ended', async () => {
  const [gone, runs] = [await boot({ name: 'gone' }), await boot({ name: 'runs' })]
  for (const id of [gone, runs]) {
    await until(() => store.instance(id)?.taskState === 'spawning')
    await plugged(id)
    await until(() => store.instance(id)?.vmState === 'active')
  }
  await remove(gone)
  const { projectId } = store.instance(runs)!
  const path = `/os-simple-tenant-usage/${projectId}?start=2020-01-01T00:00:00&end=2099-01-01T00:00:00`
  interface Usage {
    readonly tenant_usage: { readonly server_usages: { instance_id: string; state: string }[] }
    readonly tenant_usage_links?: { readonly href: string }[]
  }
  const usage = (await call('GET', path)).json<Usage>().tenant_usage
  const states = new Map(usage.server_usages.map(({ instance_id, state }) => [instance_id, state]))
  assert.deepEqual([states.get(gone), states.get(runs)], ['terminated', 'active'])
  const paged = { 'openstack-api-version': 'compute 2.40' }
  const ids: string[] = []
  for (let next: string | undefined = `${path}&limit=1`; next; ) {
    const page: Usage = (await call('GET', next, undefined, demo, paged)).json()
    ids.push(...(page.tenant_usage.server_usages ?? []).map(({ instance_id }) => instance_id))
    next = page.tenant_usage_links?.[0]?.href.replace(/^.*\/v2\.1/, '')
  }
  assert.deepEqual(ids.sort(), [...states.keys()].sort())
  const list = '/os-simple-tenant-usage?start=2020-01-01T00:00:00&detailed=1'
  assert.equal((await call('GET', list)).statusCode, 403)
  const all = (await call('GET', list, undefined, admin)).json<{ tenant_usages: { tenant_id: string }[] }>()
  assert.ok(all.tenant_usages.some(({ tenant_id }) => tenant_id === projectId))
  assert.equal((await call('GET', `${path}&start=never`)).statusCode, 400)
  assert.equal((await call('GET', path.replace('2020', '2100'))).statusCode, 400)
  await remove(runs)
})

test('hypervisors are found by name, and summed up', async () => {
  const get = async (path: string, headers = {}) => call('GET', `/os-hypervisors${path}`, undefined, admin, headers)
  const { hypervisor_statistics: sums } = (await get('/statistics')).json()
  assert.deepEqual([sums.count, sums.vcpus, sums.memory_mb], [2, 4, 2048])
  assert.equal((await get('/statistics', { 'openstack-api-version': 'compute 2.88' })).statusCode, 404)
  for (const path of ['/compute1/servers', '?hypervisor_hostname_pattern=compute1&with_servers=true'])
    assert.deepEqual((await get(path)).json().hypervisors[0].servers, [])
  assert.equal((await get('/compute/search')).json().hypervisors.length, 2)
  assert.equal((await get('/nothing/search')).statusCode, 404)
})

test('limits are everybody’s or a project’s own, and hold', async () => {
  const first = await boot({ name: 'first' })
  const { projectId } = store.instance(first)!
  const quota = `/os-quota-sets/${projectId}`
  const set = (path: string, body: object, token = admin) => call('PUT', path, body, token)
  assert.equal((await set(quota, { quota_set: { instances: 9 } }, demo)).statusCode, 403)
  assert.match((await set(quota, { quota_set: { instances: 0 } })).body, /greater than or equal to already used/)
  assert.equal((await set(quota, { quota_set: { nothing: 0 } })).statusCode, 400)
  assert.equal((await set(quota, { quota_set: { instances: 'x' } })).statusCode, 400)
  assert.equal((await set(quota, { quota_set: { instances: 1, cores: 2 } })).json().quota_set.instances, 1)
  await set('/os-quota-class-sets/default', { quota_class_set: { cores: 1, key_pairs: 0 } })
  const { instances, cores, key_pairs } = (await call('GET', quota)).json().quota_set
  assert.deepEqual([instances, cores, key_pairs], [1, 2, 0])
  const server = { name: 'second', imageRef: images[0]!.id, flavorRef: '3', networks: [{ uuid: 'net-1' }] }
  const refused = await call('POST', '/servers', { server })
  const used = 'Requested 2, 1, but already used 1, 1 of 2, 1 cores, instances'
  assert.deepEqual(refused.json().forbidden, { code: 403, message: `Quota exceeded for cores, instances: ${used}` })
  assert.equal((await call('POST', '/os-keypairs', { keypair: { name: 'more' } })).statusCode, 403)
  assert.equal((await call('DELETE', quota, undefined, admin)).statusCode, 202)
  assert.equal((await call('GET', '/limits')).json().limits.absolute.maxTotalCores, 1)
  await set('/os-quota-class-sets/default', { quota_class_set: { cores: -1, key_pairs: -1 } })
  assert.equal((await call('GET', '/os-quota-class-sets/other', undefined, admin)).statusCode, 404)
  await remove(first)
})

test('what was asked of an instance is on its record', async () => {
  const id = await boot()
  await until(() => store.instance(id)?.taskState === 'spawning')
  await call('POST', `/servers/${id}/action`, { 'os-stop': null })
  const path = `/servers/${id}/os-instance-actions`
  const { instanceActions: actions } = (await call('GET', path)).json()
  assert.deepEqual(
    actions.map(({ action }: { action: string }) => action),
    ['create'],
    'a refused action is none',
  )
  const one = (await call('GET', `${path}/${actions[0].request_id}`)).json().instanceAction
  assert.deepEqual([one.action, one.instance_uuid, one.events], ['create', id, []])
  assert.equal((await call('GET', `${path}/req-nothing`)).statusCode, 404)
  await remove(id)
})

test('a key pair without a public key is made here; its private half is given once', async () => {
  const made = await call('POST', '/os-keypairs', { keypair: { name: 'made' } })
  assert.match(made.json().keypair.private_key, /BEGIN RSA PRIVATE KEY/)
  const { keypair } = (await call('GET', '/os-keypairs/made')).json()
  assert.equal(keypair.public_key, made.json().keypair.public_key)
  assert.equal(keypair.private_key, undefined)
})

test('the image API describes what it shows', async () => {
  const get = (url: string) => app.inject({ url, headers: { 'x-auth-token': demo } })
  const { properties } = (await get('/image/v2/schemas/image')).json<{ properties: object }>()
  const [image] = (await get('/image/v2/images')).json<{ images: object[] }>().images
  assert.deepEqual(
    Object.keys(image!).filter((key) => !(key in properties)),
    [],
  )
  assert.deepEqual((await get('/image/v2/metadefs/namespaces?limit=20')).json().namespaces, [])
  assert.equal((await get('/image/v2/schemas/nothing')).statusCode, 404)
})

test('the metadata service knows an instance by what the agent signs', async () => {
  const id = await boot({ user_data: Buffer.from('#!/bin/sh\n').toString('base64'), metadata: { role: 'web' } })
  await until(() => store.instance(id)?.taskState === 'spawning')
  const { createServer } = await import('node:http')
  const server = createServer(metadataHandler({ store, neutron, proxied: true, secret: 'm', domain: 'novalocal', log }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const headers = {
    'x-instance-id': id,
    'x-tenant-id': store.instance(id)!.projectId,
    'x-instance-id-signature': signInstanceId('m', id),
  }
  const get = (path: string, extra = {}) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers: { ...headers, ...extra } })
  assert.match(await (await get('/latest/meta-data/local-ipv4')).text(), /^192\.168\.1\.\d+$/)
  assert.equal(await (await get('/latest/meta-data/hostname')).text(), 'demo-instance1.novalocal')
  assert.equal(await (await get('/2009-04-04/user-data')).text(), '#!/bin/sh\n')
  const meta = (await (await get('/openstack/latest/meta_data.json')).json()) as { uuid: string; meta: object }
  assert.deepEqual([meta.uuid, meta.meta], [id, { role: 'web' }])
  const net = (await (await get('/openstack/latest/network_data.json')).json()) as { networks: { type: string }[] }
  assert.equal(net.networks[0]!.type, 'ipv4_dhcp')
  assert.equal((await get('/latest', { 'x-tenant-id': 'other' })).status, 404)
  assert.equal((await get('/latest', { 'x-instance-id-signature': 'no' })).status, 403)
  server.close()
  server.closeAllConnections()
  await remove(id)
})
