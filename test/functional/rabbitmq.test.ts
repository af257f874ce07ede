import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect } from 'amqplib'
import { pino } from 'pino'
import { BusClient } from '../../src/bus/client.js'
import type { ServerMessage } from '../../src/bus/contracts/messages.js'
import { HostView } from '../../src/bus/contracts/view.js'
import { FakeSource, notingSink } from '../../src/bus/fake-source.fake.js'
import { instancePort, scenarioCloud } from '../../src/bus/projection/scenario-cloud.fake.js'
import { type Bus, startBus } from '../../src/bus/server.js'
import type { RabbitTransport } from '../../src/config/transport.js'
import { admin, TestCloud } from '../../src/core/testing/cloud.js'
import { until } from '../../src/lab/proof/until.js'
import { endProcess, freePort } from '../../src/lab/services/place.js'
import { Cluster, postgresqlBinaries } from '../../src/lab/services/postgresql.js'
import { DebianRabbitmq, rabbitmqIsInstalled } from '../../src/lab/services/rabbitmq.js'
import { openStore } from '../../src/store/open.js'
import { SKIP } from '../lib/lab.js'
import { rabbitOf } from '../lib/rabbit-url.js'

const skip = SKIP || (rabbitmqIsInstalled() ? false : 'needs Debian’s rabbitmq-server')
const ROOT = join(import.meta.dirname, '../..')
const log = pino({ level: 'silent' })

/** A follower of one host, with all that it was told. */
class Agent {
  readonly client: BusClient
  readonly view = new HostView()
  readonly told: ServerMessage[] = []
  connections = 0

  constructor(transport: RabbitTransport, host: string, logger = log) {
    this.client = new BusClient(transport, { host, binary: 'neutron-openvswitch-agent' }, logger)
    this.client.on('connected', () => this.connections++)
    this.client.on('message', (message) => {
      this.told.push(message)
      this.view.apply(message)
    })
    this.client.start()
  }

  /** types of the messages since the `from`th */
  types(from = 0): string[] {
    return this.told.slice(from).map(({ type }) => type)
  }
}

const neighbour = (n: number, octet = n) => instancePort(`${n}`.padStart(6, '0'), `192.168.1.${20 + octet}`, 'compute2')

