import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { admin, configOf, TestCloud } from '../testing/cloud.js'
import type { ServerEvent } from './event.js'
import { FakeNova } from './nova.fake.js'
import { type NotifierOptions, novaNotifier } from './nova.js'

const VM1 = '11111111-1111-4111-8111-111111111111'
const VM2 = '22222222-2222-4222-8222-222222222222'
const PORT = '33333333-3333-4333-8333-333333333333'
const changed = (server_uuid: string): ServerEvent => ({ name: 'network-changed', server_uuid, tag: PORT })

async function nova(context: TestContext): Promise<FakeNova> {
  const made = new FakeNova()
  await made.start()
  context.after(() => made.stop())
  return made
}

/** A notifier by itself, with what it logs. */
function notifierOf(context: TestContext, config: string, options: NotifierOptions = { pauses: [1] }) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const notifier = novaNotifier(configOf(config), log, options)
  context.after(() => notifier.close())
  return { notifier, lines }
}

describe('what the cloud tells nova', { timeout: 20_000 }, () => {
  it('are ports that are plugged, unplugged, changed and deleted, several at once, as nova’s schema has them', async (context) => {
    const fake = await nova(context)
    fake.unavailable = 1
    const cloud = await TestCloud.open(fake.config())
    context.after(() => cloud.close())
    const { network } = await cloud.network()
    await cloud.ovsHost('compute1')
    const boot = (device_id: string) =>
      cloud.port(network.id, { device_owner: 'compute:nova', device_id, 'binding:host_id': 'compute1' })
    const ports = [await boot(VM1), await boot(VM2)]
    // whoever may make ports may write anything there: it must not spoil the others' events
    const strange = await boot('no uuid')
    await cloud.ready(
      'compute1',
      [...ports, strange].map(({ id }) => id),
    )
    const plugged = ports.map(({ id, device_id }) => ({
      name: 'network-vif-plugged',
      server_uuid: device_id,
      tag: id,
      status: 'completed',
    }))
    assert.deepEqual(await fake.events(2), plugged)
    assert.equal(fake.requests.length, 1)
    await cloud.ready('compute1', [ports[1]!.id, strange.id], 'l2', true)
    assert.deepEqual((await fake.events(3)).at(-1), { ...plugged[0], name: 'network-vif-unplugged' })
    const address = { fixed_ips: [{ ip_address: '192.168.1.99' }] }
    await cloud.collection('ports').update(admin, ports[0]!.id, address)
    const about = { server_uuid: VM1, tag: ports[0]!.id }
    assert.deepEqual((await fake.events(4)).at(-1), { name: 'network-changed', ...about })
    await cloud.collection('ports').delete(admin, ports[0]!.id)
    assert.deepEqual((await fake.events(5)).at(-1), { name: 'network-vif-deleted', ...about })
    assert.deepEqual(fake.refused, [])
  })

  it('is that a port is plugged in where a live migration prepared it', async (context) => {
    const fake = await nova(context)
    const cloud = await TestCloud.open(fake.config())
    context.after(() => cloud.close())
    const { network } = await cloud.network()
    for (const host of ['compute1', 'compute2', 'compute3']) await cloud.ovsHost(host)
    const owner = { device_owner: 'compute:nova', device_id: VM1, 'binding:host_id': 'compute1' }
    const { id } = await cloud.port(network.id, owner)
    await cloud.built.services.portBindings!.create(admin, id, { host: 'compute2' })
    const waiting = { type: 'ports', aspect: 'l2', complete: false, ready: [], gone: [], waiting: [id, 'x'] } as const
    await cloud.built.reports.portsReady('compute3', waiting)
    await cloud.built.reports.portsReady('compute2', waiting)
    const plugged = { name: 'network-vif-plugged', server_uuid: VM1, tag: id, status: 'completed' }
    assert.deepEqual(await fake.events(1), [plugged])
    assert.equal((await cloud.show('ports', id)).status, 'DOWN', 'where it is, it is not wired')
  })

  it('does not hold up or fail the API when nova is away', async () => {
    const cloud = await TestCloud.open('[nova]\nauth_url = http://127.0.0.1:1\nusername = nova\npassword = x\n')
    const { network } = await cloud.network()
    await cloud.ovsHost('compute1')
    const port = await cloud.port(network.id, {
      device_owner: 'compute:nova',
      device_id: VM1,
      'binding:host_id': 'compute1',
    })
    await cloud.ready('compute1', [port.id])
    assert.equal((await cloud.show('ports', port.id)).status, 'ACTIVE')
    const started = Date.now()
    await cloud.close()
    assert.ok(Date.now() - started < 5_000, 'it ends without waiting for nova')
  })
})

