import { expect } from '../../proof/expect.js'
import { allow, boot, type Instance, type Json } from '../../proof/objects.js'
import { follow, run as runAt } from '../../proof/places.js'
import { firstAnswer, type Watch, watch } from '../../proof/watch.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'
import { isFrom, makeVirtualAddress, type VirtualAddress } from './setup.js'

const VRRP = '112'
const VIRTUAL_ROUTER = 51
/** the MAC that VRRP has for this virtual router (RFC 5798 §7.3) */
const VRRP_MAC = `00:00:5e:00:01:${VIRTUAL_ROUTER.toString(16)}`
const CONFIGURATION = '/run/keepalived.conf'
/** three missed advertisements, 0.1 s apart, until the other one takes over, and a second for the network, on a busy machine */
const LIMIT_MS = 3000
/** as long as keepalived takes to begin, besides */
const START_LIMIT_MS = 10_000

/** keepalived in two instances moves an address as it does on any network. */
export const keepalived: Case = {
  name: 'keepalived',
  title:
    "keepalived's address follows its master: a priority change, a stop, a crash; with the instances' MACs and with VRRP's own",
  needs: { computes: 3 },
  async run(run) {
    const { vip, client } = await run.step('two instances with keepalived, a client behind the router', async () => {
      await runAt(run, { node: 'compute1' }, [
        'sh',
        '-c',
        'command -v keepalived || { echo keepalived is not installed >&2; false; }',
      ])
      const vip = await makeVirtualAddress(run)
      await allow(run, { protocol: VRRP })
      return { vip, client: await boot(run, { name: 'vip-client', networkId: vip.right.id, host: 'compute3' }) }
    })
    const pings = await watch(run, { instance: client.id }, vip.ip)
    try {
      await failOver(run, vip, pings, 'own MACs', false)
      // ARP names VRRP's MAC, packets leave by the way of the default route under the port's own
      await allowPairs(run, vip, [{ ip_address: vip.ip }, { ip_address: vip.ip, mac_address: VRRP_MAC }])
      await failOver(run, vip, pings, "VRRP's MAC", true)
    } finally {
      await pings.stop()
    }
  },
}

async function allowPairs(run: CaseRun, { holders }: VirtualAddress, allowed_address_pairs: readonly Json[]) {
  for (const { portId } of holders) {
    await run.demo.network.put(`/v2.0/ports/${portId}`, { port: { allowed_address_pairs } })
  }
  await settled(run.admin)
}

/** Both start, the better one is master; it stops and comes back; it crashes. */
async function failOver(run: CaseRun, vip: VirtualAddress, pings: Watch, kind: string, ownMac: boolean): Promise<void> {
  const [better, other] = vip.holders
  const first = await run.step(`${kind}: the instance with the higher priority has it`, async () => {
    const since = Date.now()
    const running = await start(run, better, vip.ip, 150, ownMac)
    await follows(pings, 0, since, START_LIMIT_MS)
    return running
  })
  const second = await start(run, other, vip.ip, 100, ownMac)
  const timed = async (what: string, to: 0 | 1, action: () => Promise<unknown>, limitMs = LIMIT_MS) => {
    await run.step(`${kind}: ${what}`, async () => {
      const since = Date.now()
      await action()
      run.measured(`${kind}, ${what}: ms`, await follows(pings, to, since, limitMs))
    })
  }
  await timed('it is stopped', 1, first)
  let again = async () => {}
  const comesBack = async () => {
    again = await start(run, better, vip.ip, 150, ownMac)
  }
  await timed('it comes back', 0, comesBack, START_LIMIT_MS)
  await timed('it crashes', 1, () =>
    runAt(run, { instance: better.id }, ['sh', '-c', 'kill -9 $(cat /run/keepalived.pid /run/vrrp.pid)']),
  )
  await Promise.all([again(), second()])
  // a crash leaves the address where it was
  const { id } = better
  const left = ownMac ? ['ip', 'link', 'del', 'vrrp.51'] : ['ip', 'addr', 'flush', 'dev', 'eth0', 'to', `${vip.ip}/32`]
  await runAt(run, { instance: id }, left, { okCodes: [0, 1] })
}

/** Ms from `since` until that holder answered. */
async function follows(pings: Watch, holder: 0 | 1, since: number, limitMs: number): Promise<number> {
  const answer = await firstAnswer(pings, since, ({ ttl }) => isFrom(holder)(ttl), limitMs)
  expect(answer !== null, `holder ${holder + 1} does not answer`)
  const ms = Math.round(answer.at - since)
  expect(ms <= limitMs, `holder ${holder + 1} answered after ${ms} ms`)
  return ms
}

/** Starts keepalived in an instance; resolves to what stops it. */
async function start(run: CaseRun, { id }: Instance, ip: string, priority: number, ownMac: boolean) {
  const place = { instance: id }
  await runAt(run, place, ['tee', CONFIGURATION], { input: configuration(ip, priority, ownMac) })
  const files = ['-p', '/run/keepalived.pid', '-r', '/run/vrrp.pid']
  return follow(run, place, ['leash', 'keepalived', '-n', '-l', '-P', '-f', CONFIGURATION, ...files], () => {})
}

function configuration(ip: string, priority: number, ownMac: boolean): string {
  return `global_defs {
  vrrp_version 3
}
vrrp_instance vip {
  state BACKUP
  interface eth0
  virtual_router_id ${VIRTUAL_ROUTER}
  priority ${priority}
  advert_int 0.1
  ${ownMac ? 'use_vmac vrrp.51\n  vmac_xmit_base' : ''}
  virtual_ipaddress {
    ${ip}/32
  }
}
`
}
