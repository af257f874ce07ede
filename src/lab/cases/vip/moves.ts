import { expect } from '../../proof/expect.js'
import { associateFloatingIp, bootAll } from '../../proof/objects.js'
import { firstAnswer, type Watch, watch } from '../../proof/watch.js'
import type { Case, CaseRun } from '../case.js'
import { isFrom, makeVirtualAddress, move, take, type VirtualAddress } from './setup.js'

const MOVES = 20
const LIMIT_MS = 1000

/** A virtual address goes back and forth between instances on two hosts; everybody who talks to it follows. */
export const vipMoves: Case = {
  name: 'vip-moves',
  title:
    'an allowed address moves between instances on two hosts 20 times; every client reaches its new holder within a second',
  needs: { computes: 3 },
  async run(run) {
    const { vip, clients } = await run.step('two holders, clients on every host', async () => {
      const vip = await makeVirtualAddress(run)
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
    })
    try {
      await run.step('before any move', () => everybodyReaches(clients, 0, 0))
      const times = await run.step(`${MOVES} moves`, () => manyMoves(run, vip, clients))
      for (const [name, list] of times) {
        run.measured(`${name}: slowest, ms`, Math.max(...list))
        run.measured(`${name}: median, ms`, [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!)
      }
    } finally {
      await Promise.all([...clients.values()].map((client) => client.stop()))
    }
  },
}

async function manyMoves(
  run: CaseRun,
  vip: VirtualAddress,
  clients: ReadonlyMap<string, Watch>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map([...clients.keys()].map((name) => [name, [] as number[]]))
  for (let i = 1; i <= MOVES; i++) {
    const to = i % 2 === 1 ? 1 : 0
    // keepalived announces with requests, others with replies: half of the moves each
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
