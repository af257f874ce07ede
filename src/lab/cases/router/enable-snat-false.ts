import { convertRouter } from '../../proof/convert.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  makeExternal,
  makeNetwork,
  makeRouter,
  setGateway,
} from '../../proof/objects.js'
import { expectSeenAs, OUTSIDE, withWhoami } from '../../proof/outside.js'
import { expectAnswers, expectSilence, run as runAt } from '../../proof/places.js'
import { expectRefused } from '../../proof/refused.js'
import { settled } from '../../settled.js'
import { OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

/** Without source NAT fixed addresses are seen outside, where somebody must know the way back. */
export const enableSnatFalse: Case = {
  name: 'enable-snat-false',
  title: 'without SNAT an instance is seen outside under its fixed address; floating IPs work on',
  async run(run) {
    const objects = await run.step('set up', () => setUp(run))
    await checks(run, objects, 'distributed')
    await run.step('make the router legacy', () => convertRouter(run, objects.routerId, false))
    await checks(run, objects, 'legacy')
    await run.step('only an administrator may say it', () =>
      expectRefused(() => setGateway(run, objects.routerId, objects.externalId, { enable_snat: false }), {
        status: 403,
        type: 'PolicyNotAuthorized',
        message:
          '(rule:update_router and (rule:update_router:external_gateway_info and (rule:update_router:external_gateway_info:network_id and rule:update_router:external_gateway_info:enable_snat))) is disallowed by policy',
      }),
    )
  },
}

async function setUp(run: CaseRun) {
  const external = await makeExternal(run, 'flat', 'no-snat-ext')
  const network = await makeNetwork(run, 'no-snat', '192.168.1.0/24')
  const subnets = [network.subnetId]
  const router = await makeRouter(run, 'no-snat', { subnets, external: external.id, distributed: true })
  const [a, b] = await bootAll(run, [
    { name: 'no-snat-a', networkId: network.id, host: 'compute1' },
    { name: 'no-snat-b', networkId: network.id, host: 'compute2' },
  ])
  await allow(run, { protocol: 'icmp' })
  const floatingIp = (await associateFloatingIp(run, external.id, a!.portId)).ip
  return { externalId: external.id, routerId: router.id, routerIp: router.externalIp, a: a!, b: b!, floatingIp }
}

type Objects = Awaited<ReturnType<typeof setUp>>

async function checks(run: CaseRun, objects: Objects, kind: string): Promise<void> {
  const { routerId, externalId, routerIp, a, b, floatingIp } = objects
  const snat = async (enable_snat: boolean) => {
    await setGateway(run, routerId, externalId, { enable_snat }, 'admin')
    await settled(run.admin)
  }
  await run.step(`${kind}: without SNAT there is no way back`, async () => {
    await snat(false)
    await expectSilence(run, { instance: b.id }, OPENSTACK_ORG)
  })
  await run.step(`${kind}: seen as fixed address where the way back is known`, () =>
    withWayBack(run, routerIp, async () => {
      await withWhoami(run, async () => {
        await expectSeenAs(run, b, b.ip)
        await expectSeenAs(run, a, floatingIp)
      })
      await expectAnswers(run, OUTSIDE, b.ip)
      await expectAnswers(run, OUTSIDE, floatingIp)
    }),
  )
  await run.step(`${kind}: with SNAT again`, async () => {
    await snat(true)
    await withWhoami(run, async () => {
      await expectSeenAs(run, b, routerIp)
      await expectSeenAs(run, a, floatingIp)
    })
  })
}

/** Runs `action` while the outside world sends to the project network by the router. */
async function withWayBack(run: CaseRun, routerIp: string, action: () => Promise<void>): Promise<void> {
  const route = (verb: string) => runAt(run, OUTSIDE, ['ip', 'route', verb, '192.168.1.0/24', 'via', routerIp])
  await route('add')
  try {
    await action()
  } finally {
    await route('del')
  }
}
