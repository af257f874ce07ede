import { centralHost } from '../../proof/central-host.js'
import { convertRouter } from '../../proof/convert.js'
import type { Seen } from '../../proof/echoes.js'
import { expect } from '../../proof/expect.js'
import { expectSeen, instanceTap, nicTap, watch } from '../../proof/hops.js'
import { dvrMac, interfaceOn } from '../../proof/macs.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  type Network,
} from '../../proof/objects.js'
import { expectSeenAs, OUTSIDE, withWhoami } from '../../proof/outside.js'
import { expectAnswers, expectMesh, run as runAt } from '../../proof/places.js'
import { transfer } from '../../proof/transfer.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

const TYPES = ['vxlan', 'gre', 'vlan', 'flat'] as const
type Type = (typeof TYPES)[number]

/** With physical networks of 1500. */
const MTU: Readonly<Record<Type, number>> = { vxlan: 1450, gre: 1458, vlan: 1500, flat: 1500 }
/** Physical networks, and the NICs on which their frames leave a node. The external network is a VLAN beside the flat one. */
const PHYSICAL: Readonly<Partial<Record<Type, string>>> = { vlan: 'vlan', flat: 'external' }
const NIC: Readonly<Record<Type, string>> = { vxlan: 'eth1', gre: 'eth1', vlan: 'eth2', flat: 'eth3' }
const HOST: Readonly<Record<Type, string>> = { vxlan: 'compute1', gre: 'compute2', vlan: 'compute1', flat: 'compute2' }
const TRANSFER_BYTES = 512 * 1024

interface Objects {
  readonly routerId: string
  readonly routerIp: string
  readonly networks: Readonly<Record<Type, Network & { readonly segment: number }>>
  readonly instances: Readonly<Record<Type, Instance>>
  readonly floatingIps: Readonly<Record<'vxlan' | 'flat', string>>
}

/** One router on a network of each type; what it routes leaves by the wire of the network that it is for. */
export const projectNetworkTypes: Case = {
  name: 'project-network-types',
  title: 'one router joins VXLAN, GRE, VLAN and flat networks, distributed and legacy; each frame takes its own wire',
  async run(run) {
    const objects = await run.step('set up a network of each type on a distributed router', () => setUp(run))
    await run.step('MTU of each type', () => checkMtus(run, objects))
    await traffic(run, objects, 'distributed')
    await run.step('what the wires carry: the MAC of the sending host, TTL 63', () => distributedPaths(run, objects))
    await run.step('make the router legacy', () => convertRouter(run, objects.routerId, false))
    await traffic(run, objects, 'legacy')
    await run.step("what the wires carry: the router's MAC, TTL 63, by the network node", () =>
      legacyPaths(run, objects),
    )
  },
}

async function setUp(run: CaseRun): Promise<Objects> {
  const external = await makeExternal(run, 'vlan', 'types-ext')
  const networks = {} as Record<Type, Network & { segment: number }>
  for (const [index, type] of TYPES.entries()) {
    const physical = PHYSICAL[type] ? { 'provider:physical_network': PHYSICAL[type] } : {}
    const network = { 'provider:network_type': type, ...physical }
    const made = await makeNetwork(run, `types-${type}`, `192.168.${index + 1}.0/24`, { network })
    const shown = await run.admin.network.show('networks', made.id)
    networks[type] = { ...made, segment: Number(shown['provider:segmentation_id']) }
  }
  const subnets = TYPES.map((type) => networks[type].subnetId)
  const router = await makeRouter(run, 'types', { subnets, external: external.id, distributed: true })
  const booted = await bootAll(
    run,
    TYPES.map((type) => ({ name: `types-${type}`, networkId: networks[type].id, host: HOST[type] })),
  )
  const instances = Object.fromEntries(TYPES.map((type, i) => [type, booted[i]!])) as Record<Type, Instance>
  await allow(run, { protocol: 'icmp' })
  await allow(run, { protocol: 'tcp', port_range_min: 7001, port_range_max: 7001 })
  const floating = async (type: Type) => (await associateFloatingIp(run, external.id, instances[type].portId)).ip
  const floatingIps = { vxlan: await floating('vxlan'), flat: await floating('flat') }
  await settled(run.admin)
  return { routerId: router.id, routerIp: router.externalIp, networks, instances, floatingIps }
}