describe('RabbitMQ', { skip }, () => {
  let broker: DebianRabbitmq
  let transport: RabbitTransport
  let directory: string
  let service: ChildProcess
  const serviceLog = () => readFileSync(join(directory, 'log'), 'utf8')

  /** A server's end of the bus, and an agent that has its first view. */
  async function connected(run: (bus: Bus, source: FakeSource, agent: Agent, reports: unknown[]) => Promise<void>) {
    const [source, reports] = [new FakeSource(scenarioCloud()), [] as unknown[]]
    const bus = await startBus({
      ...{ source, sink: notingSink(reports), transport, log },
      ...{ bindHost: '127.0.0.1', name: 'test' },
    })
    const agent = new Agent(transport, 'compute1')
    try {
      await until('the first view', async () => agent.told.length > 0)
      await run(bus, source, agent, reports)
    } finally {
      agent.client.stop()
      await bus.close()
    }
  }

  before(async () => {
    broker = await DebianRabbitmq.prepare()
    transport = rabbitOf(broker.url())
    directory = mkdtempSync(join(tmpdir(), 'neutron-test-'))
  })
  after(async () => {
    if (service) await endProcess(service)
    await broker?.close()
    if (directory) rmSync(directory, { recursive: true })
  })

  it('may come after neutron-server, whose API is served meanwhile', async () => {
    const port = await freePort()
    const metrics = await freePort()
    const figures = async () => (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text()
    writeFileSync(
      join(directory, 'neutron.conf'),
      `[DEFAULT]
bind_host = 127.0.0.1
bind_port = ${port}
transport_url = ${broker.url()}
[metrics]
bind_port = ${metrics}
[database]
connection = sqlite:///${directory}/neutron.sqlite
[keystone_authtoken]
auth_url = http://127.0.0.1:1/v3
username = neutron
password = other-secret
project_name = service
`,
    )
    const argv = ['-c', 'exec "$@" 2>"$LOG"', 'sh', process.execPath]
    const server = join(ROOT, 'dist/processes/neutron-server.js')
    service = spawn('/bin/sh', [...argv, server, '--config-file', join(directory, 'neutron.conf')], {
      stdio: 'ignore',
      env: { ...process.env, LOG: join(directory, 'log') },
    })
    await until('the API answers', async () => (await fetch(`http://127.0.0.1:${port}/`)).ok, 30_000)
    await until('the log', async () => serviceLog().includes('no connection to the broker; it is tried again'))
    assert.match(await figures(), /^eastwest_transport_connected 0$/m)
    await broker.startServer()
    await until('the server to connect', async () => serviceLog().includes('connected to the broker'))
    const agent = new Agent(transport, 'compute1')
    await until('a view', async () => agent.told.length > 0)
    assert.match(await figures(), /^eastwest_transport_connected 1$/m)
    assert.match(await figures(), /^eastwest_agent_streams\{binary="neutron-openvswitch-agent"\} 1$/m)
    agent.client.stop()
    await endProcess(service)
    assert.ok(!serviceLog().includes(broker.password))
  })

  it('carries a snapshot, then changes; a lost connection is resumed where it stopped', async () => {
    await connected(async (bus, source, agent) => {
      assert.deepEqual(agent.types(), ['snapshot'])
      source.commit(neighbour(1))
      await until('the change', async () => agent.view.revision === 1)
      const again = once(agent.client, 'connected')
      const broken = once(agent.client, 'disconnected')
      agent.client.interrupt()
      await broken
      source.commit(neighbour(2))
      await again
      await until('what was missed', async () => agent.view.revision === 2)
      assert.deepEqual(agent.types(), ['snapshot', 'change', 'change'])
      assert.equal(bus.streams()['neutron-openvswitch-agent'], 1)
    })
  })

  it('keeps the order of 5,000 messages each way', async () => {
    await connected(async (_bus, source, agent, reports) => {
      for (let n = 1; n <= 5_000; n++) {
        source.commit(neighbour(1, n % 200))
        agent.client.send({ type: 'applied', revision: n, errors: [] })
        // let each be a message of its own
        await new Promise((resolve) => setImmediate(resolve))
      }
      await until('all changes', async () => agent.view.revision === 5_000, 30_000)
      await until('all reports', async () => reports.length === 5_000, 30_000)
      assert.ok(agent.told.length > 2_000, `${agent.told.length} messages`)
      const revisions = agent.told.map(({ revision }) => revision)
      assert.deepEqual(
        revisions,
        revisions.toSorted((a, b) => a - b),
      )
      assert.deepEqual(
        reports.map((args) => (args as { revision: number }[])[2]!.revision),
        Array.from({ length: 5_000 }, (_, i) => i + 1),
      )
      assert.equal(agent.connections, 1)
    })
  })

  it("bears strangers' messages", async () => {
    await connected(async (bus, source, agent, reports) => {
      const connection = await connect(broker.amqpUrl())
      const channel = await connection.createConfirmChannel()
      const queues = (await broker.control('list_queues', 'name')).split('\n').filter((name) => name.includes('.'))
      assert.equal(queues.length, 2)
      const envelope = { correlationId: 'x', messageId: '1', replyTo: 'nobody', appId: 'stranger' }
      for (const queue of ['q-agents-plugin', ...queues]) {
        for (const options of [
          {},
          { type: 'hello' },
          ...['hello', 'welcome', 'message', 'ping', 'bye'].map((type) => ({ ...envelope, type })),
        ])
          for (const text of ['', 'null', '{}', '[', '{"type":"hello"}', '{"type":"hello","host":7,"binary":"x"}'])
            channel.sendToQueue(queue, Buffer.from(text), options)
      }
      await channel.waitForConfirms()
      source.commit(neighbour(1))
      agent.client.send({ type: 'applied', revision: 1, errors: [] })
      await until('the change', async () => agent.view.revision === 1)
      await until('the report', async () => reports.length === 1)
      assert.equal(agent.connections, 1)
      assert.deepEqual(bus.streams(), { 'neutron-openvswitch-agent': 1 })
      // and what an operator does by mistake
      await channel.deleteQueue('q-agents-plugin')
      await connection.close()
      await until('a new queue', async () => bus.transport().losses === 1 && bus.transport().connected)
      await until('the agent again', async () => agent.connections === 2)
      source.commit(neighbour(2))
      await until('the next change', async () => agent.view.revision === 2)
    })
  })

  /** A second server as a process of its own, and nine agents, which both servers share. */
  async function sharedByTwo(
    run: (all: readonly Agent[], bus: Bus, source: FakeSource, second: ChildProcess) => Promise<void>,
  ) {
    await connected(async (bus, source, agent) => {
      const argv = ['--import', 'tsx', 'test/lib/bus-server.ts']
      const env = { ...process.env, TRANSPORT_URL: broker.url() }
      const second = spawn(process.execPath, argv, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] })
      await once(second.stdout!, 'data')
      const more = Array.from({ length: 8 }, (_, i) => new Agent(transport, `compute${i + 2}`))
      const all = [agent, ...more]
      try {
        await until('all agents', async () => all.every(({ told }) => told.length > 0))
        const here = served(bus)
        assert.ok(here > 1 && here < all.length, `${here} of ${all.length} agents are here`)
        await run(all, bus, source, second)
      } finally {
        for (const { client } of more) client.stop()
        await endProcess(second, 'SIGKILL')
      }
    })
  }
  const served = (bus: Bus) => bus.streams()['neutron-openvswitch-agent'] ?? 0

  it('moves the agents of a killed server to another one within seconds', async () => {
    await sharedByTwo(async (all, bus, source, second) => {
      second.kill('SIGKILL')
      await until('all agents here', async () => served(bus) === all.length, 10_000)
      for (const i of all.keys())
        source.commit(instancePort(`${i}`.padStart(6, '0'), `192.168.1.${20 + i}`, `compute${i + 1}`))
      await until('all agents to follow', async () => all.every(({ view }) => view.revision === all.length))
    })
  })

  it('moves the agents of a server that hangs, and lets it go on when it is back', async () => {
    await sharedByTwo(async (all, bus, source, second) => {
      second.kill('SIGSTOP')
      // the silence of 12 to 15 s, and a hello that the server that hangs has taken but not answered
      await until('all agents here', async () => served(bus) === all.length, 25_000)
      second.kill('SIGCONT')
      source.commit(neighbour(1))
      await until('the agents to follow', async () => all[0]!.view.revision === 1)
      assert.equal(served(bus), all.length)
      // it takes agents again
      await bus.close()
      await until('all agents there', async () =>
        all.every(({ client, connections }) => client.connected && connections > 1),
      )
    })
  })

  it('lets servers on one PostgreSQL share the agents', {
    skip: postgresqlBinaries() ? false : 'needs PostgreSQL',
  }, async () => {
    const cluster = await Cluster.start()
    const clouds = (await Promise.all([openStore(cluster.url()), openStore(cluster.url())])).map((store) =>
      TestCloud.on(store),
    )
    const buses = await Promise.all(
      clouds.map(({ store, built }, i) =>
        startBus({ source: store, sink: built.reports, transport, bindHost: '127.0.0.1', name: `server${i}`, log }),
      ),
    )
    const hosts = ['compute1', 'compute2', 'compute3', 'compute4']
    const agents: Agent[] = []
    const [a, b] = clouds as [TestCloud, TestCloud]
    const served = () => buses.map((bus) => bus.streams()['neutron-openvswitch-agent'] ?? 0)
    /** A port on each host, made at one server: its agent hears of it and reports it, and both servers know. */
    const portsOnAll = async (maker: TestCloud, networkId: string) => {
      for (const [i, host] of hosts.entries()) {
        const { id } = await maker.port(networkId, { 'binding:host_id': host, device_owner: 'compute:nova' }, admin)
        await until(`the agent of ${host} to know`, async () => agents[i]!.view.get('port', id) !== undefined)
        agents[i]!.client.send({ type: 'ports', aspect: 'l2', complete: false, ready: [id], gone: [] })
        await until('ACTIVE everywhere', async () =>
          [await a.show('ports', id), await b.show('ports', id)].every(({ status }) => status === 'ACTIVE'),
        )
      }
    }
    try {
      await until('both servers', async () => buses.every((bus) => bus.transport().connected))
      for (const [i, host] of hosts.entries()) {
        await a.ovsHost(host, `10.0.1.${31 + i}`)
        agents.push(new Agent(transport, host))
      }
      await until('all agents', async () => served()[0]! + served()[1]! === hosts.length)
      assert.deepEqual(served(), [2, 2])
      const { network } = await a.network()
      await portsOnAll(b, network.id)
      await buses[1]!.close()
      await until('all agents at the other', async () => served()[0] === hosts.length)
      await portsOnAll(b, network.id)
    } finally {
      for (const { client } of agents) client.stop()
      for (const bus of buses) await bus.close()
      for (const cloud of clouds) await cloud.close()
      await cluster.close()
    }
  })

  it('tries the next broker of the URL, speaks TLS, and trusts nobody unknown', async () => {
    await connected(async () => {
      const [user, place] = [`neutron:${broker.password}`, `127.0.0.1:${broker.port}`]
      const lines: string[] = []
      const listening = pino({}, { write: (line: string) => void lines.push(line) })
      const agents = [
        new Agent(rabbitOf(`rabbit://${user}@127.0.0.1:1,${user}@${place}/`), 'compute2'),
        new Agent(rabbitOf(broker.tlsUrl(broker.certificate)), 'compute3'),
      ]
      const stranger = new Agent(rabbitOf(broker.tlsUrl('/etc/ssl/certs/ca-certificates.crt')), 'compute4', listening)
      try {
        await until('both agents', async () => agents.every(({ told }) => told.length > 0))
        await until('the refusal', async () => lines.some((line) => line.includes('self-signed certificate')))
        assert.equal(stranger.connections, 0)
      } finally {
        for (const { client } of [...agents, stranger]) client.stop()
      }
    })
  })

  it('says why it is not let in, and not the password', async () => {
    const lines: string[] = []
    const listening = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) })
    for (const url of [broker.url('127.0.0.1', 'wrong-secret'), `${broker.url()}elsewhere`]) {
      const agent = new Agent(rabbitOf(url), 'compute1', listening)
      const refusals = () => lines.filter((line) => line.includes('the broker refuses us'))
      try {
        await until('the refusal', async () => refusals().length > 0)
        await until('the next attempt', async () => lines.length > 1)
      } finally {
        agent.client.stop()
      }
      assert.equal(refusals().length, 1, 'told once, though it is tried again')
      assert.match(refusals()[0]!, /"level":50.*"user":"neutron"/)
      lines.splice(0)
    }
    assert.ok(!lines.join().includes('secret') && !lines.join().includes(broker.password))
  })

  it('may be away while the cloud changes: agents resume, and nothing is lost', async () => {
    await connected(async (bus, source, agent) => {
      source.commit(neighbour(1))
      await until('the change', async () => agent.view.revision === 1)
      await broker.stopServer()
      await until('both to notice', async () => !bus.transport().connected && !agent.client.connected)
      for (let n = 2; n <= 50; n++) source.commit(neighbour(n))
      await broker.startServer()
      await until('the agent to be told', async () => agent.view.revision === 50)
      assert.equal(agent.connections, 2)
      assert.ok(!agent.types(1).includes('snapshot'))
      await until('the server to say so', async () => bus.transport().connected)
      assert.equal(bus.transport().losses, 1)
    })
  })
})
