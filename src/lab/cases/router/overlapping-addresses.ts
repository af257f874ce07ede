import { convertRouter } from '../../proof/convert.js'
import { expect } from '../../proof/expect.js'
import { instanceTap, watch } from '../../proof/hops.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  portOn,
} from '../../proof/objects.js'
import { expectSeenAs, OUTSIDE, withWhoami } from '../../proof/outside.js'
import { expectAnswers } from '../../proof/places.js'
import { EXTERNAL_GATEWAY } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

const CIDR = '192.168.1.0/24'
/** both instances with a floating IP have it */
const SAME = '192.168.1.20'

/** One half of the case: a network, its router, an instance with a floating IP and one without, all on one host. */
interface Side {
  readonly routerId: string
  readonly routerIp: string
  readonly floating: Instance
  readonly plain: Instance
  readonly floatingIp: string
}

/** The same addresses twice, on the same host, on two routers of one external network. */
export const overlappingAddresses: Case = {
  name: 'overlapping-addresses',
  title: 'two routers with networks of the same addresses on one host, each with its own way in and out',
  async run(run) {
    const [one, two] = await run.step('set up the same network twice', () => setUp(run))
    const traffic = async () => {
      await run.step('each is seen outside as what it is', () =>
        withWhoami(run, async () => {
          for (const { floating, plain, floatingIp, routerIp } of [one, two])
            await Promise.all([expectSeenAs(run, floating, floatingIp), expectSeenAs(run, plain, routerIp)])
        }),
      )
      await run.step('each floating IP leads to its own instance', async () => {
        await expectArrival(run, one, two)
        await expectArrival(run, two, one)
      })
      await run.step('from one to the other by floating IPs', async () => {
        await expectAnswers(run, { instance: one.floating.id }, two.floatingIp)
        await expectAnswers(run, { instance: two.floating.id }, one.floatingIp)
        await expectAnswers(run, { instance: one.plain.id }, two.floatingIp)
        await expectAnswers(run, { instance: one.plain.id }, one.floatingIp)
        await expectAnswers(run, { instance: one.floating.id }, one.floatingIp)
      })
    }
    await traffic()
    await run.step('make one router legacy', () => convertRouter(run, two.routerId, false))
    await traffic()
  },
}

async function setUp(run: CaseRun): Promise<readonly [Side, Side]> {
  const external = await makeExternal(run, 'flat', 'overlap-ext')
  const sides: { network: { id: string }; router: { id: string; externalIp: string }; portId: string }[] = []
  for (const name of ['overlap-1', 'overlap-2']) {
    const network = await makeNetwork(run, name, CIDR)
    const router = await makeRouter(run, name, {
      subnets: [network.subnetId],
      external: external.id,
      distributed: true,
    })
    sides.push({ network, router, portId: (await portOn(run, network.id, network.subnetId, SAME)).id })
  }
  const instances = await bootAll(
    run,
    sides.flatMap(({ network, portId }, i) => [
      { name: `overlap-floating-${i + 1}`, portId, host: 'compute1' },
      { name: `overlap-plain-${i + 1}`, networkId: network.id, host: 'compute1' },
    ]),
  )
  await allow(run, { protocol: 'icmp' })
  const made: Side[] = []
  for (const [i, { router, portId }] of sides.entries()) {
    const floatingIp = (await associateFloatingIp(run, external.id, portId)).ip
    const [floating, plain] = [instances[2 * i]!, instances[2 * i + 1]!]
    made.push({ routerId: router.id, routerIp: router.externalIp, floating, plain, floatingIp })
  }
  return [made[0]!, made[1]!]
}

/** A ping from outside comes to the side's instance and not to the one with the same address. */
async function expectArrival(run: CaseRun, to: Side, other: Side): Promise<void> {
  const [here, there] = [instanceTap(to.floating), instanceTap(other.floating)]
  const { seenAt } = await watch(run.state, [here, there], () => expectAnswers(run, OUTSIDE, to.floatingIp))
  const ip = `${EXTERNAL_GATEWAY}>${SAME}`
  expect(seenAt(here, ip).length > 0, `nothing came to ${to.floating.name}`)
  expect(seenAt(there, ip).length === 0, `it came to ${other.floating.name}, too`)
}
