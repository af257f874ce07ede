import { convertRouter } from '../../proof/convert.js'
import { expect } from '../../proof/expect.js'
import { expectSeen, instanceTap, watch } from '../../proof/hops.js'
import { interfaceOn, routerPorts } from '../../proof/macs.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  makeSubnet,
  portOn,
} from '../../proof/objects.js'
import { expectSeenAs, OUTSIDE, withWhoami } from '../../proof/outside.js'
import { expectAnswers, expectMesh, expectSilence, serve, talkDuring } from '../../proof/places.js'
import { settled } from '../../settled.js'
import { OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

const ECHO_PORT = '7002'

/** Two subnets on one network and one on another: interfaces come and go beside connections of the others. */
export const severalSubnets: Case = {
  name: 'several-subnets',
  title: 'a router on two subnets of one network and on others; an interface comes and goes, only its subnet notices',
  async run(run) {
    const { external, one, second, other, router } = await run.step('set up three subnets on one router', () =>
      setUp(run),
    )
    const [a, b, c] = await run.step('an instance on each subnet', () => bootThem(run, one, second, other))
    const floatingIp = await run.step('a floating IP on the second subnet', () =>
      associateFloatingIp(run, external.id, b!.portId),
    )
    const traffic = async () => {
      await expectMesh(run, [a!, b!, c!])
      await withWhoami(run, () =>
        Promise.all([
          expectSeenAs(run, a!, router.externalIp),
          expectSeenAs(run, b!, floatingIp.ip),
          expectSeenAs(run, c!, router.externalIp),
        ]),
      )
      await expectAnswers(run, OUTSIDE, floatingIp.ip)
    }
    await run.step('every pair, SNAT and the floating IP', traffic)
    await run.step('one SNAT address for each subnet', async () => {
      const subnets = (await routerPorts(run, router.id, 'network:router_centralized_snat')).map(
        ({ subnetId }) => subnetId,
      )
      const wanted = [one.subnetId, second, other.subnetId].sort()
      expect(subnets.sort().join() === wanted.join(), `SNAT ports are on ${subnets.join()}, expected ${wanted.join()}`)
    })
    await run.step('subnets of one network are neighbours, others are routed', async () => {
      // DHCP tells instances that the other subnets of their network are on the link
      await expectHop(run, a!, b!, a!.mac, 64)
      await expectHop(run, a!, c!, (await interfaceOn(run, router.id, other.subnetId)).mac, 63)
    })
    const silence = await run.step('a connection through SNAT lasts while an interface is added', async () =>
      whileTalking(run, a!, async () => {
        const more = await makeNetwork(run, 'several-more', '10.4.0.0/24')
        await run.demo.network.addRouterInterface(router.id, { subnet_id: more.subnetId })
        await settled(run.admin)
        await expectAnswers(run, { instance: a!.id }, '10.4.0.1')
      }),
    )
    run.measured('silence ms', silence)
    await run.step('it lasts while another interface is removed; only that subnet is cut off', async () => {
      await whileTalking(run, a!, async () => {
        await run.demo.network.removeRouterInterface(router.id, { subnet_id: other.subnetId })
        await settled(run.admin)
        await expectAnswers(run, { instance: a!.id }, b!.ip)
        await expectSilence(run, { instance: a!.id }, c!.ip)
      })
      await expectSilence(run, { instance: c!.id }, OPENSTACK_ORG)
    })
    await run.step('the interface comes back', async () => {
      await run.demo.network.addRouterInterface(router.id, { subnet_id: other.subnetId })
      await settled(run.admin)
      await traffic()
    })
    await run.step('make the router legacy', () => convertRouter(run, router.id, false))
    await run.step('every pair, SNAT and the floating IP of the legacy router', traffic)
    await run.step('a connection through its SNAT lasts while an interface is removed', () =>
      whileTalking(run, a!, async () => {
        await run.demo.network.removeRouterInterface(router.id, { subnet_id: other.subnetId })
        await settled(run.admin)
      }),
    )
  },
}

async function setUp(run: CaseRun) {
  const external = await makeExternal(run, 'flat', 'several-ext')
  const one = await makeNetwork(run, 'several-1', '10.1.0.0/24')
  const second = await makeSubnet(run, one.id, '10.2.0.0/24')
  const other = await makeNetwork(run, 'several-2', '10.3.0.0/24')
  const subnets = [one.subnetId, second, other.subnetId]
  const router = await makeRouter(run, 'several', { subnets, external: external.id, distributed: true })
  return { external, one, second, other, router }
}

type SetUp = Awaited<ReturnType<typeof setUp>>

async function bootThem(run: CaseRun, one: SetUp['one'], second: string, other: SetUp['other']) {
  const instances = await bootAll(run, [
    { name: 'several-a', portId: (await portOn(run, one.id, one.subnetId)).id, host: 'compute1' },
    { name: 'several-b', portId: (await portOn(run, one.id, second)).id, host: 'compute2' },
    { name: 'several-c', networkId: other.id, host: 'compute2' },
  ])
  await allow(run, { protocol: 'icmp' })
  return instances
}

/** A ping reaches the other instance from this MAC with this TTL. */
async function expectHop(run: CaseRun, from: Instance, to: Instance, mac: string, ttl: number): Promise<void> {
  const tap = instanceTap(to)
  const { seenAt } = await watch(run.state, [tap], () => expectAnswers(run, { instance: from.id }, to.ip))
  const ip = `${from.ip}>${to.ip}`
  expectSeen(tap, seenAt(tap, ip), { eth: `${mac}>${to.mac}`, vlan: null, ip, ttl })
}

/** A TCP connection from an instance to the outside world while something happens; its longest silence in milliseconds. */
async function whileTalking(run: CaseRun, from: Instance, action: () => Promise<void>): Promise<number> {
  const stop = await serve(run, OUTSIDE, 'echo', ECHO_PORT)
  try {
    return await talkDuring(run, { instance: from.id }, OPENSTACK_ORG, ECHO_PORT, action)
  } finally {
    stop()
  }
}
