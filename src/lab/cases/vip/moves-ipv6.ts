import { qrouterNs } from '../../../model/device-names.js'
import { expect } from '../../proof/expect.js'
import {
  allow,
  type BootWish,
  bootAll,
  type Instance,
  makeNetwork,
  makeRouter,
  type Network,
} from '../../proof/objects.js'
import { run as runAt } from '../../proof/places.js'
import { until } from '../../proof/until.js'
import { firstAnswer, type Watch, watch } from '../../proof/watch.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'
import { FIRST_TTL, isFrom } from './setup.js'

const VIP = 'fd00:1::100'
const MOVES = 10
const LIMIT_MS = 1000
/** For an address that nobody had: routers that have just failed to find it ask again a second later. */
const FIRST_LIMIT_MS = 3000

/** A virtual IPv6 address goes back and forth; its holder announces it with neighbour advertisements. */
export const vipMovesIpv6: Case = {
  name: 'vip-moves-ipv6',
  title: `an allowed IPv6 address moves ${MOVES} times between instances on two hosts; clients over the router follow within a second`,
  needs: { computes: 3 },
  async run(run) {
    const { holders, clients, routerId } = await run.step('two holders, clients behind the router', () => setUp(run))
    try {
      await run.step('before any move', async () => {
        await everybodyReaches(clients, 0, await take(run, holders[0]), FIRST_LIMIT_MS)
      })
      const times = await run.step(`${MOVES} moves`, () => manyMoves(run, holders, clients))
      run.measured('slowest, ms', Math.max(...times))
      await run.step('a router that forgot it finds it', () => findAgain(run, routerId, holders[0]))
    } finally {
      await Promise.all([...clients.values()].map((client) => client.stop()))
    }
  },
}

type Holders = readonly [Instance, Instance]

async function setUp(run: CaseRun) {
  const left = await makeNetwork(run, 'vip6-left', '192.168.1.0/24')
  const right = await makeNetwork(run, 'vip6-right', '192.168.2.0/24')
  const subnets = [await addIpv6(run, left, 'fd00:1::'), await addIpv6(run, right, 'fd00:2::')]
  const router = await makeRouter(run, 'vip6', { subnets, distributed: true })
  const wishes: readonly BootWish[] = [
    { name: 'vip6-a', networkId: left.id, host: 'compute1' },
    { name: 'vip6-b', networkId: left.id, host: 'compute2' },
    { name: 'vip6-at-holder', networkId: right.id, host: 'compute1' },
    { name: 'vip6-alone', networkId: right.id, host: 'compute3' },
  ]
  const [first, second, beside, alone] = await bootAll(run, wishes)
  const holders: Holders = [first!, second!]
  await allow(run, { ethertype: 'IPv6', protocol: 'icmpv6', remote_ip_prefix: '::/0' })
  for (const [i, holder] of holders.entries()) {
    await configure(run, holder, 'fd00:1::', FIRST_TTL[i]!)
    const port = { allowed_address_pairs: [{ ip_address: VIP }] }
    await run.demo.network.put(`/v2.0/ports/${holder.portId}`, { port })
  }
  for (const client of [beside!, alone!]) await configure(run, client, 'fd00:2::', 64)
  await settled(run.admin)
  const clients = new Map([
    ["a holder's host", await watch(run, { instance: beside!.id }, VIP)],
    ['another host', await watch(run, { instance: alone!.id }, VIP)],
  ])
  return { holders, clients, routerId: router.id }
}

async function addIpv6({ demo }: CaseRun, { id }: Network, prefix: string): Promise<string> {
  const subnet = { network_id: id, ip_version: 6, cidr: `${prefix}/64`, enable_dhcp: false }
  return (await demo.network.create('subnets', subnet)).id
}

/** The subnets have nobody who tells instances their addresses. What is added is announced at once. */
async function configure(run: CaseRun, { id, portId }: Instance, prefix: string, hopLimit: number): Promise<void> {
  const { port } = await run.demo.network.get<{ port: { fixed_ips: { ip_address: string }[] } }>(
    `/v2.0/ports/${portId}`,
  )
  const ip = port.fixed_ips.map(({ ip_address }) => ip_address).find((address) => address.startsWith(prefix))
  const place = { instance: id }
  const settings = ['all.accept_dad=0', 'eth0.accept_dad=0', 'eth0.ndisc_notify=1', `eth0.hop_limit=${hopLimit}`]
  await runAt(run, place, ['sysctl', '-qw', ...settings.map((each) => `net.ipv6.conf.${each}`)])
  await runAt(run, place, ['ip', '-6', 'addr', 'add', `${ip}/64`, 'dev', 'eth0'])
  await runAt(run, place, ['ip', '-6', 'route', 'replace', 'default', 'via', `${prefix}1`, 'dev', 'eth0'])
}

/** The kernel announces what it gets; resolves to the time. */
async function take(run: CaseRun, { id }: Instance): Promise<number> {
  const said = await runAt(run, { instance: id }, ['sh', '-c', `date +%s%3N; ip -6 addr add ${VIP}/128 dev eth0`])
  return Number(said.split('\n')[0])
}

async function manyMoves(run: CaseRun, holders: Holders, clients: ReadonlyMap<string, Watch>): Promise<number[]> {
  const times: number[] = []
  for (let i = 1; i <= MOVES; i++) {
    const [to, from] = i % 2 === 1 ? ([1, 0] as const) : ([0, 1] as const)
    await runAt(run, { instance: holders[from].id }, ['ip', '-6', 'addr', 'del', `${VIP}/128`, 'dev', 'eth0'])
    times.push(...(await everybodyReaches(clients, to, await take(run, holders[to]))))
  }
  return times
}

async function everybodyReaches(
  clients: ReadonlyMap<string, Watch>,
  holder: 0 | 1,
  since: number,
  limitMs = LIMIT_MS,
): Promise<number[]> {
  return Promise.all(
    [...clients].map(async ([name, client]) => {
      const answer = await firstAnswer(client, since, ({ ttl }) => isFrom(holder)(ttl))
      expect(answer !== null, `the client on ${name} has no answer from the new holder`)
      const ms = Math.round(answer.at - since)
      expect(ms <= limitMs, `the client on ${name} reached the new holder after ${ms} ms`)
      return ms
    }),
  )
}

/** On the host that has the network for the sake of its router alone. */
async function findAgain(run: CaseRun, routerId: string, { mac }: Instance): Promise<void> {
  const ip = (...args: string[]) => runAt(run, { node: 'compute3' }, ['ip', '-6', '-n', qrouterNs(routerId), ...args])
  await ip('neigh', 'flush', 'to', VIP)
  await until(
    `the router on compute3 to know ${VIP}`,
    async () => {
      const known = await ip('neigh', 'show', 'to', VIP)
      return known.includes(mac) && known.includes('REACHABLE')
    },
    LIMIT_MS,
  )
}
