import { dhcpServers, expectRoute } from '../../proof/dhcp.js'
import { expect } from '../../proof/expect.js'
import { expectSeen, instanceTap, nicTap, watch } from '../../proof/hops.js'
import { allow, bootAll, type Instance } from '../../proof/objects.js'
import { expectAnswers, run as runAt } from '../../proof/places.js'
import { expectRefused } from '../../proof/refused.js'
import { settled } from '../../settled.js'
import { type RackNetwork, rackNetwork } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

const RACKS = [1, 2].map(rackNetwork)
const NIC = 'eth4'

/** A network of one VLAN per rack: instances get addresses of their rack, and find each other over the router between the racks. */
export const routedNetwork: Case = {
  name: 'routed-network',
  title: 'a network of a VLAN per rack gives each host addresses of its rack; host routes lead from one to the other',
  needs: { networks: 2, racks: 2 },
  async run(run) {
    const { id, subnetIds } = await run.step('a shared network with a segment and a subnet per rack', () =>
      makeRouted(run),
    )
    const [first, second] = await run.step('an instance in each rack, one of them by a port without an address', () =>
      bootInRacks(run, id),
    )
    await run.step("each has an address of its rack, from its rack's DHCP server", async () => {
      await expectInRacks(run, [first, second])
      await expectServers(run, id)
    })
    await run.step('they reach each other by host routes alone, over the router between the racks', () =>
      overTheRouter(run, first, second),
    )
    await run.step('a neighbour in the same rack is reached on the VLAN itself', () => sameRack(run, id, first))
    await run.step('an instance stays in its rack', () => staysInRack(run, first))
    await run.step('another subnet of a rack is on-link there and routed from elsewhere', () =>
      secondSubnet(run, id, subnetIds, first, second),
    )
  },
}

interface Routed {
  readonly id: string
  readonly subnetIds: readonly string[]
}

async function makeRouted({ admin }: CaseRun): Promise<Routed> {
  const segments = RACKS.map(({ name, vlan }) => ({
    'provider:network_type': 'vlan',
    'provider:physical_network': name,
    'provider:segmentation_id': vlan,
  }))
  const network = await admin.network.create('networks', { name: 'racks', shared: true, segments })
  const subnetIds: string[] = []
  for (const rack of RACKS) {
    const segment_id = await segmentOf(admin, network.id, rack)
    const { cidr, gateway } = rack
    const subnet = { network_id: network.id, ip_version: 4, cidr, gateway_ip: gateway, segment_id }
    subnetIds.push((await admin.network.create('subnets', subnet)).id)
  }
  return { id: network.id, subnetIds }
}

async function segmentOf(admin: CaseRun['admin'], network_id: string, { name }: RackNetwork): Promise<string> {
  const query = { network_id, physical_network: name }
  return (await admin.network.get<{ segments: { id: string }[] }>('/v2.0/segments', query)).segments[0]!.id
}

async function bootInRacks(run: CaseRun, networkId: string): Promise<[Instance, Instance]> {
  const port = await run.demo.network.create('ports', { network_id: networkId })
  expect(port.fixed_ips.length === 0, 'a port without a host has an address')
  const [first, second] = await bootAll(run, [
    { name: 'rack1-a', networkId, host: 'compute1' },
    { name: 'rack2-a', portId: port.id, host: 'compute2' },
  ])
  await allow(run, { protocol: 'icmp' })
  await settled(run.admin)
  return [first!, second!]
}

async function expectInRacks(run: CaseRun, instances: readonly Instance[]): Promise<void> {
  for (const [i, instance] of instances.entries()) {
    const prefix = RACKS[i]!.gateway.replace(/1$/, '')
    const shown = await runAt(run, { instance: instance.id }, ['ip', '-4', '-o', 'address', 'show', 'dev', 'eth0'])
    expect(instance.ip.startsWith(prefix), `${instance.name} has ${instance.ip}, expected one of ${prefix}0/24`)
    expect(shown.includes(`${instance.ip}/24`), `${instance.name} did not take its address: ${shown}`)
    await expectRoute(run, instance, RACKS[1 - i]!.gateway, RACKS[i]!.gateway)
  }
}

