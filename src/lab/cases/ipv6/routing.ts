import { centralHost } from '../../proof/central-host.js'
import { expect } from '../../proof/expect.js'
import {
  addressesInside,
  defaultRouters,
  dropRouteFromOutside,
  makeExternal6,
  makeSubnet6,
  recordedAddress,
  routeFromOutside,
  untilConfigured,
} from '../../proof/ipv6.js'
import { allow, boot, bootAll, deleteInstance, makeExternal, makeNetwork, makeRouter } from '../../proof/objects.js'
import { expectAnswers, expectSilence, probe, run as runAt, serve } from '../../proof/places.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import { EXTERNAL_V6 } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

const SLAAC = 'fd00:1::/64'
const STATEFUL = 'fd00:2::/64'
const STATELESS = 'fd00:3::/64'
const RESOLVER = 'fd00:3::53'
const TRANSFER_PORT = 7001
const WHOAMI_PORT = 7000
const TRANSFER_BYTES = 2 * 1024 * 1024

/** Three networks with IPv4 and one kind of IPv6 each, one router, a dual-stack external network, instances on two hosts. */
async function setUp(run: CaseRun, distributed: boolean) {
  const external = await makeExternal(run, 'flat', 'ipv6-ext')
  await makeExternal6(run, external.id)
  const networks = []
  for (const [index, type] of [
    [1, 'vxlan'],
    [2, 'vxlan'],
    [3, 'vlan'],
  ]) {
    const physical = type === 'vlan' ? { 'provider:physical_network': 'vlan' } : {}
    const network = { 'provider:network_type': type, ...physical }
    networks.push(await makeNetwork(run, `ipv6-${index}`, `192.168.${index}.0/24`, { network }))
  }
  const [one, two, three] = networks as [(typeof networks)[0], (typeof networks)[0], (typeof networks)[0]]
  const slaac = await makeSubnet6(run, one.id, SLAAC, 'slaac')
  const stateful = await makeSubnet6(run, two.id, STATEFUL, 'dhcpv6-stateful')
  const stateless = await makeSubnet6(run, three.id, STATELESS, 'dhcpv6-stateless', { dns_nameservers: [RESOLVER] })
  const subnets = [...networks.map(({ subnetId }) => subnetId), slaac, stateful, stateless]
  const router = await makeRouter(run, 'ipv6', { subnets, external: external.id, distributed })
  const [a, b, c, d] = await bootAll(run, [
    { name: 'ipv6-a', networkId: one.id, host: 'compute1' },
    { name: 'ipv6-b', networkId: one.id, host: 'compute2' },
    { name: 'ipv6-c', networkId: two.id, host: 'compute2' },
    { name: 'ipv6-d', networkId: three.id, host: 'compute1' },
  ])
  const [ip6a, ip6b, ip6c, ip6d] = await Promise.all([
    recordedAddress(run, a!, slaac),
    recordedAddress(run, b!, slaac),
    recordedAddress(run, c!, stateful),
    recordedAddress(run, d!, stateless),
  ])
  return {
    router,
    stateful,
    /** network of the subnet with stateful addresses */
    two: two.id,
    a: { ...a!, ip6: ip6a },
    b: { ...b!, ip6: ip6b },
    c: { ...c!, ip6: ip6c },
    d: { ...d!, ip6: ip6d },
  }
}

type Objects = Awaited<ReturnType<typeof setUp>>

/** The address of the router's gateway port in the external IPv6 subnet. */
async function gatewayAddress({ admin }: CaseRun, routerId: string): Promise<string> {
  const query = { device_id: routerId, device_owner: 'network:router_gateway' }
  const { ports } = await admin.network.get<{ ports: { fixed_ips: { ip_address: string }[] }[] }>('/v2.0/ports', query)
  const found = ports[0]?.fixed_ips.find(({ ip_address }) => ip_address.includes(':'))
  expect(found !== undefined, 'the gateway port has no IPv6 address')
  return found.ip_address
}

async function checkAddresses(run: CaseRun, { a, b, c, d }: Objects): Promise<void> {
  await Promise.all([a, b, c, d].map((each) => untilConfigured(run, each, each.ip6)))
  for (const each of [a, b, c, d]) {
    const has = await addressesInside(run, each)
    expect(has.join() === each.ip6, `instance ${each.name} has ${has.join()}, its port ${each.ip6}`)
    // an address of DHCPv6 may be there before the first router advertisement
    const routers = await until(`${each.name} to have a default route`, async () => {
      const found = await defaultRouters(run, each)
      return found.length > 0 && found
    })
    expect(routers.length === 1, `instance ${each.name} has default routes ${routers.join()}`)
  }
}

/** What came to a node over the wires of project networks: tunnels and VLANs. */
async function receivedBy(run: CaseRun, node: string): Promise<number> {
  const files = ['eth1', 'eth2'].map((nic) => `/sys/class/net/${nic}/statistics/rx_bytes`)
  const counts = (await runAt(run, { node }, ['cat', ...files])).trim().split('\n')
  return counts.reduce((sum, count) => sum + Number(count), 0)
}

