import { qrouterNs, snatNs } from '../../../model/device-names.js'
import { centralHost, routingNodes } from '../../proof/central-host.js'
import { expect } from '../../proof/expect.js'
import { allow, associateFloatingIp, bootAll, makeExternal, makeNetwork, makeRouter } from '../../proof/objects.js'
import { expectSeenAs, OUTSIDE, withWhoami } from '../../proof/outside.js'
import { expectAnswers, expectSilence, namespacesAt } from '../../proof/places.js'
import { expectRefused } from '../../proof/refused.js'
import { settled } from '../../settled.js'
import { OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

/** The central part of a router is taken from its agent and given back, by the API of the schedulers. */
export const routerScheduling: Case = {
  name: 'router-scheduling',
  title: 'the central part of a router is taken from its agent and given back; what is distributed works on meanwhile',
  async run(run) {
    const { dvr, legacy } = await run.step('set up a distributed and a legacy router', () => setUp(run))
    const agents = await run.step('which agents have them', async () => {
      const found = await l3Agents(run)
      expectHosts(await hostsOf(run, dvr.routerId), ['compute1', 'compute2', ...routingNodes(run, ['network'])])
      expectHosts(await hostsOf(run, legacy.routerId), [await centralHost(run, legacy.routerId)])
      return found
    })
    const central = new Map<string, string>()
    for (const { routerId } of [dvr, legacy]) central.set(routerId, await centralHost(run, routerId))
    const agentOf = (routerId: string) => agents.get(central.get(routerId)!)!
    const works = async () => {
      await withWhoami(run, async () => {
        for (const { plain, routerIp } of [dvr, legacy]) await expectSeenAs(run, plain, routerIp)
      })
      for (const { floatingIp } of [dvr, legacy]) await expectAnswers(run, OUTSIDE, floatingIp)
    }
    await run.step('all traffic', works)
    await run.step('what is refused', () => refusals(run, agents, dvr.routerId))
    await run.step('taken from their agent', async () => {
      for (const { routerId } of [dvr, legacy])
        await run.admin.network.delete(`/v2.0/agents/${agentOf(routerId)}/l3-routers/${routerId}`)
      await settled(run.admin)
      for (const node of routingNodes(run, ['network'])) {
        const left = await namespacesAt(run, node)
        expect(!left.includes(snatNs(dvr.routerId)), `the snat namespace is still on ${node}`)
        expect(!left.includes(qrouterNs(legacy.routerId)), `the legacy router is still on ${node}`)
      }
    })
    await run.step(
      'floating IPs and routes of the distributed one work on, SNAT and the legacy one do not',
      async () => {
        await expectAnswers(run, OUTSIDE, dvr.floatingIp)
        await expectAnswers(run, { instance: dvr.plain.id }, dvr.floating.ip)
        await expectSilence(run, { instance: dvr.plain.id }, OPENSTACK_ORG)
        await expectSilence(run, OUTSIDE, legacy.floatingIp)
      },
    )
    await run.step('given back', async () => {
      for (const { routerId } of [dvr, legacy])
        await run.admin.network.post(`/v2.0/agents/${agentOf(routerId)}/l3-routers`, { router_id: routerId })
      await settled(run.admin)
    })
    await run.step('all traffic again', works)
  },
}

async function setUp(run: CaseRun) {
  const external = await makeExternal(run, 'flat', 'scheduling-ext')
  const side = async (name: string, subnets: readonly [string, string], distributed: boolean) => {
    const [left, right] = [
      await makeNetwork(run, `${name}-1`, subnets[0]),
      await makeNetwork(run, `${name}-2`, subnets[1]),
    ]
    const wish = { subnets: [left.subnetId, right.subnetId], external: external.id, distributed }
    const router = await makeRouter(run, name, wish)
    const [floating, plain] = await bootAll(run, [
      { name: `${name}-floating`, networkId: left.id, host: 'compute1' },
      { name: `${name}-plain`, networkId: right.id, host: 'compute2' },
    ])
    const floatingIp = (await associateFloatingIp(run, external.id, floating!.portId)).ip
    return { routerId: router.id, routerIp: router.externalIp, floating: floating!, plain: plain!, floatingIp }
  }
  const dvr = await side('scheduling-dvr', ['192.168.1.0/24', '192.168.2.0/24'], true)
  const legacy = await side('scheduling-legacy', ['192.168.3.0/24', '192.168.4.0/24'], false)
  await allow(run, { protocol: 'icmp' })
  return { dvr, legacy }
}

interface Agent {
  readonly id: string
  readonly host: string
}

/** Ids of the L3 agents, by host. */
async function l3Agents(run: CaseRun): Promise<ReadonlyMap<string, string>> {
  const { agents } = await run.admin.network.get<{ agents: Agent[] }>('/v2.0/agents', { agent_type: 'L3 agent' })
  return new Map(agents.map(({ id, host }) => [host, id]))
}

async function hostsOf(run: CaseRun, routerId: string): Promise<string[]> {
  const { agents } = await run.admin.network.get<{ agents: Agent[] }>(`/v2.0/routers/${routerId}/l3-agents`)
  return agents.map(({ host }) => host).sort()
}

function expectHosts(found: readonly string[], wanted: readonly string[]): void {
  expect(found.join() === wanted.join(), `the router is with the agents of ${found.join()}, expected ${wanted.join()}`)
}

async function refusals(run: CaseRun, agents: ReadonlyMap<string, string>, routerId: string): Promise<void> {
  const dvrAgent = agents.get('compute1')!
  await expectRefused(() => run.admin.network.post(`/v2.0/agents/${dvrAgent}/l3-routers`, { router_id: routerId }), {
    status: 409,
    type: 'DVRL3CannotAssignToDvrAgent',
    message: "Not allowed to manually assign a router to an agent in 'dvr' mode.",
  })
  await expectRefused(() => run.admin.network.delete(`/v2.0/agents/${dvrAgent}/l3-routers/${routerId}`), {
    status: 409,
    type: 'DVRL3CannotRemoveFromDvrAgent',
    message: "Not allowed to manually remove a router from an agent in 'dvr' mode.",
  })
}