async function checkMtus(run: CaseRun, { instances }: Objects): Promise<void> {
  for (const type of TYPES) {
    const link = await runAt(run, { instance: instances[type].id }, ['cat', '/sys/class/net/eth0/mtu'])
    expect(Number(link) === MTU[type], `the ${type} instance has MTU ${link.trim()}, expected ${MTU[type]}`)
  }
}

async function traffic(run: CaseRun, objects: Objects, kind: string): Promise<void> {
  const { instances, floatingIps, routerIp } = objects
  await run.step(`every pair over the ${kind} router`, () => expectMesh(run, Object.values(instances)))
  await run.step(`TCP from large to small MTU over the ${kind} router`, async () => {
    await transfer(run, instances.flat, instances.vxlan, TRANSFER_BYTES)
    await transfer(run, instances.vlan, instances.gre, TRANSFER_BYTES)
  })
  await run.step(`SNAT and floating IPs of the ${kind} router`, () =>
    withWhoami(run, async () => {
      const seen = { vxlan: floatingIps.vxlan, gre: routerIp, vlan: routerIp, flat: floatingIps.flat }
      await Promise.all(TYPES.map((type) => expectSeenAs(run, instances[type], seen[type])))
      for (const ip of Object.values(floatingIps)) await expectAnswers(run, OUTSIDE, ip)
    }),
  )
}

function onWire(type: Type, segment: number, eth: string, ip: string, ttl: number): Seen {
  if (type === 'vxlan' || type === 'gre') return { eth, vlan: null, tunnel: { type, id: segment }, ip, ttl }
  return { eth, vlan: type === 'vlan' ? segment : null, ip, ttl }
}

/** Each type as the far end of a routed packet from the other host. */
async function distributedPaths(run: CaseRun, { instances, networks, routerId }: Objects): Promise<void> {
  const ways: readonly (readonly [Type, Type])[] = [
    ['gre', 'vxlan'],
    ['vlan', 'gre'],
    ['flat', 'vlan'],
    ['vxlan', 'flat'],
  ]
  for (const [fromType, toType] of ways) {
    const [from, to] = [instances[fromType], instances[toType]]
    const gateway = (await interfaceOn(run, routerId, networks[toType].subnetId)).mac
    const sender = await dvrMac(run, from.host)
    const [wire, tap] = [nicTap(to.host, NIC[toType]), instanceTap(to)]
    const { seenAt, sendersAt } = await watch(run.state, [wire, tap], () =>
      expectAnswers(run, { instance: from.id }, to.ip),
    )
    const ip = `${from.ip}>${to.ip}`
    const carried = onWire(toType, networks[toType].segment, `${sender}>${to.mac}`, ip, 63)
    expectSeen(wire, seenAt(wire, ip), carried)
    expectSeen(tap, seenAt(tap, ip), { eth: `${gateway}>${to.mac}`, vlan: null, ip, ttl: 63 })
    expect(!sendersAt(wire).has(gateway), `the router's own MAC ${gateway} went over ${wire.name}`)
  }
}

/** Two instances on different types: to the network node by one wire, from there by the other, routed in between. */
async function legacyPaths(run: CaseRun, { instances, networks, routerId }: Objects): Promise<void> {
  const ways: readonly (readonly [Type, Type])[] = [
    ['vxlan', 'vlan'],
    ['flat', 'gre'],
  ]
  for (const [fromType, toType] of ways) {
    const [from, to] = [instances[fromType], instances[toType]]
    const near = await interfaceOn(run, routerId, networks[fromType].subnetId)
    const far = await interfaceOn(run, routerId, networks[toType].subnetId)
    const central = await centralHost(run, routerId)
    const [there, back, tap] = [nicTap(central, NIC[fromType]), nicTap(to.host, NIC[toType]), instanceTap(to)]
    const { seenAt } = await watch(run.state, [there, back, tap], () =>
      expectAnswers(run, { instance: from.id }, to.ip),
    )
    const ip = `${from.ip}>${to.ip}`
    const before = onWire(fromType, networks[fromType].segment, `${from.mac}>${near.mac}`, ip, 64)
    expectSeen(there, seenAt(there, ip), before)
    expectSeen(back, seenAt(back, ip), onWire(toType, networks[toType].segment, `${far.mac}>${to.mac}`, ip, 63))
    expectSeen(tap, seenAt(tap, ip), { eth: `${far.mac}>${to.mac}`, vlan: null, ip, ttl: 63 })
  }
}
