import { capture } from '../../proof/capture.js'
import { expect } from '../../proof/expect.js'
import { allow, bootAll, demoProject, type Instance, makeNetwork } from '../../proof/objects.js'
import { pings, probe, serve } from '../../proof/places.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

/** At most; on a slow machine a quarter of what it can do. */
const KBPS = 6_000
/** Bytes that are sent before anything is known of the machine. */
const BYTES = 1_000_000
const SECONDS = 2.5
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
    const max_burst_kbps = Math.ceil(limit / 4)
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
  const bytes = at === null ? BYTES : Math.ceil(at * 125 * SECONDS)
  const burstBits = at === null ? 0 : (at / 4) * 1000
  const end = await serve(run, { instance: receiver.id }, 'receive', PORT)
  try {
    const started = performance.now()
    await probe(run, { instance: sender.id }, 'send', receiver.ip, PORT, String(bytes))
    const kbps = Math.round((bytes * 8 - burstBits) / (performance.now() - started))
    run.measured(name, kbps)
    return kbps
  } finally {
    end()
  }
}

/** The rest is headers, and the start of the connection. */
function expectAbout(kbps: number, limit: number): void {
  expect(kbps <= limit * 1.05, `${kbps} kbit/s is more than ${limit}`)
  expect(kbps >= limit * 0.4, `${kbps} kbit/s is much less than ${limit}`)
}

async function makePolicy(run: CaseRun): Promise<string> {
  const body = { policy: { name: 'slow', project_id: await demoProject(run) } }
  return (await run.admin.network.post<{ policy: { id: string } }>('/v2.0/qos/policies', body)).policy.id
}

async function addRule(run: CaseRun, policy: string, type: string, rule: Record<string, unknown>): Promise<void> {
  await run.admin.network.post(`/v2.0/qos/policies/${policy}/${type}_rules`, { [`${type}_rule`]: rule })
}
