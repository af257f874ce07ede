import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { createLogger } from '../../base/log.js'
import { DEFAULT_PATHS, type Host } from '../../dataplane/command/host.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import { Announcer } from './announcer.js'
import type { L3Namespace } from './desired/types.js'

const DEAD_VLAN = 4095
const FG = 'fg-1'

/** A host that notes what is handed to its switch, and a switch with one device, which is not wired yet. */
function surroundings() {
  const sent: string[] = []
  const host: Host = {
    name: 'compute1',
    paths: DEFAULT_PATHS,
    async run(argv, options) {
      sent.push(options?.input ?? argv.join(' '))
      return { stdout: '', stderr: '', code: 0 }
    },
  }
  const port = { tag: DEAD_VLAN }
  const vswitch = Object.assign(new EventEmitter(), {
    port: (name: string) => (name === FG ? port : undefined),
    interface: (name: string) => (name === FG ? { ofport: 7 } : undefined),
  }) as unknown as Vswitch
  return { host, vswitch, port, sent }
}

function announcer({ host, vswitch }: ReturnType<typeof surroundings>) {
  const announced = new EventEmitter()
  const log = createLogger('test')
  const options = { host, vswitch, integrationBridge: 'br-int', log, onAnnounced: () => void announced.emit('all') }
  return { announcer: new Announcer(options), announced: EventEmitter.once(announced, 'all') }
}

const namespace = (...ips: string[]) =>
  ({
    name: 'fip-1',
    devices: [{ name: FG, mac: 'fa:16:3e:00:00:01' }],
    announcements: ips.map((ip) => ({ device: FG, ip })),
  }) as unknown as L3Namespace

test('an address waits until its device is wired, then all are handed to the switch at once', async () => {
  const around = surroundings()
  const { announcer: it, announced } = announcer(around)
  it.update(namespace('203.0.113.1', '203.0.113.2'), false)
  await it.send()
  assert.deepEqual([...it.waiting()], ['203.0.113.1', '203.0.113.2'])
  assert.deepEqual(around.sent, [])
  around.port.tag = 3
  around.vswitch.emit('change')
  await announced
  assert.deepEqual([...it.waiting()], [])
  assert.equal(around.sent.join('\n').match(/packet-out in_port=7,/g)?.length, 4)
  assert.equal(around.sent.length, 1)
  it.stop()
})

test('only what is new is announced, and nothing of what a namespace has had since before this process', async () => {
  const around = surroundings()
  around.port.tag = 3
  const { announcer: it } = announcer(around)
  it.update(namespace('203.0.113.1'), true)
  await it.send()
  assert.deepEqual(around.sent, [])
  it.update(namespace('203.0.113.1', '203.0.113.2'), false)
  await it.send()
  const frames = around.sent.join('\n')
  // 203.0.113.2, as sender and target of a request and of a reply
  assert.equal(frames.match(/cb007102/g)?.length, 4)
  assert.doesNotMatch(frames, /cb007101/)
  it.stop()
})

test('what goes before it was announced is waited for no longer', async () => {
  const around = surroundings()
  const { announcer: it } = announcer(around)
  it.update(namespace('203.0.113.1', '203.0.113.2'), false)
  it.update(namespace('203.0.113.2'), false)
  assert.deepEqual([...it.waiting()], ['203.0.113.2'])
  it.forget('fip-1')
  assert.equal(it.waiting().size, 0)
  it.stop()
})
