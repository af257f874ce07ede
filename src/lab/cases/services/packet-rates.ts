import { expect } from '../../proof/expect.js'
import { allow, bootAll, type Instance, makeNetwork } from '../../proof/objects.js'
import { expectAnswers, follow, probe } from '../../proof/places.js'
import { addRule, makePolicy } from '../../proof/rates.js'
import { killDaemon, startAgent } from '../../proof/restart.js'
import { until } from '../../proof/until.js'
import { expectNoWrites } from '../../proof/writes.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

const AGENT = 'neutron-openvswitch-agent'
const PORT = '5002'
/** Sent in a second, and how many in all. */
const STREAM = { rate: 6_000, count: 9_000 }
/** In thousands: the least there is, with the least burst. */
const KPPS = 1
const BURST = 1

/** As many packets arrive as a policy says, each direction by itself, changed and taken away under way. */
export const packetRates: Case = {
  name: 'qos-packet-rates',
  title:
    'as many packets arrive in a second as a policy says, each direction by itself; a restart of the agent changes nothing',
  async run(run) {
    const { a, b } = await run.step('two instances on two hosts', async () => {
      const network = await makeNetwork(run, 'pps-net', '192.168.1.0/24')
      const [a, b] = await bootAll(run, [
        { name: 'pps-a', networkId: network.id, host: 'compute1' },
        { name: 'pps-b', networkId: network.id, host: 'compute2' },
      ])
      await allow(run, {})
      await expectAnswers(run, { instance: a!.id }, b!.ip)
      return { a: a!, b: b! }
    })
    const free = (from: Instance, to: Instance) => expectFree(run, from, to)
    await run.step('unlimited', () => free(a, b))
    const policy = await makePolicy(run, 'few')
    const egress = await run.step('what the first sends is limited, not what it is sent', async () => {
      const path = await addRule(run, policy, 'packet_rate_limit', { max_kpps: KPPS, max_burst_kpps: BURST })
      await run.demo.network.put(`/v2.0/ports/${a.portId}`, { port: { qos_policy_id: policy } })
      await settled(run.admin)
      run.measured('packets/s sent, limit 1000', await expectLimited(run, a, b, KPPS))
      await free(b, a)
      return path
    })
    await run.step('what it is sent has a limit of its own', async () => {
      const ingress = { max_kpps: 2 * KPPS, max_burst_kpps: BURST, direction: 'ingress' }
      await addRule(run, policy, 'packet_rate_limit', ingress)
      await settled(run.admin)
      run.measured('packets/s received, limit 2000', await expectLimited(run, b, a, 2 * KPPS))
      await expectLimited(run, a, b, KPPS)
    })
    await run.step('an agent that starts anew writes nothing, and the limits stay', async () => {
      await killDaemon(run.state, a.host, AGENT)
      try {
        await expectLimited(run, a, b, KPPS)
      } finally {
        await startAgent(run.state, a.host, AGENT)
      }
      await expectNoWrites(run.state)
      await expectLimited(run, b, a, 2 * KPPS)
    })
    await run.step('a changed limit, and none', async () => {
      await run.admin.network.put(egress, { packet_rate_limit_rule: { max_kpps: 2 * KPPS } })
      await settled(run.admin)
      await expectLimited(run, a, b, 2 * KPPS)
      await run.demo.network.put(`/v2.0/ports/${a.portId}`, { port: { qos_policy_id: null } })
      await settled(run.admin)
      await free(a, b)
      await free(b, a)
    })
  },
}

interface Arrived {
  readonly packets: number
  readonly seconds: number
}

async function stream(run: CaseRun, from: Instance, to: Instance): Promise<Arrived> {
  const lines: string[] = []
  const end = await follow(run, { instance: to.id }, ['count', PORT], (line) => lines.push(line))
  try {
    await until('the counter to listen', async () => lines.length > 0)
    const { rate, count } = STREAM
    await probe(run, { instance: from.id }, 'datagrams', to.ip, PORT, String(rate), String(count))
    const [packets, ms] = (await until('the stream to end', async () => lines[1])).split(' ').map(Number)
    return { packets: packets!, seconds: ms! / 1000 }
  } finally {
    await end()
  }
}

/** Far more arrives than any of the limits lets through; a busy machine loses some. */
async function expectFree(run: CaseRun, from: Instance, to: Instance): Promise<void> {
  const { packets, seconds } = await stream(run, from, to)
  expect(packets > 1.3 * allowed(2 * KPPS, seconds), `only ${packets} packets in ${seconds} s without a limit`)
}

const allowed = (kpps: number, seconds: number) => (BURST + kpps * seconds) * 1000

/** Resolves to packets a second, the burst aside. On a busy machine the sender itself may fall behind. */
async function expectLimited(run: CaseRun, from: Instance, to: Instance, kpps: number): Promise<number> {
  const { packets, seconds } = await stream(run, from, to)
  const most = allowed(kpps, seconds)
  const what = `${packets} packets in ${seconds} s at ${kpps} kpps`
  expect(packets <= 1.05 * most, `${what} are too many`)
  expect(packets >= 0.6 * most, `${what} are too few`)
  return Math.round((packets - BURST * 1000) / seconds)
}
