import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { pino } from 'pino'
import type { PortsMessage, StateMessage } from '../../bus/contracts/messages.js'
import type { HostView } from '../../bus/contracts/view.js'
import type { ReportSink } from '../../bus/ports.js'
import { scenarioCloud } from '../../bus/projection/scenario-cloud.fake.js'
import { type Bus, startBus } from '../../bus/server.js'
import { LocalHost } from '../../dataplane/command/host.js'
import type { Change, CloudObject } from '../../model/cloud.js'
import type { Agent, ApplyOutcome, ApplyReason } from './agent.js'
import { controlSocketPath } from './control-socket.js'
import { runAgent } from './runtime.js'

const log = pino({ level: 'silent' })
const address = (port: number) => ({ scheme: 'stream', host: '127.0.0.1', port, secret: 's' }) as const

/** An agent whose data plane is the list of port ids it was told, with failures on demand. */
class FakeAgent implements Agent {
  readonly binary = 'neutron-openvswitch-agent'
  readonly agentType = 'Open vSwitch agent'
  readonly topic = 'N/A'
  readonly availabilityZone = null
  readonly portAspect = 'l2'
  readonly applied: { reason: ApplyReason; ports: string[] }[] = []
  failures = 0
  waiting: string[] = []
  running = 0
  mostRunning = 0
  haStates: Readonly<Record<string, 'active' | 'standby'>> | null = null

  configurations = () => ({ tunneling_ip: '10.0.1.31' })
  start = async () => {}
  stop = async () => {}

  async apply(view: HostView, reason: ApplyReason): Promise<ApplyOutcome> {
    this.mostRunning = Math.max(this.mostRunning, ++this.running)
    await new Promise((resolve) => setImmediate(resolve))
    this.running--
    const ports = view.all('port').map(({ id }) => id)
    this.applied.push({ reason, ports })
    if (this.failures > 0) {
      this.failures--
      return { writes: 1, errors: [{ kind: 'port', id: 'p', message: 'no' }], readyPorts: [] }
    }
    const states = this.haStates && { haStates: this.haStates }
    return { writes: 0, errors: [], readyPorts: ports, waitingPorts: this.waiting, ...states }
  }
}

