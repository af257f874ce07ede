import { capture } from '../../proof/capture.js'
import { expect } from '../../proof/expect.js'
import { allow, bootAll, type Instance, makeNetwork } from '../../proof/objects.js'
import { pings, probe, serve } from '../../proof/places.js'
import { addRule, burstOf, bytesAt, expectAbout, makePolicy, rateOf } from '../../proof/rates.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

/** At most; on a slow machine a quarter of what it can do. */
const KBPS = 6_000
/** Bytes that are sent before anything is known of the machine. */
const BYTES = 1_000_000
const PORT = '5001'
const DSCP = 26

/** What a policy says is what TCP gets: limits of both directions, changed and taken away under way, and a mark. */
export const qos: Case = {
  name: 'qos',
  title: 'TCP gets the rate that a policy limits, each direction by itself, and packets carry its mark',
  async run(run) {
    const { a, b } = await run.step('two instances on two hosts', async () => {
      const network = await makeNetwork(run, 'qos-net', '192.168.1.0/24')
      const [a, b] = await bootAll(run, [
        { name: 'qos-a', networkId: network.id, host: 'compute1' },
        { name: 'qos-b', networkId: network.id, host: 'compute2' },
      ])
      await allow(run, {})
      return { a: a!, b: b! }
    })
    const from = (what: string, at?: number) => measure(run, `${what}, sent: kbit/s`, a, b, at)
    const to = (what: string, at?: number) => measure(run, `${what}, received: kbit/s`, b, a, at)
    const limit = await run.step('unlimited', async () => {
      const able = Math.min(await from('unlimited'), await to('unlimited'))
      return Math.min(KBPS, Math.floor(able / 4))
    })
    const max_burst_kbps = burstOf(limit)
    const policy = await run.step('limit what the first sends', async () => {
      const id = await makePolicy(run)
      await addRule(run, id, 'bandwidth_limit', { max_kbps: limit, max_burst_kbps })
      await run.demo.network.put(`/v2.0/ports/${a.portId}`, { port: { qos_policy_id: id } })
      await settled(run.admin)
      return id
    })
    await run.step('it sends at that rate, and receives freely', async () => {
      expectAbout(await from('limited', limit), limit)
      const free = await to('free', limit)
      expect(free > 1.5 * limit, `it receives only ${free} kbit/s`)
    })
    await run.step('it receives at another rate', async () => {
      await addRule(run, policy, 'bandwidth_limit', {
        max_kbps: 2 * limit,
        max_burst_kbps,
        direction: 'ingress',
      })
      await settled(run.admin)
      expectAbout(await to('limited', 2 * limit), 2 * limit)
      expectAbout(await from('both limited', limit), limit)
    })
    await run.step('its packets carry the mark, those of the other do not', async () => {
      await addRule(run, policy, 'dscp_marking', { dscp_mark: DSCP })
      await settled(run.admin)
      const tap = { name: 'b', node: b.host, device: `tap${b.portId.slice(0, 11)}` }
      const marked = async (from: Instance, to: Instance) => {
        // an answer has the mark of its request, whoever gives it
        const filter = `icmp[icmptype] = icmp-echo and src host ${from.ip} and ip[1] = ${DSCP << 2}`
        const frames = await capture(run.state, [tap], filter, () => pings(run, { instance: from.id }, to.ip, 3))
        return frames.get('b')!.length
      }
      const own = await marked(a, b)
      expect(own === 3, `${own} of 3 packets carry the mark`)
      const others = await marked(b, a)
      expect(others === 0, `${others} packets of the other carry the mark`)
    })
    await run.step('without the policy it is free again', async () => {
      await run.demo.network.put(`/v2.0/ports/${a.portId}`, { port: { qos_policy_id: null } })
      await settled(run.admin)
      const kbps = await from('free again', limit)
      expect(kbps > 1.5 * limit, `still only ${kbps} kbit/s`)
    })
  },
}

/** The rate at which TCP brings bytes from one instance to another, for a while at the rate `at`; its burst aside. */
async function measure(
  run: CaseRun,
  name: string,
  sender: Instance,
  receiver: Instance,
  at: number | null = null,
): Promise<number> {
  const bytes = at === null ? BYTES : bytesAt(at)
  const end = await serve(run, { instance: receiver.id }, 'receive', PORT)
  try {
    const kbps = await rateOf(bytes, at, () =>
      probe(run, { instance: sender.id }, 'send', receiver.ip, PORT, String(bytes)),
    )
    run.measured(name, kbps)
    return kbps
  } finally {
    end()
  }
}
