import { ApiError } from '../../../client/errors.js'
import { expect } from '../../proof/expect.js'
import { type Instance, type Network, setGateway } from '../../proof/objects.js'
import { OUTSIDE } from '../../proof/outside.js'
import { probe, serve } from '../../proof/places.js'
import { addRule, burstOf, bytesAt, expectAbout, makePolicy, rateOf } from '../../proof/rates.js'
import { settled } from '../../settled.js'
import { OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'
import { twoRouters } from './two-routers.js'

/** At most; on a slow machine a part of what it can do. */
const KBPS = 4_000
/** Bytes that are sent before anything is known of the machine. */
const BYTES = 1_000_000
const UP = '5001'
const DOWN = '5002'

/** An instance, and the address outside under which it goes. */
interface Way {
  readonly what: string
  readonly instance: Instance
  /** sets the policy of the address, or takes it away */
  readonly limit: (policy: string | null) => Promise<unknown>
}

/** Limits of floating IPs and of routers' own addresses: each address by itself, each direction by itself. */
export const qosAddresses: Case = {
  name: 'qos-addresses',
  title:
    'floating IPs and gateways, distributed and legacy, get the rates of their policies, each address and direction by itself',
  async run(run) {
    const { external, ways } = await run.step('instances behind a distributed and a legacy router', () => setUp(run))
    const limit = await run.step('unlimited', async () => {
      const able = Math.min(...(await rates(run, ways, 'sent', null)), ...(await rates(run, ways, 'received', null)))
      return Math.min(KBPS, Math.floor(able / 4))
    })
    const policy = await run.step('limit each address, both directions', async () => {
      const id = await makePolicy(run)
      await addRule(run, id, 'bandwidth_limit', { max_kbps: limit, max_burst_kbps: burstOf(limit) })
      const received = { max_kbps: 2 * limit, max_burst_kbps: burstOf(2 * limit), direction: 'ingress' }
      await addRule(run, id, 'bandwidth_limit', received)
      for (const way of ways) await way.limit(id)
      await settled(run.admin)
      return id
    })
    await run.step('all send at once, each at its rate', async () => {
      const found = await rates(run, ways, 'sent', limit)
      ways.forEach(({ what }, i) => {
        run.measured(`${what}, sent: kbit/s of ${limit}`, found[i]!)
        expectAbout(found[i]!, limit, `${what}: `)
      })
    })
    await run.step('all receive at once, each at another', async () => {
      const found = await rates(run, ways, 'received', 2 * limit)
      ways.forEach(({ what }, i) => {
        run.measured(`${what}, received: kbit/s of ${2 * limit}`, found[i]!)
        expectAbout(found[i]!, 2 * limit, `${what}: `)
      })
    })
    await run.step('a policy in use is kept', async () => {
      const refused = await run.admin.network.delete(`/v2.0/qos/policies/${policy}`).then(
        () => 0,
        (error: unknown) => (error instanceof ApiError ? error.status : -1),
      )
      expect(refused === 409, `deleting it was answered ${refused}`)
    })
    await run.step('one without its policy is free again, the others stay', async () => {
      const [free, ...others] = ways
      await free!.limit(null)
      await settled(run.admin)
      const [rate] = await rates(run, [free!], 'sent', limit)
      expect(rate! > 1.5 * limit, `${free!.what}: still only ${rate} kbit/s`)
      const [kept] = await rates(run, [others[0]!], 'sent', limit)
      expectAbout(kept!, limit, `${others[0]!.what}: `)
      for (const way of others) await way.limit(null)
      await settled(run.admin)
    })
    await run.step("without policies of their own, all have their external network's", async () => {
      const inherit = (id: string | null) => run.admin.network.update('networks', external.id, { qos_policy_id: id })
      await inherit(policy)
      await settled(run.admin)
      const found = await rates(run, ways, 'sent', limit)
      ways.forEach(({ what }, i) => {
        expectAbout(found[i]!, limit, `${what}: `)
      })
      await inherit(null)
      await settled(run.admin)
    })
  },
}

async function setUp(run: CaseRun): Promise<{ readonly external: Network; readonly ways: readonly Way[] }> {
  const { external, distributed, legacy } = await twoRouters(run, 'limits')
  const ways = [distributed, legacy].flatMap(({ name, routerId, floating, plain, floatingIp }): Way[] => [
    {
      what: `floating IP, ${name}`,
      instance: floating,
      limit: (policy) => run.demo.network.update('floatingips', floatingIp.id, { qos_policy_id: policy }),
    },
    {
      what: `gateway, ${name}`,
      instance: plain,
      limit: (policy) => setGateway(run, routerId, external.id, { qos_policy_id: policy }),
    },
  ])
  return { external, ways }
}

/** The rates at which all of them, at the same time, send to the outside world or receive from it; about `at` if that is their limit. */
async function rates(
  run: CaseRun,
  ways: readonly Way[],
  direction: 'sent' | 'received',
  at: number | null,
): Promise<number[]> {
  const bytes = at === null ? BYTES : bytesAt(at)
  const ports = ways.map((_, i) => String(Number(direction === 'sent' ? UP : DOWN) + 10 * i))
  const servers = await Promise.all(
    ports.map((port) =>
      direction === 'sent' ? serve(run, OUTSIDE, 'receive', port) : serve(run, OUTSIDE, 'give', port, String(bytes)),
    ),
  )
  const transfer = ({ instance }: Way, port: string) =>
    direction === 'sent'
      ? probe(run, { instance: instance.id }, 'send', OPENSTACK_ORG, port, String(bytes))
      : probe(run, { instance: instance.id }, 'take', OPENSTACK_ORG, port)
  try {
    return await Promise.all(ways.map((way, i) => rateOf(bytes, at, () => transfer(way, ports[i]!))))
  } finally {
    for (const end of servers) end()
  }
}
