import { qrouterNs, snatNs } from '../../../model/device-names.js'
import { centralHost, routingNodes } from '../../proof/central-host.js'
import { convertRouter } from '../../proof/convert.js'
import { expect } from '../../proof/expect.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  type Instance,
  type Json,
  makeExternal,
  makeNetwork,
  makeRouter,
  portOn,
  updateRouter,
} from '../../proof/objects.js'
import { expectSeenAs, OUTSIDE, withWhoami } from '../../proof/outside.js'
import { expectAnswers, namespacesAt, run as runAt } from '../../proof/places.js'
import { badRequest, expectRefused } from '../../proof/refused.js'
import type { Case, CaseRun } from '../case.js'

/** An address that an instance has beside the one that is known: a route leads there. */
const BEHIND = '10.99.0.1'

/** A router with a network of each kind of wire, an instance with a floating IP on one, the next hop of a route on the other. */
interface Side {
  readonly routerId: string
  readonly routerIp: string
  readonly floating: Instance
  readonly hop: Instance
  readonly floatingIp: string
}

/** A legacy and a distributed router side by side; each becomes the other, and what it was again. */
export const routerConversion: Case = {
  name: 'router-conversion',
  title: 'a legacy and a distributed router change places and back; each time all traffic passes where it belongs',
  async run(run) {
    const [one, two] = await run.step('set up a legacy and a distributed router', () => setUp(run))
    const both = async (what: string, oneIsDistributed: boolean) => {
      await run.step(`placement ${what}`, async () => {
        await placed(run, one.routerId, oneIsDistributed)
        await placed(run, two.routerId, !oneIsDistributed)
      })
      await run.step(`traffic ${what}`, () => traffic(run, [one, two]))
    }
    await both('at first', false)
    await run.step('an active router is not converted', () => refused(run, one.routerId, true))
    await run.step('make the legacy one distributed', () => convertRouter(run, one.routerId, true))
    await run.step('make the distributed one legacy', () => convertRouter(run, two.routerId, false))
    await both('after the change', true)
    await run.step('make the first legacy again', () => convertRouter(run, one.routerId, false))
    await run.step('make the second distributed again', () => convertRouter(run, two.routerId, true))
    await both('after the way back', false)
  },
}

async function setUp(run: CaseRun): Promise<readonly [Side, Side]> {
  const external = await makeExternal(run, 'flat', 'conversion-ext')
  const routers = [
    { name: 'conversion-1', cidrs: ['192.168.1.0/24', '192.168.2.0/24'], distributed: false },
    { name: 'conversion-2', cidrs: ['192.168.3.0/24', '192.168.4.0/24'], distributed: true },
  ]
  const made: { name: string; tunnel: string; hopPort: string; router: { id: string; externalIp: string } }[] = []
  for (const { name, cidrs, distributed } of routers) {
    const vxlan: Json = { 'provider:network_type': 'vxlan' }
    const tunnel = await makeNetwork(run, `${name}-vxlan`, cidrs[0]!, { network: vxlan })
    const vlan = await makeNetwork(run, `${name}-vlan`, cidrs[1]!)
    const subnets = [tunnel.subnetId, vlan.subnetId]
    const router = await makeRouter(run, name, { subnets, external: external.id, distributed })
    const pairs = { allowed_address_pairs: [{ ip_address: BEHIND }] }
    const hop = await portOn(run, vlan.id, vlan.subnetId, undefined, pairs)
    await updateRouter(run, router.id, { routes: [{ destination: '10.99.0.0/24', nexthop: hop.ip }] })
    made.push({ name, tunnel: tunnel.id, hopPort: hop.id, router })
  }
  const instances = await bootAll(
    run,
    made.flatMap(({ name, tunnel, hopPort }) => [
      { name: `${name}-floating`, networkId: tunnel, host: 'compute1' },
      { name: `${name}-hop`, portId: hopPort, host: 'compute2' },
    ]),
  )
  await allow(run, { protocol: 'icmp' })
  const sides: Side[] = []
  for (const [i, { router }] of made.entries()) {
    const [floating, hop] = [instances[2 * i]!, instances[2 * i + 1]!]
    await runAt(run, { instance: hop.id }, ['ip', 'address', 'add', `${BEHIND}/32`, 'dev', 'lo'])
    const floatingIp = (await associateFloatingIp(run, external.id, floating.portId)).ip
    sides.push({ routerId: router.id, routerIp: router.externalIp, floating, hop, floatingIp })
  }
  return [sides[0]!, sides[1]!]
}

async function traffic(run: CaseRun, sides: readonly Side[]): Promise<void> {
  await Promise.all(
    sides.flatMap(({ floating, hop, floatingIp }) => [
      expectAnswers(run, { instance: floating.id }, hop.ip),
      expectAnswers(run, { instance: hop.id }, floating.ip),
      expectAnswers(run, { instance: floating.id }, BEHIND),
      expectAnswers(run, OUTSIDE, floatingIp),
    ]),
  )
  await withWhoami(run, () =>
    Promise.all(
      sides.flatMap(({ floating, hop, floatingIp, routerIp }) => [
        expectSeenAs(run, floating, floatingIp),
        expectSeenAs(run, hop, routerIp),
      ]),
    ),
  )
}

async function placed(run: CaseRun, routerId: string, distributed: boolean): Promise<void> {
  const central = await centralHost(run, routerId)
  // network nodes have distributed ones for their DHCP servers
  const hosts = distributed ? [...routingNodes(run, ['network']), 'compute1', 'compute2'] : [central]
  for (const node of routingNodes(run)) {
    const snat = distributed && node === central ? [snatNs(routerId)] : []
    const names = hosts.includes(node) ? [qrouterNs(routerId), ...snat] : []
    const found = (await namespacesAt(run, node)).filter((name) => name.endsWith(routerId))
    expect(found.join() === names.join(), `${node} has ${found.join()}, expected ${names.join()}`)
  }
}

function refused(run: CaseRun, routerId: string, distributed: boolean): Promise<void> {
  return expectRefused(
    () => updateRouter(run, routerId, { distributed }, 'admin'),
    badRequest(
      'router',
      "Cannot change the 'distributed' attribute of active routers. Please set router admin_state_up to False prior to upgrade",
    ),
  )
}
