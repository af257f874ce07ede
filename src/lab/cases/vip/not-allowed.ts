import { qrouterNs, snatNs } from '../../../model/device-names.js'
import { centralHost } from '../../proof/central-host.js'
import { expect } from '../../proof/expect.js'
import { associateFloatingIp, bootAll, type Instance, makeNetwork, makePort } from '../../proof/objects.js'
import { run as runAt } from '../../proof/places.js'
import { type Answer, firstAnswer, watch } from '../../proof/watch.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'
import { isFrom, makeVirtualAddress, take } from './setup.js'

/** TTL that the others' answers start with. */
const THIEF_TTL = 200
const THIEF_MAC = '02:00:00:00:00:99'

/** Gratuitous ARP for addresses that a port is not allowed to reaches nobody. */
export const vipNotAllowed: Case = {
  name: 'vip-not-allowed',
  title: 'an address that is not allowed to a port cannot be taken over, by whatever ARP it sends',
  needs: { computes: 3 },
  async run(run) {
    const { vip, routers, thieves } = await run.step('a holder, and three who are not allowed to its address', () =>
      setUp(run),
    )
    const [holder] = vip.holders
    const client = await watch(run, { instance: thieves.client.id }, vip.ip)
    try {
      expect((await firstAnswer(client, 0, ({ ttl }) => isFrom(0)(ttl))) !== null, 'the holder does not answer')
      const before = await macsOf(run, routers, vip.ip)
      expect(
        before.size === routers.length && [...before].every(([, mac]) => mac === holder.mac),
        `before: ${shown(before)}`,
      )
      const unchanged = async (what: string) => {
        const after = await macsOf(run, routers, vip.ip)
        expect(shown(after) === shown(before), `${what}: ${shown(after)} instead of ${shown(before)}`)
      }
      await run.step('a port without pairs', async () => {
        await forge(run, thieves.plain, vip.ip)
        await unchanged('after its ARP')
      })
      await run.step('a port with a pair of another address', async () => {
        await forge(run, thieves.otherPair, vip.ip)
        await unchanged('after its ARP')
      })
      await run.step('a port that is allowed to the address on another network', async () => {
        await forge(run, thieves.otherNetwork, vip.ip)
        await unchanged('after its ARP')
      })
      await run.step("the address of another's port, and the gateway's", async () => {
        for (const ip of [holder.ip, holder.gateway]) {
          const known = await macsOf(run, routers, ip)
          await forge(run, thieves.plain, ip)
          const now = await macsOf(run, routers, ip)
          expect(shown(now) === shown(known), `${ip}: ${shown(now)} instead of ${shown(known)}`)
        }
      })
      await run.step('the holder answered all the time, nobody else did', async () => {
        const strange = client.answers.filter(({ ttl }) => !isFrom(0)(ttl))
        expect(strange.length === 0, `${strange.length} answers came from somebody else`)
        // counted in pings, a hundred times a second: a busy machine answers late, but it answers
        const lost = client.answers.slice(1).map(({ seq }, i) => seq - client.answers[i]!.seq - 1)
        expect(Math.max(...lost) < 50, `${Math.max(...lost)} pings in a row without an answer`)
      })
      // without this the case could pass because forged ARP was never sent
      await run.step('allowed, the same ARP takes it over', async () => {
        await allowPairs(run, thieves.plain, [vip.ip, vip.holders[1].ip])
        const since = await take(run, thieves.plain, vip.ip)
        expect((await firstAnswer(client, since, isThief, 1000)) !== null, 'it was not taken over')
      })
      await run.step("so it does another port's own address", async () => {
        const own = await watch(run, { instance: thieves.client.id }, vip.holders[1].ip)
        try {
          expect((await firstAnswer(own, 0, ({ ttl }) => isFrom(1)(ttl))) !== null, 'its port does not answer')
          const since = await take(run, thieves.plain, vip.holders[1].ip)
          expect((await firstAnswer(own, since, isThief, 1000)) !== null, 'it was not taken over')
        } finally {
          await own.stop()
        }
      })
    } finally {
      await client.stop()
    }
  },
}

const isThief = ({ ttl }: Answer) => ttl <= THIEF_TTL && ttl > THIEF_TTL - 16

async function allowPairs(run: CaseRun, { portId }: Instance, addresses: readonly string[]): Promise<void> {
  const allowed_address_pairs = addresses.map((ip_address) => ({ ip_address }))
  await run.demo.network.put(`/v2.0/ports/${portId}`, { port: { allowed_address_pairs } })
  await settled(run.admin)
}

