import { fipNs, fprName } from '../../../model/device-names.js'
import { expect } from '../../proof/expect.js'
import {
  dropRouteFromOutside,
  makeExternal6,
  recordedAddress,
  routeFromOutside,
  untilConfigured,
} from '../../proof/ipv6.js'
import {
  allow,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  makeSubnet,
  setGateway,
  updateRouter,
} from '../../proof/objects.js'
import { OUTSIDE, WHOAMI_PORT, withWhoami } from '../../proof/outside.js'
import { type PingStream, pingStream } from '../../proof/ping-stream.js'
import { expectAnswers, expectSilence, pings, probe, run as runAt } from '../../proof/places.js'
import { killDaemon, startAgent } from '../../proof/restart.js'
import { until } from '../../proof/until.js'
import { expectNoWrites } from '../../proof/writes.js'
import { settled } from '../../settled.js'
import { EXTERNAL_V6 } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

const L3_AGENT = 'neutron-l3-agent'
const NIC = 'eth3'
const SPECIFIC = 128
const PINGS = 20
/** with pings every 50 ms on a machine that others use too */
const LONGEST_GAP_MS = 1_000
/** less than the three questions after which nobody is there */
const CONFIRMATION_MS = 2_500

interface Guest extends Instance {
  readonly ip6: string
}

/** A router with its network, of one kind. */
interface Side {
  readonly routerId: string
  readonly prefix: string
  readonly proxied: Guest
  readonly other: Guest
}

interface Objects {
  readonly externalId: string
  readonly distributed: Side
  readonly legacy: Side
}

/** One address scope outside and inside: without it nothing is routed between them. */
async function makePool({ admin }: CaseRun): Promise<string> {
  const scope = { name: 'ndp', ip_version: 6, shared: true }
  const { address_scope } = await admin.network.post<{ address_scope: { id: string } }>('/v2.0/address-scopes', {
    address_scope: scope,
  })
  const range = { prefixes: ['2001:db8::/32'], default_prefixlen: 64, address_scope_id: address_scope.id }
  const { subnetpool } = await admin.network.post<{ subnetpool: { id: string } }>('/v2.0/subnetpools', {
    subnetpool: { name: 'ndp', shared: true, ...range },
  })
  return subnetpool.id
}

async function makeSide(run: CaseRun, kind: 'distributed' | 'legacy', externalId: string, pool: string): Promise<Side> {
  const index = kind === 'distributed' ? 1 : 2
  const prefix = `2001:db8:${index}::/64`
  const network = await makeNetwork(run, `ndp-${kind}`, `192.168.${index}.0/24`)
  const modes = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' }
  const subnet6 = await makeSubnet(run, network.id, prefix, { ip_version: 6, subnetpool_id: pool, ...modes })
  const subnets = [network.subnetId, subnet6]
  const router = await makeRouter(run, `ndp-${kind}`, { subnets, distributed: kind === 'distributed' })
  await setGateway(run, router.id, externalId)
  const [proxied, other] = await bootAll(run, [
    { name: `ndp-${kind}-proxied`, networkId: network.id, host: 'compute1' },
    { name: `ndp-${kind}-other`, networkId: network.id, host: 'compute1' },
  ])
  const guest = async (instance: Instance): Promise<Guest> => {
    const ip6 = await recordedAddress(run, instance, subnet6)
    await untilConfigured(run, instance, ip6)
    return { ...instance, ip6 }
  }
  return { routerId: router.id, prefix, proxied: await guest(proxied!), other: await guest(other!) }
}

async function setUp(run: CaseRun): Promise<Objects> {
  const pool = await makePool(run)
  const external = await makeExternal(run, 'flat', 'ndp-ext')
  await makeExternal6(run, external.id, { subnetpool_id: pool })
  const [distributed, legacy] = await Promise.all([
    makeSide(run, 'distributed', external.id, pool),
    makeSide(run, 'legacy', external.id, pool),
  ])
  await allow(run, { ethertype: 'IPv6', protocol: 'ipv6-icmp', remote_ip_prefix: '::/0' })
  return { externalId: external.id, distributed, legacy }
}

/** Outside, the projects' prefixes are on the link: who has an address is asked there, nobody is named as the way. */
async function onLinkOutside(run: CaseRun, sides: readonly Side[]): Promise<void> {
  for (const { prefix } of sides) await runAt(run, OUTSIDE, ['ip', '-6', 'route', 'replace', prefix, 'dev', NIC])
}

