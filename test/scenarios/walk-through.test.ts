import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { boot, deleteInstance, makeExternal, makeNetwork, makeRouter, VXLAN } from '../../src/lab/proof/objects.js'
import { until } from '../../src/lab/proof/until.js'
import { AGENTS, agent, dumpNode } from '../lib/dump.js'
import { built, SKIP, startLab, type TestLab } from '../lib/lab.js'

const NODES = Object.keys(AGENTS)

describe('the walk-through on a lab', { skip: SKIP }, () => {
  let lab: TestLab
  const baseline = new Map<string, Record<string, string[]>>()
  let printed = ''

  const walk = async () => {
    const { runScenario } = await built<typeof import('../../src/lab/scenario/scenario.js')>('lab/scenario/scenario.js')
    return runScenario(lab.state, (text) => {
      printed += text
    })
  }

  before(async () => {
    lab = await startLab('t-walk', 10_000)
    await lab.settled()
    for (const node of NODES) baseline.set(node, await dumpNode(lab, node))
  })
  after(() => lab?.down())

  it('passes every step', async () => {
    const report = await walk()
    assert.deepEqual(
      report.results.filter(({ ok }) => !ok).map(({ title, reason }) => `${title}: ${reason}\n${printed.slice(-3000)}`),
      [],
    )
    assert.equal(report.ok, true)
  })

  it('prints the guide’s tables', () => {
    assert.match(printed, /\$ neutron net-create ext-net --router:external --provider:physical_network external/)
    assert.match(printed, /\| provider:segmentation_id {2}\| 1 {36}\|/)
    assert.match(printed, /4 packets transmitted, 4 received, 0% packet loss/)
  })

  it('has written everything: another apply writes nothing', async () => {
    for (const node of NODES) {
      for (const binary of AGENTS[node]!) {
        const status = await agent(lab, node, binary, 'POST', '/resync')
        assert.deepEqual(
          { binary, writes: status.last_writes, errors: status.errors },
          { binary, writes: 0, errors: [] },
          `${binary} on ${node}`,
        )
      }
    }
  })

  it('tells each host only what it needs', async () => {
    const { view } = await agent(lab, 'compute2', 'neutron-openvswitch-agent', 'GET', '/status')
    assert.deepEqual(view, ['self/compute2'])
  })

  it('can be carried out again', async () => {
    const report = await walk()
    assert.deepEqual(
      report.results.filter(({ ok }) => !ok).map(({ title, reason }) => `${title}: ${reason}`),
      [],
    )
  })

  it('leaves nothing of deleted objects on any node', async () => {
    const { cleanUp } = await built<typeof import('../../src/lab/scenario/clean-up.js')>('lab/scenario/clean-up.js')
    assert.equal(await cleanUp(lab.admin), true)
    for (const node of NODES) {
      const was = baseline.get(node)!
      await until(
        `${node} to be as before the walk-through`,
        async () => {
          assert.deepEqual(await dumpNode(lab, node), was)
          return true
        },
        5_000,
      )
    }
    const { ports } = await lab.admin.network.get<{ ports: unknown[] }>('/v2.0/ports')
    assert.deepEqual(ports, [])
  })

  it('wires a network that takes over the VNI of one just deleted, 20 times out of 20', async () => {
    const { id: external } = await makeExternal(lab, 'flat', 'ext-net')
    const { id: router } = await makeRouter(lab, 'race', { external })
    const vni = { network: { ...VXLAN.network, 'provider:segmentation_id': 77 } }
    const missed: number[] = []
    for (let round = 1; round <= 20; round++) {
      const { id, subnetId } = await makeNetwork(lab, `race-${round}`, '192.168.7.0/24', vni)
      await lab.demo.network.put(`/v2.0/routers/${router}/add_router_interface`, { subnet_id: subnetId })
      const instance = await boot(lab, { name: `race-${round}`, networkId: id })
      const answered = await until(
        'an answer through SNAT',
        () => lab.in(instance.id, ['ping', '-c', '1', '-W', '1', '203.0.113.1']),
        3_000,
      ).catch(() => null)
      if (!answered) missed.push(round)
      await deleteInstance(lab, instance.id)
      await lab.demo.network.put(`/v2.0/routers/${router}/remove_router_interface`, { subnet_id: subnetId })
      await lab.admin.network.delete(`/v2.0/networks/${id}`)
    }
    assert.deepEqual(missed, [])
  })
})