/** A router's namespace on a node. */
interface Routing {
  readonly node: string
  readonly netns: string
}

async function setUp(run: CaseRun) {
  const vip = await makeVirtualAddress(run)
  const elsewhere = await makeNetwork(run, 'vip-elsewhere', '192.168.1.0/24')
  const own = await makePort(run, vip.left.id, { allowed_address_pairs: [{ ip_address: '192.168.1.200' }] })
  const foreign = await makePort(run, elsewhere.id, { allowed_address_pairs: [{ ip_address: vip.ip }] })
  const [plain, otherPair, otherNetwork, client] = await bootAll(run, [
    { name: 'vip-thief-1', networkId: vip.left.id, host: 'compute1' },
    { name: 'vip-thief-2', portId: own.id, host: 'compute2' },
    { name: 'vip-thief-3', portId: foreign.id, host: 'compute1' },
    { name: 'vip-client', networkId: vip.right.id, host: 'compute3' },
  ])
  for (const { id } of [plain!, otherPair!, otherNetwork!]) {
    await runAt(run, { instance: id }, ['sysctl', '-qw', `net.ipv4.ip_default_ttl=${THIEF_TTL}`])
  }
  const floatingIp = await associateFloatingIp(run, vip.external.id, vip.reservation.id)
  await take(run, vip.holders[0], vip.ip)
  // every router has talked to the address and knows where it is
  await runAt(run, { node: 'outside' }, ['ping', '-c', '1', '-W', '1', floatingIp.ip])
  const routers = ['compute1', 'compute2', 'compute3', 'network1'].map((node) => ({
    node,
    netns: qrouterNs(vip.routerId),
  }))
  for (const { node, netns } of routers) {
    const ping = ['ip', 'netns', 'exec', netns, 'ping', '-c', '1', '-W', '1', vip.ip]
    await runAt(run, { node }, ping, { okCodes: [0, 1] })
  }
  const thieves = { plain: plain!, otherPair: otherPair!, otherNetwork: otherNetwork!, client: client! }
  const central = { node: await centralHost(run, vip.routerId), netns: snatNs(vip.routerId) }
  return { vip, routers: [...routers, central], thieves }
}

/** Claims an address in every form of gratuitous ARP, from the own and from another MAC, also as an answer to a router. */
async function forge(run: CaseRun, { id, gateway }: Instance, ip: string): Promise<void> {
  const place = { instance: id }
  const ipLink = (...args: string[]) => runAt(run, place, ['ip', 'link', ...args])
  const arping = (...args: string[]) =>
    runAt(run, place, ['timeout', '0.2', 'arping', '-c', '1', ...args], { okCodes: [0, 1, 124] })
  await runAt(run, place, ['ip', 'addr', 'add', `${ip}/32`, 'dev', 'eth0'])
  await Promise.all([
    ...['-U', '-A'].map((form) => arping(form, '-I', 'eth0', ip)),
    arping('-s', ip, '-I', 'eth0', gateway),
  ])
  // a second MAC on the same wire
  await ipLink('add', 'link', 'eth0', 'name', 'mv0', 'address', THIEF_MAC, 'type', 'macvlan')
  await ipLink('set', 'mv0', 'up')
  await runAt(run, place, ['ip', 'addr', 'add', `${ip}/32`, 'dev', 'mv0'])
  await Promise.all(['-U', '-A'].map((form) => arping(form, '-I', 'mv0', ip)))
  await ipLink('del', 'mv0')
  await runAt(run, place, ['ip', 'addr', 'flush', 'dev', 'eth0', 'to', `${ip}/32`])
}

/** What each router takes for the MAC of `ip`, where it knows one. */
async function macsOf(run: CaseRun, routers: readonly Routing[], ip: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const { node, netns } of routers) {
    const text = await runAt(run, { node }, ['ip', '-n', netns, '-j', 'neigh', 'show', 'to', ip])
    for (const { lladdr } of JSON.parse(text || '[]') as { lladdr?: string }[]) {
      if (lladdr) found.set(`${node} ${netns.split('-')[0]}`, lladdr)
    }
  }
  return found
}

const shown = (macs: ReadonlyMap<string, string>) => [...macs].map(([where, mac]) => `${where}: ${mac}`).join(', ')
