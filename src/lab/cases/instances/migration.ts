import { qrouterNs } from '../../../model/device-names.js'
import { type Dump, dumpDifferences, dumpNode } from '../../dump.js'
import { expect } from '../../proof/expect.js'
import {
  allow,
  associateFloatingIp,
  boot,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
} from '../../proof/objects.js'
import { type PingStream, pingStream } from '../../proof/ping-stream.js'
import { probe, run as runAt } from '../../proof/places.js'
import { serverOf, serverStatus } from '../../proof/servers.js'
import { endAt, tunnelsAt } from '../../proof/tunnels.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

/** A generous bound for a pause; what it was is in the report. */
const LONGEST_PAUSE_MS = 10_000

/** An instance goes from one compute node to the other and back, in each of the ways there are. */
export const instanceMigration: Case = {
  name: 'instance-migration',
  title:
    'a migrated instance keeps its addresses, its floating IP and its neighbours follow, its old host keeps nothing',
  async run(run) {
    const { moving, staying, streams, empty, router, floating } = await run.step('set up', () => setUp(run))
    const act = (body: object) => run.admin.compute.post(`/servers/${moving.id}/action`, body)
    const on = new Move(run, moving, staying, streams, router)
    try {
      await run.step('live migration to compute2', async () => {
        await act({ 'os-migrateLive': { host: 'compute2', block_migration: 'auto' } })
        await on.arrived('ACTIVE', 'compute2', 'live')
        await expectLike(run, 'compute1', empty)
      })
      await run.step('cold migration to compute1, confirmed', async () => {
        await act({ migrate: { host: 'compute1' } })
        await on.arrived('VERIFY_RESIZE', 'compute1', 'cold')
        await act({ confirmResize: null })
        await serverStatus(run, moving.id, 'ACTIVE', 'compute1')
      })
      await run.step('cold migration to compute2, taken back', async () => {
        await act({ migrate: { host: 'compute2' } })
        await on.arrived('VERIFY_RESIZE', 'compute2', 'second cold')
        await expectLike(run, 'compute1', empty)
        await act({ revertResize: null })
        await on.arrived('ACTIVE', 'compute1', 'taken back')
      })
      await run.step('migration of a stopped instance', async () => {
        await act({ 'os-stop': null })
        await serverStatus(run, moving.id, 'SHUTOFF')
        await act({ migrate: null })
        await serverStatus(run, moving.id, 'VERIFY_RESIZE')
        await settled(run.admin)
        // left to the scheduler: another host than it was on
        const { host } = await serverOf(run, moving.id)
        expect(host !== null && host !== 'compute1', `the instance went to ${host}`)
        await expectLike(run, 'compute1', empty)
        await act({ confirmResize: null })
        await serverStatus(run, moving.id, 'SHUTOFF')
        await act({ 'os-start': null })
        await on.arrived('ACTIVE', host)
      })
      await run.step('the floating IP still goes both ways', async () => {
        const seen = await runAt(run, { instance: moving.id }, ['ping', '-c', '1', '-W', '2', '203.0.113.1'])
        expect(seen.includes('1 received'), `the instance with floating IP ${floating} does not reach outside`)
      })
    } finally {
      for (const stream of streams) await stream.end()
    }
  },
}

async function setUp(run: CaseRun) {
  const external = await makeExternal(run, 'flat', 'migration-ext')
  const net = await makeNetwork(run, 'migration', '192.168.1.0/24', {
    network: { 'provider:network_type': 'vxlan' },
  })
  const router = await makeRouter(run, 'migration', { subnets: [net.subnetId], external: external.id })
  const staying = await boot(run, { name: 'migration-staying', networkId: net.id, host: 'compute2' })
  await settled(run.admin)
  const empty = await dumpNode(run.state, 'compute1')
  const moving = await boot(run, { name: 'migration-moving', networkId: net.id, host: 'compute1' })
  await allow(run, { protocol: 'icmp' })
  const floating = await associateFloatingIp(run, external.id, moving.portId)
  const streams = [
    await pingStream(run, { instance: staying.id }, moving.ip),
    await pingStream(run, { node: 'outside' }, floating.ip),
  ]
  return { moving, staying, streams, empty, router: router.id, floating: floating.ip }
}

/** Waits until a node is as `before`, line by line. */
async function expectLike(run: CaseRun, node: string, before: Dump): Promise<void> {
  let left: string[] = []
  await until(`${node} to be as before`, async () => {
    left = dumpDifferences(before, await dumpNode(run.state, node))
    return left.length === 0
  }).catch(() => expect(false, `${node} is not as before: ${left.join('; ')}`))
}

class Move {
  readonly #run: CaseRun
  readonly #moving: Instance
  readonly #staying: Instance
  readonly #streams: readonly PingStream[]
  readonly #router: string

  constructor(run: CaseRun, moving: Instance, staying: Instance, streams: readonly PingStream[], router: string) {
    this.#run = run
    this.#moving = moving
    this.#staying = staying
    this.#streams = streams
    this.#router = router
  }

  /** Everything that must be true when the instance is there; `what`: put the pauses into the report under this name. */
  async arrived(status: string, host: string, what?: string): Promise<void> {
    const run = this.#run
    await serverStatus(run, this.#moving.id, status, host)
    const [inside, outside] = await Promise.all(this.#streams.map((stream) => goesOn(stream)))
    if (what) {
      run.measured(`${what}: pause between instances ms`, inside!)
      run.measured(`${what}: pause of the floating IP ms`, outside!)
    }
    await settled(run.admin)
    await this.#expectSamePort(host)
    await this.#expectFound(host)
    await probe(run, { instance: this.#moving.id }, 'get', 'http://169.254.169.254/latest/meta-data/instance-id')
  }

  async #expectSamePort(host: string): Promise<void> {
    const { portId, mac, ip } = this.#moving
    const { port } = await this.#run.admin.network.get<{
      port: { mac_address: string; status: string; fixed_ips: { ip_address: string }[]; 'binding:host_id': string }
    }>(`/v2.0/ports/${portId}`)
    const found = [port.mac_address, port.fixed_ips[0]?.ip_address, port['binding:host_id'], port.status]
    expect(found.join() === [mac, ip, host, 'ACTIVE'].join(), `the port is ${found.join()}`)
  }

  /** Other nodes send to it over the tunnel of its new host, and their routers know its MAC for good. */
  async #expectFound(host: string): Promise<void> {
    const run = this.#run
    const { mac, ip } = this.#moving
    const remote = endAt(run, host)
    const way = (await tunnelsAt(run, 'network1')).ways.find((one) => one.mac === mac)
    expect(way?.end === remote, `network1 sends ${mac} to ${way?.end ?? 'nobody'}, expected ${remote} (${host})`)
    const router = this.#staying.host
    const neighbours = await runAt(run, { node: router }, [
      'ip',
      'netns',
      'exec',
      qrouterNs(this.#router),
      'ip',
      'neigh',
      'show',
      ip,
    ])
    expect(neighbours.includes(`${mac} PERMANENT`), `the router on ${router} knows ${ip} as '${neighbours.trim()}'`)
  }
}

/** Longest pause since the stream was asked last; it must be over. */
async function goesOn(stream: PingStream): Promise<number> {
  let longest = 0
  const started = performance.now()
  for (let received = 0; received === 0; ) {
    const stretch = await stream.take()
    longest = Math.max(longest, stretch.longestGapMs)
    received = stretch.longestGapMs < 1000 || stretch.received > 3 ? stretch.received : 0
    expect(performance.now() - started < LONGEST_PAUSE_MS, 'the pings are not answered any more')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return longest
}
