import { expect } from '../../proof/expect.js'
import { boot, floatingIpStatus, makePort } from '../../proof/objects.js'
import { expectAnswers, expectSilence, namespacesAt, pings, run as runAt } from '../../proof/places.js'
import { firstAnswer, watch } from '../../proof/watch.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'
import { isFrom, makePlaces, mark } from './setup.js'

const OUTSIDE = { node: 'outside' } as const

/** A floating IP is there before its instance, and leads to any of a port's addresses. */
export const floatingIpTargets: Case = {
  name: 'floating-ip-targets',
  title: "a floating IP for a port that no instance has yet, and for a port's second address; its status says what is",
  async run(run) {
    const { external, network } = await run.step('routers and instances', () => makePlaces(run))
    const associate = async (port_id: string, more: Record<string, string> = {}) => {
      const wish = { floating_network_id: external.id, port_id, ...more }
      const made = await run.demo.network.create('floatingips', wish)
      return { id: made.id, ip: String(made.floating_ip_address), status: String(made.status) }
    }
    await run.step('for a port without an instance', async () => {
      const port = await makePort(run, network.id)
      const floatingIp = await associate(port.id)
      expect(floatingIp.status === 'DOWN', `it is ${floatingIp.status} before any host has it`)
      await expectSilence(run, OUTSIDE, floatingIp.ip)
      const watching = await watch(run, OUTSIDE, floatingIp.ip)
      try {
        const instance = await boot(run, { name: 'targets-late', portId: port.id, host: 'compute2' })
        await mark(run, instance, 0)
        await settled(run.admin)
        await floatingIpStatus(run, floatingIp.id, 'ACTIVE')
        const since = Date.now()
        const answer = await firstAnswer(watching, since, ({ ttl }) => isFrom(0)(ttl))
        expect(answer !== null && answer.at - since < 1000, 'it is ACTIVE but does not answer')
        expect(await isTranslatedAt(run, 'compute2', floatingIp.ip), "it is not on its instance's host")
      } finally {
        await watching.stop()
      }
    })
    await run.step("for a port's second address", async () => {
      const both = ['192.168.1.77', '192.168.1.78']
      const port = await makePort(run, network.id, { fixed_ips: both.map((ip_address) => ({ ip_address })) })
      const instance = await boot(run, { name: 'targets-two', portId: port.id, host: 'compute1' })
      const place = { instance: instance.id }
      // DHCP gives an instance one address of a subnet; the other is the instance's own business
      const addresses = await runAt(run, place, ['ip', '-o', '-4', 'addr', 'show', 'dev', 'eth0'])
      const [has, lacks] = addresses.includes(`${both[0]}/`) ? both : both.toReversed()
      const first = await associate(port.id, { fixed_ip_address: has! })
      const second = await associate(port.id, { fixed_ip_address: lacks! })
      await settled(run.admin)
      for (const { id } of [first, second]) await floatingIpStatus(run, id, 'ACTIVE')
      await expectAnswers(run, OUTSIDE, first.ip)
      // the instance does not have it yet
      await expectSilence(run, OUTSIDE, second.ip)
      await runAt(run, place, ['ip', 'addr', 'add', `${lacks}/32`, 'dev', 'eth0'])
      await expectAnswers(run, OUTSIDE, second.ip)
      await expectAnswers(run, OUTSIDE, first.ip)
    })
    await run.step('ACTIVE is said when it answers, not before', async () => {
      const instance = await boot(run, { name: 'targets-status', networkId: network.id, host: 'compute2' })
      const floatingIp = await associate(instance.portId)
      expect(floatingIp.status === 'DOWN', `it is ${floatingIp.status} before any host has it`)
      await floatingIpStatus(run, floatingIp.id, 'ACTIVE')
      const { received } = await pings(run, OUTSIDE, floatingIp.ip, 1)
      expect(received === 1, 'it is ACTIVE but does not answer')
    })
  },
}

/** Whether a fip namespace of the node leads to the address. */
async function isTranslatedAt(run: CaseRun, node: string, ip: string): Promise<boolean> {
  const names = (await namespacesAt(run, node)).filter((name) => name.startsWith('fip-'))
  const routes = await Promise.all(names.map((name) => runAt(run, { node }, ['ip', '-n', name, 'route'])))
  return routes.some((text) => text.includes(`${ip} via `))
}
