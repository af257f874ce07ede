import { qrouterNs } from '../../../model/device-names.js'
import { expect } from '../../proof/expect.js'
import { associateFloatingIp, bootAll, type Json } from '../../proof/objects.js'
import { run as runAt } from '../../proof/places.js'
import { until } from '../../proof/until.js'
import { firstAnswer, type Watch, watch } from '../../proof/watch.js'
import { withoutServer } from '../../proof/without-server.js'
import type { Case, CaseRun } from '../case.js'
import { isFrom, makeVirtualAddress, move, take, type VirtualAddress } from './setup.js'

const LIMIT_MS = 1000

/** A virtual address goes back and forth between instances on two hosts; everybody who talks to it follows. */
function movesOn(network: string, segment: Json, count: number, more: Pick<Case, 'name'>): Case {
  return {
    ...more,
    title: `on a ${network} network an allowed address moves ${count} times between instances on two hosts; all clients follow within a second`,
    needs: { computes: 3 },
    async run(run) {
      const { vip, clients } = await run.step('two holders, clients on every host', () => setUp(run, segment))
      try {
        await run.step('before any move', () => everybodyReaches(clients, 0, 0))
        const times = await run.step(`${count} moves`, () => manyMoves(run, vip, clients, count))
        for (const [name, list] of times) {
          run.measured(`${name}: slowest, ms`, Math.max(...list))
          run.measured(`${name}: median, ms`, [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!)
        }
        await run.step('two more while no agent can reach the server', () =>
          withoutServer(run, () => manyMoves(run, vip, clients, 2)),
        )
        await run.step('routers that forgot it find it', () => findAgain(run, vip))
        await run.step('routers that are not sure any more confirm it', () => confirm(run, vip))
      } finally {
        await Promise.all([...clients.values()].map((client) => client.stop()))
      }
    },
  }
}

export const vipMoves = movesOn('VXLAN', {}, 20, { name: 'vip-moves' })

const VLAN = { 'provider:network_type': 'vlan', 'provider:physical_network': 'vlan' }
export const vipMovesVlan = movesOn('VLAN', VLAN, 6, { name: 'vip-moves-vlan' })

async function setUp(run: CaseRun, segment: Json) {
  const vip = await makeVirtualAddress(run, segment)
  const [same, beside, alone] = await bootAll(run, [
    { name: 'vip-same-subnet', networkId: vip.left.id, host: 'compute3' },
    { name: 'vip-at-holder', networkId: vip.right.id, host: 'compute1' },
    { name: 'vip-routed', networkId: vip.right.id, host: 'compute3' },
  ])
  const floatingIp = await associateFloatingIp(run, vip.external.id, vip.reservation.id)
  await take(run, vip.holders[0], vip.ip)
  const clients = new Map([
    ['same subnet, another host', await watch(run, { instance: same!.id }, vip.ip)],
    ["another subnet, a holder's host", await watch(run, { instance: beside!.id }, vip.ip)],
    ['another subnet, another host', await watch(run, { instance: alone!.id }, vip.ip)],
    ['outside, over the floating IP', await watch(run, { node: 'outside' }, floatingIp.ip)],
  ])
  return { vip, clients }
}

async function manyMoves(
  run: CaseRun,
  vip: VirtualAddress,
  clients: ReadonlyMap<string, Watch>,
  count: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map([...clients.keys()].map((name) => [name, [] as number[]]))
  for (let i = 1; i <= count; i++) {
    const to = i % 2 === 1 ? 1 : 0
    // some announce with requests, some with replies: half of the moves each
    const at = await move(run, vip, to, i % 4 < 2 ? '-U' : '-A')
    for (const [name, ms] of await everybodyReaches(clients, to, at)) times.get(name)!.push(ms)
  }
  return times
}

/** How long each client took from `since` on until the holder answered it, in ms. */
async function everybodyReaches(
  clients: ReadonlyMap<string, Watch>,
  holder: 0 | 1,
  since: number,
): Promise<[string, number][]> {
  return Promise.all(
    [...clients].map(async ([name, client]): Promise<[string, number]> => {
      const answer = await firstAnswer(client, since, ({ ttl }) => isFrom(holder)(ttl))
      expect(answer !== null, `${name}: no answer from the new holder`)
      const ms = Math.round(answer.at - since)
      expect(since === 0 || ms <= LIMIT_MS, `${name}: reached the new holder after ${ms} ms`)
      return [name, ms]
    }),
  )
}

/** Entries of the address in the namespace of the router on each host with a client of another subnet. */
const ROUTED = ['compute1', 'compute3'] as const

async function findAgain(run: CaseRun, vip: VirtualAddress): Promise<void> {
  for (const node of ROUTED) {
    const netns = qrouterNs(vip.routerId)
    await runAt(run, { node }, ['ip', '-n', netns, 'neigh', 'flush', 'to', vip.ip])
    await until(`the router on ${node} to know ${vip.ip}`, () => stateIs(run, vip, node, 'REACHABLE'), LIMIT_MS)
  }
}

/** The kernel asks the place that it knows, by unicast, before it gives an entry up. */
async function confirm(run: CaseRun, vip: VirtualAddress): Promise<void> {
  for (const node of ROUTED) {
    const argv = ['ip', '-n', qrouterNs(vip.routerId), 'neigh', 'change', vip.ip, 'dev', await deviceOf(run, vip, node)]
    await runAt(run, { node }, [...argv, 'nud', 'probe'])
    await until(`the router on ${node} to be sure of ${vip.ip}`, () => stateIs(run, vip, node, 'REACHABLE'), LIMIT_MS)
  }
}

async function entryOf(run: CaseRun, vip: VirtualAddress, node: string) {
  const text = await runAt(run, { node }, ['ip', '-n', qrouterNs(vip.routerId), '-j', 'neigh', 'show', 'to', vip.ip])
  const [entry] = JSON.parse(text || '[]') as { dev: string; lladdr?: string; state: readonly string[] }[]
  return entry
}

async function deviceOf(run: CaseRun, vip: VirtualAddress, node: string): Promise<string> {
  return (await entryOf(run, vip, node))?.dev ?? ''
}

/** The last move was to the first holder. */
async function stateIs(run: CaseRun, vip: VirtualAddress, node: string, state: string): Promise<boolean> {
  const entry = await entryOf(run, vip, node)
  return entry?.lladdr === vip.holders[0].mac && entry.state.includes(state)
}
