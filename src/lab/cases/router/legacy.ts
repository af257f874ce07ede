import { qgName, qrouterNs } from '../../../model/device-names.js'
import { centralHost, routingNodes } from '../../proof/central-host.js'
import { expect } from '../../proof/expect.js'
import { expectSeen, instanceTap, namespaceTap, nicTap, watch } from '../../proof/hops.js'
import { interfaceOn, routerPorts } from '../../proof/macs.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
} from '../../proof/objects.js'
import { expectSeenAs, OUTSIDE, withWhoami } from '../../proof/outside.js'
import { expectAnswers, probe, run as runAt } from '../../proof/places.js'
import { settled } from '../../settled.js'
import { EXTERNAL_GATEWAY, EXTERNAL_VLAN, OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

/** A way outside: an instance with a floating IP and one without behind a router of their own. */
interface Side {
  readonly routerId: string
  readonly routerIp: string
  readonly subnetId: string
  readonly floating: Instance
  readonly plain: Instance
  readonly floatingIp: string
}

/** Legacy routers on two external networks, and a distributed one on the first: what each does where. */
export const legacyRouter: Case = {
  name: 'legacy-router',
  title:
    'legacy routers on two external networks beside a distributed one: DNAT, SNAT and metadata on the network node',
  async run(run) {
    const [flat, vlan, dvr] = await run.step('set up three routers on two external networks', () => setUp(run))
    await run.step('each way outside', () =>
      withWhoami(run, async () => {
        for (const side of [flat, vlan, dvr]) {
          await expectSeenAs(run, side.floating, side.floatingIp)
          await expectSeenAs(run, side.plain, side.routerIp)
          await expectAnswers(run, OUTSIDE, side.floatingIp)
        }
      }),
    )
    await run.step('floating IPs of one router from behind another, and from behind the same', async () => {
      const sides = [flat, vlan, dvr]
      const from = sides.flatMap(({ plain, floating }) => [plain, floating])
      await Promise.all(
        from.flatMap(({ id }) => sides.map(({ floatingIp }) => expectAnswers(run, { instance: id }, floatingIp))),
      )
    })
    await run.step('out by SNAT: MACs and TTL of each hop', () => snatPath(run, flat))
    await run.step('in by DNAT: MACs and TTL of each hop', () => dnatPath(run, flat))
    await run.step('in by DNAT from a VLAN', () => vlanPath(run, vlan))
    await run.step('metadata from the network node', () => metadata(run, flat))
  },
}

async function setUp(run: CaseRun): Promise<readonly [Side, Side, Side]> {
  const flat = await makeExternal(run, 'flat', 'legacy-flat')
  const vlan = await makeExternal(run, 'vlan', 'legacy-vlan')
  const wishes = [
    { name: 'legacy-1', cidr: '192.168.1.0/24', external: flat, distributed: false },
    { name: 'legacy-2', cidr: '192.168.2.0/24', external: vlan, distributed: false },
    { name: 'legacy-3', cidr: '192.168.3.0/24', external: flat, distributed: true },
  ]
  const made = []
  for (const { name, cidr, external, distributed } of wishes) {
    const network = await makeNetwork(run, name, cidr, { network: { 'provider:network_type': 'vxlan' } })
    const { subnetId } = network
    const router = await makeRouter(run, name, { subnets: [subnetId], external: external.id, distributed })
    made.push({ name, network, external, router })
  }
  const instances = await bootAll(
    run,
    made.flatMap(({ name, network }) => [
      { name: `${name}-floating`, networkId: network.id, host: 'compute1' },
      { name: `${name}-plain`, networkId: network.id, host: 'compute2' },
    ]),
  )
  await allow(run, { protocol: 'icmp' })
  const sides: Side[] = []
  for (const [i, { network, external, router }] of made.entries()) {
    const [floating, plain] = [instances[2 * i]!, instances[2 * i + 1]!]
    const floatingIp = (await associateFloatingIp(run, external.id, floating.portId)).ip
    const { subnetId } = network
    sides.push({ routerId: router.id, routerIp: router.externalIp, subnetId, floating, plain, floatingIp })
  }
  await settled(run.admin)
  return [sides[0]!, sides[1]!, sides[2]!]
}

async function routerMacs(run: CaseRun, { routerId, subnetId }: Side) {
  const gateway = (await routerPorts(run, routerId, 'network:router_gateway'))[0]!
  return { qr: (await interfaceOn(run, routerId, subnetId)).mac, qg: gateway.mac, gatewayId: gateway.id }
}

/** MAC of a device of the outside world. */
async function outsideMac(run: CaseRun, device: string): Promise<string> {
  return (await runAt(run, OUTSIDE, ['cat', `/sys/class/net/${device}/address`])).trim()
}

async function snatPath(run: CaseRun, side: Side): Promise<void> {
  const { plain, routerId, routerIp } = side
  const { qr, qg, gatewayId } = await routerMacs(run, side)
  const outside = await outsideMac(run, 'eth3')
  const central = await centralHost(run, routerId)
  const device = namespaceTap(central, qrouterNs(routerId), qgName(gatewayId))
  const [wire, tap] = [nicTap(central, 'eth3'), instanceTap(plain)]
  const { seenAt } = await watch(run.state, [device, wire, tap], () =>
    expectAnswers(run, { instance: plain.id }, OPENSTACK_ORG),
  )
  const there = `${routerIp}>${OPENSTACK_ORG}`
  for (const place of [device, wire])
    expectSeen(place, seenAt(place, there), { eth: `${qg}>${outside}`, vlan: null, ip: there, ttl: 63 })
  const back = `${OPENSTACK_ORG}>${plain.ip}`
  expectSeen(tap, seenAt(tap, back), { eth: `${qr}>${plain.mac}`, vlan: null, ip: back, ttl: 63 })
}

async function dnatPath(run: CaseRun, side: Side): Promise<void> {
  const { floating, floatingIp } = side
  const { qr, qg } = await routerMacs(run, side)
  const outside = await outsideMac(run, 'eth3')
  const central = await centralHost(run, side.routerId)
  const [wire, bypassed, tap] = [nicTap(central, 'eth3'), nicTap('compute1', 'eth3'), instanceTap(floating)]
  const { seenAt, sendersAt } = await watch(run.state, [wire, bypassed, tap], () =>
    expectAnswers(run, OUTSIDE, floatingIp),
  )
  const [there, back] = [`${EXTERNAL_GATEWAY}>${floatingIp}`, `${floatingIp}>${EXTERNAL_GATEWAY}`]
  const inside = `${EXTERNAL_GATEWAY}>${floating.ip}`
  expectSeen(wire, seenAt(wire, there), { eth: `${outside}>${qg}`, vlan: null, ip: there, ttl: 64 })
  expectSeen(tap, seenAt(tap, inside), { eth: `${qr}>${floating.mac}`, vlan: null, ip: inside, ttl: 63 })
  expectSeen(wire, seenAt(wire, back), { eth: `${qg}>${outside}`, vlan: null, ip: back, ttl: 63 })
  expect(!sendersAt(bypassed).has(floating.mac), `${floating.name} left by its own host`)
}

async function vlanPath(run: CaseRun, side: Side): Promise<void> {
  const { qg } = await routerMacs(run, side)
  const wire = nicTap(await centralHost(run, side.routerId), 'eth3')
  const { seenAt } = await watch(run.state, [wire], () => expectAnswers(run, OUTSIDE, side.floatingIp))
  const ip = `${EXTERNAL_VLAN.gateway}>${side.floatingIp}`
  const eth = `${await outsideMac(run, `eth4.${EXTERNAL_VLAN.id}`)}>${qg}`
  expectSeen(wire, seenAt(wire, ip), { eth, vlan: EXTERNAL_VLAN.id, ip, ttl: 64 })
}

/** Only the network node has a proxy for the router, and it tells each instance its own id. */
async function metadata(run: CaseRun, { routerId, floating, plain }: Side): Promise<void> {
  for (const { id } of [floating, plain]) {
    const url = 'http://169.254.169.254/openstack/latest/meta_data.json'
    const { uuid } = JSON.parse(await probe(run, { instance: id }, 'get', url)) as { uuid: string }
    expect(uuid === id, `instance ${id} was told that it is ${uuid}`)
  }
  const central = await centralHost(run, routerId)
  for (const node of routingNodes(run)) {
    const names = await runAt(run, { node }, ['ip', 'netns'])
    expect(names.includes(qrouterNs(routerId)) === (node === central), `the router is or is not on ${node}`)
  }
}
