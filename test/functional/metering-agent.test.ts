/** The metering agent in namespaces that others make and delete: what it counts, and that nothing of it is lost or counted twice. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { scenarioRouter } from '../../src/agents/l3/scenario-view.fake.js'
import { MeteringAgent } from '../../src/agents/metering/agent.js'
import { createLogger } from '../../src/base/log.js'
import type { MeteringLabelView } from '../../src/bus/contracts/host-view.js'
import type { MeterSample } from '../../src/bus/contracts/messages.js'
import { HostView } from '../../src/bus/contracts/view.js'
import { LocalHost } from '../../src/dataplane/command/host.js'
import { qgName, qrouterNs } from '../../src/model/device-names.js'
import { inSandbox, run, until } from '../lib/agent-sandbox.js'

const router = scenarioRouter({ distributed: false, central: true })
const NETNS = qrouterNs(router.id)
const QG = qgName(router.gateway!.portId)
const LABEL = 'c5df2fe5-c600-4a2a-b2f4-c0fb6df73c83'
const CHAIN = 'neutron-meter-l-c5df2fe5-c60'

function label(...prefixes: string[]): MeteringLabelView {
  const rules = prefixes.flatMap((remoteIpPrefix) =>
    (['ingress', 'egress'] as const).map((direction) => ({
      id: `${remoteIpPrefix} ${direction}`,
      direction,
      excluded: false,
      remoteIpPrefix,
      sourceIpPrefix: null,
      destinationIpPrefix: null,
    })),
  )
  return { kind: 'metering_label', id: LABEL, projectId: router.projectId, shared: false, rules }
}

inSandbox('metering-agent', fileURLToPath(import.meta.url), () => {
  let state: string
  let agent: MeteringAgent
  let kicks = 0
  let reachable = true
  let last: readonly MeterSample[] | null = null
  const view = HostView.of([router, label('192.168.1.0/24', 'fd00:1::/64')])
  const quietly = async (what: HostView, reason: 'change' | 'local' | 'audit' | 'resync') => {
    const { writes, errors } = await agent.apply(what, reason)
    assert.deepEqual(errors, [])
    return writes
  }

  async function newAgent(): Promise<MeteringAgent> {
    const made = new MeteringAgent({
      host: new LocalHost({ name: 'node', paths: { state } }),
      log: createLogger('metering-test'),
      driver: 'iptables',
      measureInterval: 0.05,
      reportInterval: 0,
      granular: false,
    })
    await made.start(
      () => {
        kicks++
      },
      ({ samples }) => {
        if (reachable) last = samples
        return reachable
      },
    )
    return made
  }

  /** The router's namespace, as the L3 agent makes it, between an instance and the world. */
  async function makeRouter(): Promise<void> {
    await run('ip', 'netns', 'add', NETNS)
    const inRouter = (...argv: string[]) => run('ip', 'netns', 'exec', NETNS, ...argv)
    // a router asks for its neighbours from its link-local address, which is not to be used before it is known to be unique
    for (const name of [NETNS, 'vm', 'world'])
      await run('ip', 'netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0')
    for (const [device, other, n] of [
      ['qr-x', 'vm', 1],
      [QG, 'world', 2],
    ] as const) {
      await run('ip', 'link', 'add', device, 'netns', NETNS, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', other)
      await run('ip', '-n', NETNS, 'addr', 'add', `192.168.${n}.1/24`, 'dev', device)
      await run('ip', '-n', NETNS, 'addr', 'add', `fd00:${n}::1/64`, 'dev', device, 'nodad')
      await run('ip', '-n', NETNS, 'link', 'set', device, 'up')
      await run('ip', '-n', other, 'addr', 'add', `192.168.${n}.2/24`, 'dev', 'eth0')
      await run('ip', '-n', other, 'addr', 'add', `fd00:${n}::2/64`, 'dev', 'eth0', 'nodad')
      await run('ip', '-n', other, 'link', 'set', 'eth0', 'up')
      await run('ip', '-n', other, 'route', 'add', 'default', 'via', `192.168.${n}.1`)
      await run('ip', '-n', other, '-6', 'route', 'add', 'default', 'via', `fd00:${n}::1`)
    }
    await inRouter('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1')
    await inRouter('iptables', '-A', 'FORWARD', '-m', 'comment', '--comment', 'stranger', '-j', 'ACCEPT')
  }

  /** With its wires first: the kernel ends what is in a namespace some time after the namespace has gone. */
  async function removeRouter(): Promise<void> {
    for (const other of ['vm', 'world']) await run('ip', '-n', other, 'link', 'del', 'eth0')
    await run('ip', 'netns', 'del', NETNS)
  }

  const ping = (count: number, address = '192.168.2.2') =>
    run('ip', 'netns', 'exec', 'vm', 'ping', '-q', '-c', String(count), '-i', '0.02', '-W', '2', address)
  const saved = () => run('ip', 'netns', 'exec', NETNS, 'iptables-save')
  /** Exactly so many packets are told, and no more after another measurement. */
  async function total(pkts: number): Promise<void> {
    await until(`${pkts} packets are told (last: ${last?.[0]?.total_pkts})`, () => last?.[0]?.total_pkts === pkts)
    last = null
    await until('another report', () => last !== null)
    assert.equal(last![0]?.total_pkts, pkts)
  }

  before(async () => {
    await run('mount', '--make-rprivate', '/')
    await run('mount', '-t', 'tmpfs', 'tmpfs', '/run')
    state = mkdtempSync(join(tmpdir(), 'metering-test-'))
    for (const name of ['vm', 'world']) await run('ip', 'netns', 'add', name)
    agent = await newAgent()
  })
  after(async () => {
    await agent.stop()
    rmSync(state, { recursive: true, force: true })
  })

  test('a router whose namespace comes later is counted as soon as it is there', async () => {
    assert.equal(await quietly(view, 'resync'), 0)
    kicks = 0
    await makeRouter()
    await until('the agent is woken', () => kicks > 0)
    assert.ok((await quietly(view, 'local')) > 0)
    assert.equal(await quietly(view, 'audit'), 0)
    assert.match(
      await saved(),
      /-A FORWARD -m comment --comment stranger -j ACCEPT\n-A FORWARD -j neutron-meter-FORWARD/,
    )
  })

  test('nothing is counted behind a rule that accepts before; each packet once without it', async () => {
    await ping(1)
    await run('ip', 'netns', 'exec', NETNS, 'iptables', '-D', 'FORWARD', '1')
    await ping(3)
    await total(6)
    await ping(2, 'fd00:2::2')
    await total(10)
  })

  test('what the server did not hear of is told later', async () => {
    reachable = false
    await ping(2)
    await new Promise((resolve) => setTimeout(resolve, 150))
    reachable = true
    await total(14)
  })

  test('a counter that somebody took away is put back, and goes on', async () => {
    await run('ip', 'netns', 'exec', NETNS, 'iptables', '-F', CHAIN)
    assert.ok((await quietly(view, 'audit')) > 0)
    await ping(1)
    await total(16)
  })

  test('a rule more and a restart lose nothing', async () => {
    assert.ok(
      (await quietly(HostView.of([router, label('192.168.1.0/24', '10.0.0.0/8', 'fd00:1::/64')]), 'change')) > 0,
    )
    await agent.stop()
    await ping(2)
    agent = await newAgent()
    await quietly(view, 'resync')
    await ping(1)
    await total(22)
  })

  test('a namespace that was made anew counts from nothing', async () => {
    await ping(1)
    await total(24)
    const number = () => statSync(`/run/netns/${NETNS}`).ino
    const former = number()
    // sooner or later the kernel gives it the number of the former one
    for (let made = 0; made === 0 || (made < 20 && number() !== former); made++) {
      await removeRouter()
      await makeRouter()
    }
    await run('ip', 'netns', 'exec', NETNS, 'iptables', '-F', 'FORWARD')
    await quietly(view, 'local')
    await ping(15)
    await total(54)
  })

  test('without labels nothing is left, in the namespace or in files', async () => {
    assert.ok((await quietly(HostView.of([router]), 'change')) > 0)
    assert.doesNotMatch(await saved(), /neutron-meter/)
    await until('the last report', () => last?.length === 0)
    assert.equal(existsSync(`${state}/metering-counters.json`), false)
    assert.equal(await quietly(HostView.of([router]), 'audit'), 0)
  })
})
