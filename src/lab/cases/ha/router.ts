import { expect } from '../../proof/expect.js'
import { disassociateFloatingIp, makeNetwork, makePort } from '../../proof/objects.js'
import { expectSeenAs, withWhoami } from '../../proof/outside.js'
import { until } from '../../proof/until.js'
import { expectNoWrites } from '../../proof/writes.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'
import {
  activeHost,
  crashKeepalived,
  expectOneHolder,
  type HaCloud,
  haStates,
  makeHaCloud,
  restartAgent,
  startTraffic,
  type Traffic,
  waitingHost,
  withoutNode,
} from './setup.js'

/** Less than any failover takes, more than a busy machine holds a ping up. */
const HITLESS_MS = 1_000
/** three announcements of 2 s missed, a bit for the vote, a second for the network */
const FAILOVER_MS = 9_000

/** What of the traffic goes over the active host. */
type Central = readonly string[]

const needs = { networks: 2 }

export const haRouterLegacy: Case = {
  name: 'ha-router-legacy',
  title: 'a highly available router: SNAT, floating IP and east-west outlive keepalived and the whole network node',
  needs,
  run: (run) => prove(run, false, ['SNAT', 'floating IP', 'east-west']),
}

export const haRouterDvr: Case = {
  name: 'ha-router-dvr',
  title: 'a distributed highly available router: SNAT moves to the other network node, the rest does not notice',
  needs,
  run: (run) => prove(run, true, ['SNAT']),
}

async function prove(run: CaseRun, distributed: boolean, central: Central): Promise<void> {
  const cloud = await run.step('a router on two network nodes', () => makeHaCloud(run, distributed))
  const first = await run.step('one is active, the other waits without addresses', async () => {
    const active = await activeHost(run, cloud)
    await expectOneHolder(run, cloud, active)
    await settled(run.admin)
    await expectNoWrites(run.state)
    return active
  })
  await withWhoami(run, async () => {
    await run.step('ways outside', () => expectWays(run, cloud))
    const traffic = await startTraffic(run, cloud)
    try {
      await run.step('changes of the router are no failover', () => change(run, cloud, traffic, first))
      await run.step('nor is a restart of the active agent', () => restart(run, cloud, traffic, first))
      // what a crash leaves behind is the same in both kinds of namespaces
      const next = distributed
        ? first
        : await run.step('keepalived crashes on the active host', () => crash(run, cloud, traffic, central, first))
      await run.step('the active network node is lost', () => lose(run, cloud, traffic, central, next))
    } finally {
      await traffic.end()
    }
    await run.step('ways outside, after all that', () => expectWays(run, cloud))
  })
  await run.step('nothing is left to write', () => expectNoWrites(run.state))
}

async function expectWays(run: CaseRun, { plain, floating, routerIp, floatingIp }: HaCloud): Promise<void> {
  await expectSeenAs(run, plain, routerIp)
  await expectSeenAs(run, floating, floatingIp)
}

/** An interface, a route and a floating IP come and go. */
async function change(run: CaseRun, cloud: HaCloud, traffic: Traffic, active: string): Promise<void> {
  const { demo, admin } = run
  const { routerId, external, left } = cloud
  await traffic.take()
  const extra = await makeNetwork(run, 'ha-extra', '192.168.3.0/24')
  await admin.network.addRouterInterface(routerId, { subnet_id: extra.subnetId })
  const route = { destination: '10.99.0.0/16', nexthop: '192.168.1.200' }
  await demo.network.put(`/v2.0/routers/${routerId}`, { router: { routes: [route] } })
  const target = await makePort(run, left.id)
  const { id } = await demo.network.create('floatingips', {
    floating_network_id: external.id,
    port_id: target.id,
  })
  await settled(admin)
  await disassociateFloatingIp(run, id)
  await demo.network.put(`/v2.0/routers/${routerId}`, { router: { routes: [] } })
  await admin.network.removeRouterInterface(routerId, { subnet_id: extra.subnetId })
  await settled(admin)
  await expectUnnoticed(traffic)
  expect((await activeHost(run, cloud)) === active, `${active} is no longer active`)
}

async function restart(run: CaseRun, cloud: HaCloud, traffic: Traffic, active: string): Promise<void> {
  await traffic.take()
  await restartAgent(run, active)
  await settled(run.admin)
  await expectUnnoticed(traffic)
  expect((await haStates(run, cloud.routerId)).get(active) === 'active', `${active} is no longer active`)
  await expectOneHolder(run, cloud, active)
}

async function expectUnnoticed(traffic: Traffic): Promise<void> {
  for (const [name, ms] of Object.entries(await traffic.take())) {
    expect(ms < HITLESS_MS, `${name} paused for ${ms} ms`)
  }
}

/** The crashed one leaves its addresses where they are; its agent notices, and it waits from then on. */
async function crash(
  run: CaseRun,
  cloud: HaCloud,
  traffic: Traffic,
  central: Central,
  active: string,
): Promise<string> {
  await traffic.take()
  await crashKeepalived(run, active, cloud.routerId)
  const next = await activeHost(run, cloud, active)
  await expectPauses(run, traffic, central, 'keepalived crashes')
  await until('the crashed host to wait', async () => {
    return (await haStates(run, cloud.routerId)).get(active) === 'standby'
  })
  await expectOneHolder(run, cloud, next)
  return next
}

async function lose(run: CaseRun, cloud: HaCloud, traffic: Traffic, central: Central, active: string): Promise<void> {
  await traffic.take()
  await withoutNode(run, active, async () => {
    // what the lost one was last known to be is not taken back: it is the other one that says that it is active
    await until(
      'the other one to be active',
      async () => (await haStates(run, cloud.routerId)).get(waitingHost(active)) === 'active',
      2 * FAILOVER_MS,
    )
    await expectPauses(run, traffic, central, 'network node lost')
  })
  // both have the addresses when they meet again; one gives way
  const winner = await activeHost(run, cloud)
  await expectPauses(run, traffic, central, 'network node back')
  await expectOneHolder(run, cloud, winner)
}

/** Traffic over the active host goes on after a while, which is reported; the rest as if nothing had happened. */
async function expectPauses(run: CaseRun, traffic: Traffic, central: Central, what: string): Promise<void> {
  await traffic.answered()
  for (const [name, ms] of Object.entries(await traffic.take())) {
    const limit = central.includes(name) ? FAILOVER_MS : HITLESS_MS
    if (central.includes(name)) run.measured(`${what}, ${name}: ms`, ms)
    expect(ms < limit, `${name} paused for ${ms} ms`)
  }
}
