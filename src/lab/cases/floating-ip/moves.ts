import { expect } from '../../proof/expect.js'
import { associateFloatingIp, floatingIpStatus } from '../../proof/objects.js'
import { firstAnswer, type Watch, watch } from '../../proof/watch.js'
import type { Case, CaseRun } from '../case.js'
import { isFrom, makePlaces, type Places } from './setup.js'

const LIMIT_MS = 1000

/** A floating IP is given to one port after the other. */
export const floatingIpMoves: Case = {
  name: 'floating-ip-moves',
  title:
    'a floating IP moves between ports, hosts and routers, and is used anew elsewhere; the right instance answers within a second',
  async run(run) {
    const { places, floatingIp, pings } = await run.step('four instances, a floating IP on the first', async () => {
      const places = await makePlaces(run)
      const floatingIp = await associateFloatingIp(run, places.external.id, places.instances[0]!.portId)
      return { places, floatingIp, pings: await watch(run, { node: 'outside' }, floatingIp.ip) }
    })
    const [, sameHost, otherHost, otherRouter] = places.instances
    const move = async (what: string, to: number, action: () => Promise<{ id: string }>) => {
      await run.step(what, async () => {
        const { id } = await action()
        const since = Date.now()
        run.measured(`${what}: ms`, await answersFrom(pings, to, since))
        await floatingIpStatus(run, id, 'ACTIVE')
        await nobodyElse(pings, to)
      })
    }
    const give = (portId: string) => async () => {
      await run.demo.network.put(`/v2.0/floatingips/${floatingIp.id}`, { floatingip: { port_id: portId } })
      return floatingIp
    }
    try {
      await run.step('the first answers', () => answersFrom(pings, 0, 0))
      await move('to a port on the same host', 1, give(sameHost!.portId))
      await move('to a port on another host', 2, give(otherHost!.portId))
      await move('to a port behind another router', 3, give(otherRouter!.portId))
      await move('back over router and host', 0, give(places.instances[0]!.portId))
      await move('deleted, and made again for a port on another host', 2, () => remake(run, places, floatingIp))
    } finally {
      await pings.stop()
    }
  },
}

async function remake(run: CaseRun, { external, instances }: Places, { id, ip }: { id: string; ip: string }) {
  await run.demo.network.delete(`/v2.0/floatingips/${id}`)
  const wish = { floating_network_id: external.id, port_id: instances[2]!.portId, floating_ip_address: ip }
  // choosing the address is an administrator's right
  return run.adminInDemo.network.create('floatingips', wish)
}

async function answersFrom(pings: Watch, instance: number, since: number): Promise<number> {
  const answer = await firstAnswer(pings, since, ({ ttl }) => isFrom(instance)(ttl))
  expect(answer !== null, `instance ${instance + 1} does not answer`)
  const ms = Math.round(answer.at - since)
  expect(since === 0 || ms <= LIMIT_MS, `instance ${instance + 1} answered after ${ms} ms`)
  return ms
}

/** For a while: gratuitous ARP, and what hosts still know, come in any order. */
async function nobodyElse(pings: Watch, instance: number): Promise<void> {
  const since = Date.now()
  const last = await firstAnswer(pings, since + 300, () => true)
  const answers = pings.answers.filter(({ at }) => at >= since)
  const wrong = answers.filter(({ ttl }) => !isFrom(instance)(ttl))
  expect(last !== null, 'answers ceased')
  expect(wrong.length === 0, `${wrong.length} of ${answers.length} answers came from somebody else`)
}