async function addProxy({ demo }: CaseRun, { routerId, proxied }: Side): Promise<string> {
  const { ndp_proxy } = await demo.network.post<{ ndp_proxy: { id: string; ip_address: string } }>(
    '/v2.0/ndp_proxies',
    { ndp_proxy: { router_id: routerId, port_id: proxied.portId } },
  )
  expect(ndp_proxy.ip_address === proxied.ip6, `the proxy is for ${ndp_proxy.ip_address}, not for ${proxied.ip6}`)
  return `/v2.0/ndp_proxies/${ndp_proxy.id}`
}

/** The host's port outside may have come with the proxy, and hears nothing until it is wired. */
async function untilAnswers(run: CaseRun, { name, ip6 }: Guest): Promise<void> {
  await until(
    `${name} to answer at ${ip6}`,
    async () => (await pings(run, OUTSIDE, ip6, 1, '-W', '0.3')).received === 1,
  )
}

/** MAC of the port that has to answer: the host's own on the external network, or the router's gateway port. */
async function answeringMac({ admin }: CaseRun, query: Readonly<Record<string, string>>): Promise<string> {
  const { ports } = await admin.network.get<{ ports: { mac_address: string }[] }>('/v2.0/ports', query)
  expect(ports.length === 1, `${ports.length} ports are ${JSON.stringify(query)}`)
  return ports[0]!.mac_address
}

const ofHost = (host: string) => ({ device_owner: 'network:floatingip_agent_gateway', 'binding:host_id': host })
const ofRouter = (device_id: string) => ({ device_owner: 'network:router_gateway', device_id })

/** The outside reaches the address at this MAC, and goes on to. */
async function expectAt(run: CaseRun, { ip6 }: Guest, query: Readonly<Record<string, string>>): Promise<void> {
  const mac = await answeringMac(run, query)
  await expectAnswers(run, OUTSIDE, ip6)
  const argv = ['ip', '-j', '-6', 'neigh', 'show', 'to', ip6, 'dev', NIC]
  const known = (JSON.parse(await runAt(run, OUTSIDE, argv)) as { lladdr?: string }[])[0]?.lladdr
  expect(known === mac, `outside ${ip6} is at ${known}, expected ${mac}`)
  await runAt(run, OUTSIDE, ['ip', '-6', 'neigh', 'replace', ip6, 'lladdr', mac, 'dev', NIC, 'nud', 'probe'])
  const confirmed = async () => (await runAt(run, OUTSIDE, argv)).includes('"REACHABLE"')
  await until(`${ip6} to be confirmed when it is asked for at its MAC`, confirmed, CONFIRMATION_MS)
}

/** Packets that came from a router into a host's fip namespace. */
async function sentFrom(run: CaseRun, host: string, { externalId, distributed }: Objects): Promise<number> {
  const file = `/sys/class/net/${fprName(distributed.routerId)}/statistics/rx_packets`
  return Number(await runAt(run, { node: host }, ['ip', 'netns', 'exec', fipNs(externalId), 'cat', file]))
}

async function checkOutgoing(run: CaseRun, objects: Objects): Promise<void> {
  const { distributed, legacy } = objects
  for (const { proxied } of [distributed, legacy]) {
    const place = { instance: proxied.id }
    await withWhoami(run, async () => {
      const seen = await probe(run, place, 'whoami', EXTERNAL_V6.far, String(WHOAMI_PORT))
      expect(seen === proxied.ip6, `${proxied.name} is seen outside as ${seen}, expected ${proxied.ip6}`)
    })
    const before = await sentFrom(run, 'compute1', objects)
    await pings(run, place, EXTERNAL_V6.far, PINGS)
    const left = (await sentFrom(run, 'compute1', objects)) - before
    // the link itself has a word to say now and then
    const itself = proxied === distributed.proxied
    expect(itself === left >= PINGS, `${left} packets left by the host of ${proxied.name}, which sent ${PINGS}`)
  }
}