describe('agent runtime', () => {
  let dir: string
  let bus: Bus
  let commit: (value: CloudObject) => void
  const seen = {
    states: [] as StateMessage[],
    ports: [] as PortsMessage[],
    applied: [] as number[],
    ha: [] as unknown[],
  }
  const sink: ReportSink = {
    agentState: async (message) => void seen.states.push(message),
    portsReady: async (_host, message) => void seen.ports.push(message),
    floatingIps: async () => {},
    metering: async () => {},
    haStates: async (_host, { states }) => void seen.ha.push(states),
    applied: async (_host, _binary, { revision }) => void seen.applied.push(revision),
  }

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'eastwest-runtime-'))
    seen.states.length = seen.ports.length = seen.applied.length = seen.ha.length = 0
    const changes: Change[] = []
    let notify = () => {}
    const source = {
      load: async () => ({ revision: 0, objects: scenarioCloud() }),
      since: async (revision: number) => changes.filter((change) => change.revision > revision),
      onCommit: (listener: () => void) => {
        notify = listener
        return () => {}
      },
    }
    commit = (value) => {
      changes.push({ revision: changes.length + 1, kind: value.kind, id: value.id, value })
      notify()
    }
    bus = await startBus({ source, sink, transport: address(0), bindHost: '127.0.0.1', name: 'test', log })
  })

  afterEach(async () => {
    await bus.close()
    rmSync(dir, { recursive: true })
  })

  async function run(agent: FakeAgent, work: (host: LocalHost) => Promise<void>): Promise<void> {
    const host = new LocalHost({ name: 'compute1', paths: { run: dir } })
    const transport = address(bus.port!)
    const stop = await runAgent(agent, { host, transport, reportInterval: 3600, auditInterval: 3600, log })
    await work(host).finally(stop)
  }

  const until = async (condition: () => boolean) => {
    for (let i = 0; !condition(); i++) {
      assert.ok(i < 10_000, 'waited in vain')
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  it('reports itself, applies the first view as a resync and tells what is ready', async () => {
    const agent = new FakeAgent()
    await run(agent, async () => {
      await until(() => seen.ports.length > 0 && seen.applied.length > 0)
      assert.equal(agent.applied[0]!.reason, 'resync')
      assert.equal(seen.states[0]!.start, true)
      assert.equal(seen.ports[0]!.complete, true)
      assert.equal(seen.ports[0]!.ready.length, 3)
    })
  })

  it('tells the states of routers, then only those that changed', async () => {
    const agent = new FakeAgent()
    agent.haStates = { r: 'standby', other: 'active' }
    await run(agent, async () => {
      await until(() => seen.ha.length > 0 && seen.applied.length > 0)
      assert.deepEqual(seen.ha, [{ r: 'standby', other: 'active' }])
      agent.haStates = { r: 'active', other: 'active' }
      const router = scenarioCloud().find((object) => object.kind === 'router')!
      commit({ ...(router as Extract<CloudObject, { kind: 'router' }>), name: 'changed' })
      await until(() => seen.applied.at(-1) === 1)
      assert.deepEqual(seen.ha.slice(1), [{ r: 'active' }])
    })
  })

  it('applies changes one at a time and reports only what changed', async () => {
    const agent = new FakeAgent()
    await run(agent, async () => {
      await until(() => seen.ports.length === 1)
      const port = scenarioCloud().find((object) => object.kind === 'port' && object.deviceOwner === 'compute:nova')!
      for (let i = 0; i < 20; i++)
        commit({ ...(port as Extract<CloudObject, { kind: 'port' }>), id: `new-${i}`, name: `${i}` })
      await until(() => seen.applied.at(-1) === 20)
      assert.equal(agent.mostRunning, 1)
      const told = seen.ports.slice(1).flatMap(({ ready }) => ready)
      assert.deepEqual(told.sort(), Array.from({ length: 20 }, (_, i) => `new-${i}`).sort())
    })
  })

  it('tells once of a port that is plugged in and was not meant for the host', async () => {
    const agent = new FakeAgent()
    agent.waiting = ['p1']
    await run(agent, async (host) => {
      await until(() => seen.ports.length === 1)
      assert.deepEqual(seen.ports[0]!.waiting, ['p1'])
      agent.waiting = ['p1', 'p2']
      await call(controlSocketPath(host, agent.binary), 'POST', '/resync')
      await call(controlSocketPath(host, agent.binary), 'POST', '/resync')
      await until(() => seen.ports.length > 1)
      assert.deepEqual(seen.ports.slice(1), [
        { type: 'ports', aspect: 'l2', complete: false, ready: [], gone: [], waiting: ['p2'] },
      ])
    })
  })

  it('tries again what failed, and what the server changed is told again', async () => {
    const agent = new FakeAgent()
    agent.failures = 1
    await run(agent, async () => {
      await until(() => agent.applied.some(({ reason }) => reason === 'retry'))
      await until(() => seen.ports.some(({ ready }) => ready.length === 3))
      const port = scenarioCloud().find((object) => object.id.startsWith('05a1b2c3'))!
      commit({ ...(port as Extract<CloudObject, { kind: 'port' }>), name: 'renamed' })
      await until(() => seen.ports.at(-1)!.ready.join() === port.id)
    })
  })

  it('answers on its control socket, and a resync counts its writes', async () => {
    const agent = new FakeAgent()
    await run(agent, async (host) => {
      await until(() => agent.applied.length > 0)
      const status = await call(controlSocketPath(host, agent.binary), 'POST', '/resync')
      assert.equal(status.last_writes, 0)
      assert.equal(agent.applied.at(-1)!.reason, 'resync')
    })
  })

  function call(socketPath: string, method: string, path: string): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath, method, path }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += String(chunk)
        })
        response.on('end', () => resolve(JSON.parse(text)))
      })
      sent.on('error', reject)
      sent.end()
    })
  }
})