describe('the notifier', { timeout: 20_000 }, () => {
  it('heeds the code of each event in a 207', async (context) => {
    const fake = await nova(context)
    fake.instances.set(VM1, 'compute1').set(VM2, null)
    const { notifier, lines } = notifierOf(context, fake.config())
    notifier.notify(changed(VM1), changed(VM2), changed(PORT))
    await fake.events(3)
    notifier.notify(changed(VM1))
    await fake.events(4)
    assert.deepEqual(
      lines.map(({ server, code }) => [server, code]),
      [
        [VM2, 422],
        [PORT, 404],
      ],
    )
    assert.equal(fake.requests.length, 2, 'nothing is told twice')
  })

  it('keeps events in their order while nova is away, and tells what came meanwhile in the same request', async (context) => {
    const fake = await nova(context)
    fake.unavailable = 3
    const { notifier } = notifierOf(context, fake.config())
    notifier.notify(changed(VM1))
    await fake.until(() => fake.paths.length >= 2)
    notifier.notify(changed(VM2))
    assert.deepEqual(
      (await fake.events(2)).map(({ server_uuid }) => server_uuid),
      [VM1, VM2],
    )
    assert.equal(fake.requests.length, 1)
  })

  it('sends large numbers in several requests, which nova’s limit of a body’s size lets pass', async (context) => {
    const fake = await nova(context)
    const { notifier } = notifierOf(context, fake.config())
    notifier.notify(...Array.from({ length: 700 }, () => changed(VM1)))
    await fake.events(700)
    assert.deepEqual(
      fake.requests.map(({ length }) => length),
      [300, 300, 100],
    )
    for (const events of fake.requests) assert.ok(JSON.stringify({ events }).length < 114_688)
  })

  it('gives up what nova would wait for no longer, and goes on with the rest', async (context) => {
    const fake = await nova(context)
    fake.unavailable = Number.POSITIVE_INFINITY
    const { notifier, lines } = notifierOf(context, fake.config(), { pauses: [20], maxAge: 10 })
    notifier.notify(changed(VM1))
    while (!lines.some(({ dropped }) => dropped === 1)) await new Promise((resolve) => setTimeout(resolve, 5))
    fake.unavailable = 0
    notifier.notify(changed(VM2))
    assert.deepEqual(await fake.events(1), [changed(VM2)])
  })

  it('finds nova in the catalog: its region, the interface that was asked for, another one otherwise', async (context) => {
    const fake = await nova(context)
    fake.endpoints = [
      { interface: 'public', region_id: 'RegionOne', path: '/one' },
      { interface: 'public', region_id: 'RegionTwo', path: '/two' },
      { interface: 'internal', region_id: 'RegionTwo', path: '/inner/' },
    ]
    const cases: readonly [string, string][] = [
      ['region_name = RegionTwo\n', '/two'],
      ['region_name = RegionTwo\nendpoint_type = internal\n', '/inner'],
      ['region_name = RegionTwo\nendpoint_type = internalURL\n', '/inner'],
      ['region_name = RegionOne\nendpoint_type = internal\n', '/one'],
      [`region_name = RegionTwo\nendpoint_override = ${fake.url}/own\n`, '/own'],
    ]
    for (const [extra, path] of cases) {
      const { notifier } = notifierOf(context, fake.config(extra))
      notifier.notify(changed(VM1))
      await fake.until(() => fake.paths.length > 0)
      assert.equal(fake.paths.splice(0)[0], `${path}/os-server-external-events`, extra)
    }
  })

  it('looks for nova anew when it moved', async (context) => {
    const [old, young] = [await nova(context), await nova(context)]
    const { notifier } = notifierOf(context, old.config())
    notifier.notify(changed(VM1))
    await old.events(1)
    old.unavailable = Number.POSITIVE_INFINITY
    old.endpoints = [{ interface: 'public', region_id: 'RegionOne', path: '/v2.1', at: young.url }]
    notifier.notify(changed(VM2))
    assert.deepEqual(await young.events(1), [changed(VM2)])
  })
})