/** Also to somebody outside who takes the router for the way. */
async function checkOthersShut(run: CaseRun, sides: readonly Side[]): Promise<void> {
  for (const { routerId, other } of sides) {
    await expectSilence(run, OUTSIDE, other.ip6)
    const { ports } = await run.admin.network.get<{ ports: { fixed_ips: { ip_address: string }[] }[] }>(
      '/v2.0/ports',
      ofRouter(routerId),
    )
    const via = ports[0]!.fixed_ips.find(({ ip_address }) => ip_address.includes(':'))!.ip_address
    const route = `${other.ip6}/${SPECIFIC}`
    await routeFromOutside(run, route, via)
    try {
      await expectSilence(run, OUTSIDE, other.ip6)
      await updateRouter(run, routerId, { enable_ndp_proxy: false })
      await settled(run.admin)
      // the way was there, and shut
      await expectAnswers(run, OUTSIDE, other.ip6)
      await updateRouter(run, routerId, { enable_ndp_proxy: true })
      await settled(run.admin)
    } finally {
      await dropRouteFromOutside(run, route)
    }
  }
}

async function restartAgents(run: CaseRun): Promise<void> {
  for (const host of ['compute1', 'network1']) {
    await killDaemon(run.state, host, L3_AGENT)
    await startAgent(run.state, host, L3_AGENT)
  }
  await settled(run.admin)
  await expectNoWrites(run.state)
}

/** The instance configures its address anew, as its host does not take it along: that takes it some seconds. */
async function migrate(run: CaseRun, { proxied }: Side): Promise<void> {
  const body = { 'os-migrateLive': { host: 'compute2', block_migration: 'auto' } }
  await run.admin.compute.post(`/servers/${proxied.id}/action`, body)
  await until('the instance to be on compute2', async () => {
    const { port } = await run.admin.network.get<{ port: { 'binding:host_id': string; status: string } }>(
      `/v2.0/ports/${proxied.portId}`,
    )
    return port['binding:host_id'] === 'compute2' && port.status === 'ACTIVE'
  })
  await settled(run.admin)
  await untilAnswers(run, proxied)
}

/** The longest gap of the streams while `action` ran. */
async function beside(streams: readonly PingStream[], action: () => Promise<void>): Promise<number> {
  await Promise.all(streams.map((stream) => stream.take()))
  await action()
  return Math.max(
    ...(await Promise.all(streams.map((stream) => stream.take()))).map(({ longestGapMs }) => longestGapMs),
  )
}

export const ndpProxy: Case = {
  name: 'ndp-proxy',
  title:
    'single IPv6 addresses are reached from outside without a route, on the compute node (distributed) and over the network node (legacy)',
  async run(run) {
    const objects = await run.step('a distributed and a legacy router in one address scope', () => setUp(run))
    const { distributed, legacy } = objects
    const sides = [distributed, legacy]
    try {
      await onLinkOutside(run, sides)
      await run.step('without a proxy nobody answers', async () => {
        for (const { routerId } of sides) await updateRouter(run, routerId, { enable_ndp_proxy: true })
        await settled(run.admin)
        for (const { proxied } of sides) await expectSilence(run, OUTSIDE, proxied.ip6)
      })
      const paths = await run.step('a proxy for an instance of each', async () => {
        const made = [await addProxy(run, distributed), await addProxy(run, legacy)]
        await settled(run.admin)
        for (const { proxied } of sides) await untilAnswers(run, proxied)
        await expectAt(run, distributed.proxied, ofHost('compute1'))
        await expectAt(run, legacy.proxied, ofRouter(legacy.routerId))
        return made
      })
      await run.step('what they send leaves the same way', () => checkOutgoing(run, objects))
      const streams = await Promise.all(sides.map(({ proxied }) => pingStream(run, OUTSIDE, proxied.ip6)))
      try {
        await run.step('agents that start anew write nothing, and nobody notices', async () => {
          const gap = await beside(streams, () => restartAgents(run))
          run.measured('ms without an answer beside restarts', gap)
          expect(gap < LONGEST_GAP_MS, `${gap} ms without an answer`)
        })
        await run.step('the address follows its instance to another host', async () => {
          await migrate(run, distributed)
          await expectAt(run, distributed.proxied, ofHost('compute2'))
        })
      } finally {
        for (const stream of streams) await stream.end()
      }
      await run.step('others are shut out while the router has proxies', () => checkOthersShut(run, sides))
      await run.step('without its proxy an address is gone', async () => {
        for (const path of paths) await run.demo.network.delete(path)
        await settled(run.admin)
        for (const { proxied } of sides) await expectSilence(run, OUTSIDE, proxied.ip6)
      })
    } finally {
      for (const { prefix } of sides) await dropRouteFromOutside(run, prefix)
    }
  },
}
