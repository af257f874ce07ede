import { qrouterNs, snatNs } from '../../model/device-names.js'
import { expect } from '../proof/expect.js'
import { allow, associateFloatingIp, bootAll, makeExternal, makeNetwork, makeRouter } from '../proof/objects.js'
import { expectAnswers, namespacesAt } from '../proof/places.js'
import { until } from '../proof/until.js'
import { settled } from '../settled.js'
import { OPENSTACK_ORG } from '../spec.js'
import type { Case } from './case.js'

/** A legacy router becomes a distributed one and a legacy one again; traffic of every kind passes each time. */
export const routerConversion: Case = {
  name: 'router-conversion',
  title: 'a legacy router is made distributed and legacy again; each time all its traffic passes where it belongs',
  async run(run) {
    const { external, routerId, a, b, floatingIp } = await run.step('set up a legacy router', async () => {
      const external = await makeExternal(run, 'flat', 'conversion-ext')
      const left = await makeNetwork(run, 'conversion-1', '192.168.1.0/24')
      const right = await makeNetwork(run, 'conversion-2', '192.168.2.0/24')
      const subnets = [left.subnetId, right.subnetId]
      const router = await makeRouter(run, 'conversion', { subnets, external: external.id, distributed: false })
      const [a, b] = await bootAll(run, [
        { name: 'conversion-a', networkId: left.id, host: 'compute1' },
        { name: 'conversion-b', networkId: right.id, host: 'compute2' },
      ])
      await allow(run, { protocol: 'icmp' })
      const floatingIp = await associateFloatingIp(run, external.id, a!.portId)
      return { external, routerId: router.id, a: a!, b: b!, floatingIp: floatingIp.ip }
    })
    const traffic = async () => {
      await expectAnswers(run, { instance: a.id }, b.ip)
      await expectAnswers(run, { instance: b.id }, OPENSTACK_ORG)
      await expectAnswers(run, { node: 'outside' }, floatingIp)
    }
    const convert = async (distributed: boolean) => {
      const update = (router: Record<string, unknown>) => run.admin.network.put(`/v2.0/routers/${routerId}`, { router })
      await update({ admin_state_up: false })
      await settled(run.admin)
      await update({ distributed })
      await update({ admin_state_up: true })
      await settled(run.admin)
      await until('the floating IP to be ACTIVE again', async () => {
        const { floatingips } = await run.admin.network.get<{ floatingips: { status: string }[] }>('/v2.0/floatingips')
        return floatingips.every(({ status }) => status === 'ACTIVE')
      })
    }
    const placed = async (distributed: boolean) => {
      const wanted: Record<string, string[]> = distributed
        ? {
            network1: [qrouterNs(routerId), snatNs(routerId)],
            compute1: [qrouterNs(routerId)],
            compute2: [qrouterNs(routerId)],
          }
        : { network1: [qrouterNs(routerId)], compute1: [], compute2: [] }
      for (const [node, names] of Object.entries(wanted)) {
        const found = (await namespacesAt(run, node)).filter((name) => name.endsWith(routerId))
        expect(found.join() === names.join(), `${node} has ${found.join()}, expected ${names.join()} (${external.id})`)
      }
    }
    await run.step('traffic through the legacy router', traffic)
    await run.step('placement of the legacy router', () => placed(false))
    await run.step('make it distributed', () => convert(true))
    await run.step('placement of the distributed router', () => placed(true))
    await run.step('traffic through the distributed router', traffic)
    await run.step('make it legacy again', () => convert(false))
    await run.step('placement after the way back', () => placed(false))
    await run.step('traffic after the way back', traffic)
  },
}