/** Sends bytes over TCP between two instances; resolves to how many bytes a node received meanwhile. */
async function transfer(
  run: CaseRun,
  from: { id: string },
  to: { id: string; ip6: string },
  node: string,
): Promise<number> {
  const stop = await serve(run, { instance: to.id }, 'receive', String(TRANSFER_PORT))
  try {
    const before = await receivedBy(run, node)
    const argv = ['send', to.ip6, String(TRANSFER_PORT), String(TRANSFER_BYTES)]
    await probe(run, { instance: from.id }, ...argv)
    return (await receivedBy(run, node)) - before
  } finally {
    stop()
  }
}

async function checkOutside(run: CaseRun, { router, a, c }: Objects): Promise<void> {
  const via = await gatewayAddress(run, router.id)
  for (const prefix of [SLAAC, STATEFUL, STATELESS]) await routeFromOutside(run, prefix, via)
  const stop = await serve(run, { node: 'outside' }, 'whoami-server', String(WHOAMI_PORT))
  try {
    for (const each of [a, c]) {
      await expectAnswers(run, { instance: each.id }, EXTERNAL_V6.far)
      const seen = await probe(run, { instance: each.id }, 'whoami', EXTERNAL_V6.far, String(WHOAMI_PORT))
      expect(seen === each.ip6, `${each.name} is seen outside as ${seen}, expected ${each.ip6}`)
    }
  } finally {
    stop()
  }
}

async function checkGroups(run: CaseRun, { a, c }: Objects): Promise<void> {
  for (const { ip6 } of [a, c]) {
    // no rule lets it in yet
    await expectSilence(run, { node: 'outside' }, ip6)
  }
  await allow(run, { ethertype: 'IPv6', protocol: 'ipv6-icmp', port_range_min: 128, remote_ip_prefix: '::/0' })
  for (const { ip6 } of [a, c]) await expectAnswers(run, { node: 'outside' }, ip6)
}

/** The DHCPv6 server has a lease of it that says nothing of MACs. */
async function checkNextOwner(run: CaseRun, { c, stateful, two }: Objects): Promise<void> {
  const former = await boot(run, { name: 'ipv6-former', networkId: two, host: c.host })
  const address = await recordedAddress(run, former, stateful)
  await untilConfigured(run, former, address)
  await deleteInstance(run, former.id)
  const next = await boot(run, { name: 'ipv6-next', networkId: two, host: c.host })
  const inherited = await recordedAddress(run, next, stateful)
  expect(inherited === address, `the next instance gets ${inherited}, the former had ${address}`)
  await untilConfigured(run, next, address)
}

function steps(distributed: boolean) {
  return async (run: CaseRun): Promise<void> => {
    const objects = await run.step('set up', () => setUp(run, distributed))
    const { a, b, c, d } = objects
    await settled(run.admin)
    await run.step('SLAAC, stateful and stateless addresses', () => checkAddresses(run, objects))
    await run.step('DHCPv6 tells the resolver', async () => {
      // its address it has from router advertisements: DHCPv6 may still be asking
      await until(`${d.name} to have the resolver ${RESOLVER}`, async () =>
        (await runAt(run, { instance: d.id }, ['cat', '/etc/resolv.conf'])).includes(`nameserver ${RESOLVER}`),
      )
    })
    await run.step('same subnet, two hosts', async () => {
      await expectAnswers(run, { instance: a.id }, b.ip6)
      await expectAnswers(run, { instance: b.id }, a.ip6)
    })
    await run.step('two subnets, two hosts', async () => {
      await expectAnswers(run, { instance: a.id }, c.ip6)
      await expectAnswers(run, { instance: c.id }, d.ip6)
      const central = await centralHost(run, objects.router.id)
      for (const [from, to] of [
        [a, c],
        [c, d],
      ] as const) {
        const detour = await transfer(run, from, to, central)
        const passed = detour > TRANSFER_BYTES / 2
        expect(passed === !distributed, `the network node received ${detour} bytes of ${TRANSFER_BYTES}`)
      }
    })
    if (!distributed) await run.step('a DHCPv6 address goes to its next owner', () => checkNextOwner(run, objects))
    try {
      await run.step('to the outside, without translation', () => checkOutside(run, objects))
      await run.step('from the outside, when a rule allows it', () => checkGroups(run, objects))
    } finally {
      for (const prefix of [SLAAC, STATEFUL, STATELESS]) await dropRouteFromOutside(run, prefix)
    }
  }
}

export const ipv6: Case = {
  name: 'ipv6',
  title:
    'SLAAC and DHCPv6 addresses, east–west on the compute nodes, north–south over the network node, security groups',
  run: steps(true),
}

export const ipv6Legacy: Case = {
  name: 'ipv6-legacy',
  title: 'the same with a legacy router: everything routed passes the network node',
  run: steps(false),
}
