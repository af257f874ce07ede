import assert from 'node:assert/strict'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { runCommand } from '../../src/dataplane/command/host.js'
import {
  allow,
  associateFloatingIp,
  boot,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  VXLAN,
} from '../../src/lab/proof/objects.js'
import { until } from '../../src/lab/proof/until.js'
import { list } from '../lib/cloud.js'
import { AGENTS, agent } from '../lib/dump.js'
import { built, SKIP, startLab, type TestLab } from '../lib/lab.js'

/** What instances get from the cloud, and that they do not notice when its services come and go. */
describe('an instance', { skip: SKIP }, () => {
  let lab: TestLab
  let i1: Instance
  let i2: Instance
  let fip: { id: string; ip: string }

  before(async () => {
    lab = await startLab('t-hitless', 17_000)
    const { id: external } = await makeExternal(lab, 'flat', 'ext-net')
    const net1 = await makeNetwork(lab, 'net1', '192.168.1.0/24', VXLAN)
    const net2 = await makeNetwork(lab, 'net2', '192.168.2.0/24', VXLAN)
    await makeRouter(lab, 'router', { subnets: [net1.subnetId, net2.subnetId], external })
    i1 = await boot(lab, { name: 'i1', networkId: net1.id })
    i2 = await boot(lab, { name: 'i2', networkId: net2.id })
    fip = await associateFloatingIp(lab, external, i1.portId)
    await allow(lab, { protocol: 'icmp' })
  })
  after(() => lab?.down())

  it('loses not even the first packet to another host, to the world and to its floating address', async () => {
    assert.notEqual(i1.host, i2.host)
    const once = ['ping', '-c', '1', '-W', '1']
    await lab.in(i1.id, [...once, i2.ip])
    await lab.in(i2.id, [...once, '174.143.194.225'])
    await lab.on('outside', [...once, fip.ip])
  })

  it('fetches its own metadata through the router of its host, and nobody else’s', async () => {
    const get = async (instance: Instance, path: string, headers = '{}') => {
      const script = `fetch('http://169.254.169.254${path}',{headers:${headers}}).then(async r=>console.log(r.status,await r.text()))`
      return (await lab.in(instance.id, [process.execPath, '-e', script])).stdout.trim()
    }
    assert.equal(await get(i1, '/latest/meta-data/local-ipv4'), `200 ${i1.ip}`)
    assert.equal(await get(i2, '/latest/meta-data/local-ipv4'), `200 ${i2.ip}`)
    const own = JSON.parse((await get(i1, '/openstack/latest/meta_data.json')).slice(4)) as Record<string, unknown>
    assert.deepEqual([own.uuid, own.name], [i1.id, 'i1'])
    const forged = `{'X-Forwarded-For':'${i2.ip}','X-Instance-ID':'${i2.id}','X-Neutron-Network-ID':'x'}`
    const answer = await get(i1, '/latest/meta-data/local-ipv4', forged)
    assert.equal(answer.includes(i2.ip), false, answer)
  })

  /** Pings every 10 ms, both ways that matter, while `action` runs; resolves to what was lost. */
  async function lostDuring(action: () => Promise<unknown>): Promise<string[]> {
    const many = ['ping', '-n', '-q', '-i', '0.01', '-c', '500', '-W', '1']
    const { inInstance } = await built<typeof import('../../src/lab/instance.js')>('lab/instance.js')
    const commands = [
      await inInstance(lab.state, lab.admin, i1.id, [...many, i2.ip]),
      await inInstance(lab.state, lab.admin, i2.id, [...many, '203.0.113.1']),
    ]
    const running = commands.map((argv) => runCommand(argv, { okCodes: [0, 1] }))
    running.push(lab.on('outside', [...many, fip.ip], { okCodes: [0, 1] }))
    const acted = action()
    const results = await Promise.all(running)
    await acted
    return results.map(({ stdout }) =>
      stdout
        .match(/(\d+) packets transmitted, (\d+) received/)!
        .slice(1)
        .join(' of '),
    )
  }

  it('does not notice that every agent is killed and started again', async () => {
    const lost = await lostDuring(async () => {
      for (const [node, binaries] of Object.entries(AGENTS)) for (const binary of binaries) await restart(node, binary)
      for (const [node, binaries] of Object.entries(AGENTS)) {
        for (const binary of binaries) {
          await until(
            `${binary} on ${node}`,
            async () => (await agent(lab, node, binary, 'GET', '/status')).applied > 0,
          )
        }
      }
    })
    assert.deepEqual(lost, ['500 of 500', '500 of 500', '500 of 500'])
  })

  it('had nothing written by the agents that came back', async () => {
    for (const [node, binaries] of Object.entries(AGENTS)) {
      for (const binary of binaries) {
        const { writes, errors } = await agent(lab, node, binary, 'GET', '/status')
        assert.deepEqual({ node, binary, writes, errors }, { node, binary, writes: 0, errors: [] })
      }
    }
  })

  it('does not notice that the server is killed and started again, and nothing is forgotten', async () => {
    const before = await everything()
    const lost = await lostDuring(() => restart('controller', 'neutron-server'))
    assert.deepEqual(lost, ['500 of 500', '500 of 500', '500 of 500'])
    // the machine's socket ended with the process that held it: ask from the controller itself
    const again = await until('the server', async () => {
      const { stdout } = await lab.on('controller', [
        process.execPath,
        '-e',
        listScript(),
        String(lab.state.spec.ports.network),
        (await lab.admin.token()).id,
      ])
      return stdout.trim()
    })
    assert.deepEqual(JSON.parse(again), before)
  })

  const COLLECTIONS = ['networks', 'subnets', 'ports', 'routers', 'floatingips', 'security-groups']

  async function everything(): Promise<string[][]> {
    return Promise.all(
      COLLECTIONS.map(async (name) => (await list<{ id: string }>(lab, name)).map(({ id }) => id).sort()),
    )
  }

  function listScript(): string {
    return `Promise.all(${JSON.stringify(COLLECTIONS)}.map(async n=>{const r=await fetch('http://127.0.0.1:'+process.argv[1]+'/v2.0/'+n,{headers:{'x-auth-token':process.argv[2]}});return (await r.json())[n.replaceAll('-','_')].map(o=>o.id).sort()})).then(a=>console.log(JSON.stringify(a)))`
  }

  /** Kills a daemon as hard as can be, and starts it again as the lab starts it. */
  async function restart(node: string, daemon: string): Promise<void> {
    const { startDaemon } = await built<typeof import('../../src/lab/daemons.js')>('lab/daemons.js')
    const pid = pidOf(node, daemon)
    process.kill(pid, 'SIGKILL')
    await until(`${daemon} on ${node} to end`, async () => !running(pid))
    const spec = lab.state.spec.nodes.find(({ name }) => name === node)!
    startDaemon(lab.state.spec.name, spec, lab.state.inits[node]!, daemon)
  }

  function pidOf(node: string, daemon: string): number {
    const namespace = readlinkSync(`/proc/${lab.state.inits[node]!.pid}/ns/pid`)
    const found = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .find((pid) => {
        try {
          const isHere = readlinkSync(`/proc/${pid}/ns/pid`) === namespace
          return (
            isHere && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1]?.endsWith(`/processes/${daemon}.js`)
          )
        } catch {
          return false
        }
      })
    assert.ok(found, `${daemon} runs on ${node}`)
    return Number(found)
  }

  function running(pid: number): boolean {
    try {
      process.kill(pid, 0)
      return true
    } catch {
      return false
    }
  }
})