/** One DHCP server per rack, with an address there and nowhere else. */
async function expectServers(run: CaseRun, networkId: string): Promise<void> {
  const servers = await dhcpServers(run, networkId)
  const found = [...servers].map(([host, { ip }]) => `${host} ${ip.replace(/\d+$/, '0/24')}`).sort()
  const wanted = RACKS.map(({ cidr }, i) => `network${i + 1} ${cidr}`)
  expect(found.join() === wanted.join(), `DHCP servers are ${found.join()}, expected ${wanted.join()}`)
}

/** Without the default route: what is left are the routes that the other rack's subnet brought. */
async function overTheRouter(run: CaseRun, first: Instance, second: Instance): Promise<void> {
  for (const { id } of [first, second]) await runAt(run, { instance: id }, ['ip', 'route', 'del', 'default'])
  const ip = `${first.ip}>${second.ip}`
  const [near, far] = [nicTap('compute1', NIC), nicTap('compute2', NIC)]
  const { seenAt } = await watch(run.state, [near, far, instanceTap(second)], () =>
    expectAnswers(run, { instance: first.id }, second.ip),
  )
  const macOf = async ({ vlan }: RackNetwork, i: number) =>
    (await runAt(run, { node: 'outside' }, ['cat', `/sys/class/net/eth${5 + i}.${vlan}/address`])).trim()
  const [nearMac, farMac] = await Promise.all(RACKS.map(macOf))
  expectSeen(near, seenAt(near, ip), { eth: `${first.mac}>${nearMac}`, vlan: RACKS[0]!.vlan, ip, ttl: 64 })
  expectSeen(far, seenAt(far, ip), { eth: `${farMac}>${second.mac}`, vlan: RACKS[1]!.vlan, ip, ttl: 63 })
  await expectAnswers(run, { instance: second.id }, first.ip)
}

async function sameRack(run: CaseRun, networkId: string, first: Instance): Promise<void> {
  const [beside] = await bootAll(run, [{ name: 'rack1-b', networkId, host: 'compute1' }])
  const tap = instanceTap(beside!)
  const ip = `${first.ip}>${beside!.ip}`
  const { seenAt } = await watch(run.state, [tap], () => expectAnswers(run, { instance: first.id }, beside!.ip))
  expectSeen(tap, seenAt(tap, ip), { eth: `${first.mac}>${beside!.mac}`, vlan: null, ip, ttl: 64 })
}

async function staysInRack({ admin }: CaseRun, { portId }: Instance): Promise<void> {
  const move = { port: { 'binding:host_id': 'compute2' } }
  await expectRefused(() => admin.network.put(`/v2.0/ports/${portId}`, move), {
    status: 409,
    type: 'HostNotCompatibleWithFixedIps',
    message: `Host compute2 is not connected to a segment where the existing fixed_ips on port ${portId} will function given the routed network topology.`,
  })
}

async function secondSubnet(
  run: CaseRun,
  network_id: string,
  subnetIds: readonly string[],
  first: Instance,
  second: Instance,
): Promise<void> {
  const segment_id = await segmentOf(run.admin, network_id, RACKS[0]!)
  const subnet = { network_id, ip_version: 4, cidr: '198.19.1.0/24', segment_id }
  const made = await run.admin.network.create('subnets', subnet)
  const routesOf = async (id: string) =>
    (await run.admin.network.show('subnets', id)).host_routes
      .map(({ destination }) => destination)
      .sort()
      .join()
  const [one, two] = RACKS.map(({ cidr }) => cidr)
  for (const [id, wanted] of [
    [subnetIds[0]!, two],
    [subnetIds[1]!, `${one},198.19.1.0/24`],
    [made.id, two],
  ] as const) {
    const found = await routesOf(id)
    expect(found === wanted, `subnet ${id} has routes to ${found}, expected ${wanted}`)
  }
  await settled(run.admin)
  expect(first.ip !== second.ip, 'two instances have one address')
}
