import { expect } from '../../proof/expect.js'
import { addressesInside, defaultRouters, makeSubnet6, recordedAddress, untilConfigured } from '../../proof/ipv6.js'
import { bootAll, type Instance, makeNetwork, makeRouter } from '../../proof/objects.js'
import { expectAnswers, run as runAt } from '../../proof/places.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

const PREFIX = 'fd00:5::/64'
const FALSE_PREFIX = 'fd00:bad::'

interface Guest extends Instance {
  readonly ip6: string
}

interface Objects {
  /** on one host with the neighbour; the victim is on another */
  readonly attacker: Guest
  readonly neighbour: Guest
  readonly victim: Guest
}

async function setUp(run: CaseRun): Promise<Objects> {
  const network = await makeNetwork(run, 'spoofing', '192.168.5.0/24')
  const subnet = await makeSubnet6(run, network.id, PREFIX, 'slaac')
  await makeRouter(run, 'spoofing', { subnets: [network.subnetId, subnet], distributed: true })
  const instances = await bootAll(run, [
    { name: 'spoofing-attacker', networkId: network.id, host: 'compute2' },
    { name: 'spoofing-neighbour', networkId: network.id, host: 'compute2' },
    { name: 'spoofing-victim', networkId: network.id, host: 'compute1' },
  ])
  const guests = await Promise.all(
    instances.map(async (instance) => ({ ...instance, ip6: await recordedAddress(run, instance, subnet) })),
  )
  await Promise.all(guests.map((guest) => untilConfigured(run, guest, guest.ip6)))
  const [attacker, neighbour, victim] = guests as [Guest, Guest, Guest]
  return { attacker, neighbour, victim }
}

const inside = ({ id }: Instance) => ({ instance: id })

/** Makes the attacker a router that advertises a prefix of its own; resolves to what ends it. */
async function advertise(run: CaseRun, attacker: Guest): Promise<() => Promise<void>> {
  const config = `interface eth0
{
   AdvSendAdvert on;
   MinRtrAdvInterval 3;
   MaxRtrAdvInterval 4;
   prefix ${FALSE_PREFIX}/64 { AdvOnLink on; AdvAutonomous on; };
};
`
  await runAt(run, inside(attacker), ['tee', '/run/radvd.conf'], { input: config })
  // debugging makes it go on without /etc/passwd, which instances have not
  const quiet = ['-d', '1', '-m', 'logfile', '-l', '/run/radvd.log']
  await runAt(run, inside(attacker), ['radvd', '-C', '/run/radvd.conf', '-p', '/run/radvd.pid', ...quiet])
  return async () => {
    const pid = (await runAt(run, inside(attacker), ['cat', '/run/radvd.pid'])).trim()
    await runAt(run, inside(attacker), ['kill', pid])
  }
}

/** Tells everybody on the link that an address is the attacker's. */
async function claim(run: CaseRun, attacker: Guest, address: string): Promise<void> {
  await runAt(run, inside(attacker), ['ndptool', '-t', 'na', '-U', '-i', 'eth0', '-T', address, 'send'])
}

/** Advertisements of the attacker that its egress chain has dropped. */
async function droppedAdvertisements(run: CaseRun, { host, portId }: Guest): Promise<number> {
  const rules = await runAt(run, { node: host }, ['ip6tables-save', '-c', '-t', 'filter'])
  const own = rules.split('\n').filter((line) => line.includes(`-A neutron-openvswi-o${portId.slice(0, 10)} `))
  const drop = own.find((line) => line.includes('--icmpv6-type 134') && line.endsWith('-j DROP'))
  return Number(drop?.match(/^\[(\d+):/)?.[1] ?? 0)
}

/** Claims of addresses that br-int has dropped, of all ports of a node. */
async function droppedClaims(run: CaseRun, node: string): Promise<number> {
  const argv = ['ovs-ofctl', '-O', 'OpenFlow13', 'dump-flows', 'br-int', 'table=24']
  const drop = (await runAt(run, { node }, argv)).split('\n').find((line) => line.includes('priority=0'))
  return Number(drop?.match(/n_packets=(\d+)/)?.[1] ?? 0)
}

/** The MAC under which a guest knows an address. */
async function knownMac(run: CaseRun, guest: Guest, address: string): Promise<string> {
  const argv = ['ip', '-j', '-6', 'neigh', 'show', 'to', address, 'dev', 'eth0']
  return (JSON.parse(await runAt(run, inside(guest), argv)) as { lladdr?: string }[])[0]?.lladdr ?? ''
}

async function advertisementsDropped(run: CaseRun, { attacker, neighbour, victim }: Objects): Promise<void> {
  const end = await advertise(run, attacker)
  await until(
    "the attacker's advertisements to be dropped",
    async () => (await droppedAdvertisements(run, attacker)) > 0,
  )
  await end()
  for (const guest of [neighbour, victim]) {
    const addresses = await addressesInside(run, guest)
    expect(addresses.join() === guest.ip6, `${guest.name} has ${addresses.join()}`)
    const routers = await defaultRouters(run, guest)
    expect(routers.length === 1, `${guest.name} has default routes ${routers.join()}`)
  }
}

async function claimsDropped(run: CaseRun, { attacker, neighbour, victim }: Objects): Promise<void> {
  await expectAnswers(run, inside(neighbour), victim.ip6)
  const before = await droppedClaims(run, attacker.host)
  await claim(run, attacker, victim.ip6)
  await until('the false claim to be dropped', async () => (await droppedClaims(run, attacker.host)) > before)
  expect((await knownMac(run, neighbour, victim.ip6)) === victim.mac, 'the neighbour believes a false claim')
  // it also answers those who ask
  await runAt(run, inside(attacker), ['ip', '-6', 'address', 'add', `${victim.ip6}/128`, 'dev', 'eth0', 'nodad'])
  await runAt(run, inside(neighbour), ['ip', '-6', 'neigh', 'flush', 'to', victim.ip6, 'dev', 'eth0'])
  await expectAnswers(run, inside(neighbour), victim.ip6)
  expect((await knownMac(run, neighbour, victim.ip6)) === victim.mac, 'the neighbour believes a false answer')
  await runAt(run, inside(attacker), ['ip', '-6', 'address', 'del', `${victim.ip6}/128`, 'dev', 'eth0'])
}

/** The same deeds do their harm when the port is not secured: without this the steps before would prove little. */
async function unsecured(run: CaseRun, { attacker, neighbour, victim }: Objects): Promise<void> {
  const port = { port_security_enabled: false, security_groups: [] }
  await run.demo.network.put(`/v2.0/ports/${attacker.portId}`, { port })
  await settled(run.admin)
  await claim(run, attacker, victim.ip6)
  await until(
    'the neighbour to believe the claim',
    async () => (await knownMac(run, neighbour, victim.ip6)) === attacker.mac,
  )
  const end = await advertise(run, attacker)
  await until('the victim to believe the advertisement', async () =>
    (await addressesInside(run, victim)).some((address) => address.startsWith(FALSE_PREFIX.slice(0, -1))),
  )
  await end()
}

export const ipv6Spoofing: Case = {
  name: 'ipv6-spoofing',
  title: 'an instance that advertises itself as router, or claims an address, does not influence its neighbours',
  async run(run) {
    const objects = await run.step('set up', () => setUp(run))
    await run.step('router advertisements of an instance are dropped', () => advertisementsDropped(run, objects))
    await run.step('claims of another address are dropped', () => claimsDropped(run, objects))
    await run.step('without port security both get through', () => unsecured(run, objects))
  },
}
