import { askDhcp, dhcpServers, expectRoute, type Lease, renewLease } from '../../proof/dhcp.js'
import { expect } from '../../proof/expect.js'
import { boot, bootAll, type Instance, type Json, makeNetwork, makePort, makeSubnet } from '../../proof/objects.js'
import { expectAnswers, run as runAt } from '../../proof/places.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

const OPTIONS = [
  'mtu',
  'dns',
  'staticroutes',
  'msstaticroutes',
  'ntpsrv',
  'tftp',
  'bootfile',
  'domain',
  'hostname',
  '150',
]

/** Everything the instance is given; throws when it is given nothing, or something else than `expected` ('' : not at all). */
async function expectLease(run: CaseRun, instance: Instance, expected: Lease): Promise<void> {
  const lease = await askDhcp(run, instance, ...OPTIONS)
  expect(lease !== null, `${instance.name} is given no lease`)
  for (const [name, value] of Object.entries(expected))
    expect((lease[name] ?? '') === value, `${instance.name}: ${name} is '${lease[name] ?? ''}', expected '${value}'`)
}

const MTU: Readonly<Record<string, { readonly mtu: string; readonly network: Json }>> = {
  vxlan: { mtu: '1450', network: { 'provider:network_type': 'vxlan' } },
  gre: { mtu: '1458', network: { 'provider:network_type': 'gre' } },
  vlan: { mtu: '1500', network: { 'provider:network_type': 'vlan', 'provider:physical_network': 'vlan' } },
  small: { mtu: '1300', network: { 'provider:network_type': 'vxlan', mtu: 1300 } },
}

async function mtus(run: CaseRun): Promise<void> {
  const wishes = []
  for (const [name, { network }] of Object.entries(MTU)) {
    const { id } = await makeNetwork(run, `mtu-${name}`, '192.168.5.0/24', { network })
    wishes.push({ name, networkId: id })
  }
  for (const instance of await bootAll(run, wishes)) {
    const { mtu } = MTU[instance.name]!
    await expectLease(run, instance, { mtu })
    const link = await runAt(run, { instance: instance.id }, ['ip', 'link', 'show', 'eth0'])
    expect(link.includes(` mtu ${mtu} `), `${instance.name} has set ${link}`)
  }
}

/** A network with three subnets: one with everything, one without a gateway, one without DHCP; an instance in each. */
async function threeSubnets(run: CaseRun) {
  const hostRoutes = [
    { destination: '10.1.0.0/16', nexthop: '192.168.7.9' },
    { destination: '10.1.2.0/24', nexthop: '192.168.7.8' },
  ]
  const subnet = { dns_nameservers: ['203.0.113.1', '192.168.7.3'], host_routes: hostRoutes }
  const network = await makeNetwork(run, 'options', '192.168.7.0/24', { subnet })
  const bare = await makeSubnet(run, network.id, '192.168.8.0/24', {
    gateway_ip: null,
    allocation_pools: [{ start: '192.168.8.1', end: '192.168.8.100' }],
  })
  const silent = await makeSubnet(run, network.id, '192.168.9.0/24', { enable_dhcp: false })
  const extra_dhcp_opts = [
    { opt_name: 'tftp-server', opt_value: '192.168.7.20' },
    { opt_name: 'bootfile-name', opt_value: 'pxelinux.0' },
    { opt_name: '150', opt_value: '192.168.7.21' },
    { opt_name: 'ntp-server', opt_value: '192.168.7.22,192.168.7.23' },
    { opt_name: 'sntp-server', opt_value: '2001:db8::1', ip_version: 6 },
  ]
  const places = {
    rich: { fixed_ips: [{ ip_address: '192.168.7.50' }], extra_dhcp_opts },
    bare: { fixed_ips: [{ subnet_id: bare, ip_address: '192.168.8.60' }], dns_name: 'named' },
  }
  const wishes = []
  for (const [name, port] of Object.entries(places))
    wishes.push({ name, portId: (await makePort(run, network.id, port)).id })
  const [rich, poor] = await bootAll(run, wishes)
  return { network, bare, silent, rich: rich!, poor: poor! }
}

const ROUTES =
  '192.168.8.0/24 0.0.0.0 192.168.9.0/24 0.0.0.0 10.1.0.0/16 192.168.7.9 10.1.2.0/24 192.168.7.8 0.0.0.0/0 192.168.7.1'

/** The same routes, whatever the order in which the on-link ones stand. */
const sortedRoutes = (text: string) => (text.match(/\S+ \S+/g) ?? []).sort().join()

export const dhcpOptions: Case = {
  name: 'dhcp-options',
  title: 'MTU of each network type, routes, DNS, gateway and own options of a port reach the instance; changes, too',
  async run(run) {
    await run.step('MTU of each type of network', () => mtus(run))
    const { network, bare, silent, rich, poor } = await run.step('a network with three subnets', () =>
      threeSubnets(run),
    )
    const expectRoutes = async (instance: Instance, wanted: string) => {
      const { staticroutes = '', msstaticroutes = '' } = (await askDhcp(run, instance, ...OPTIONS)) ?? {}
      expect(sortedRoutes(staticroutes) === sortedRoutes(wanted), `${instance.name}: routes are '${staticroutes}'`)
      expect(msstaticroutes === staticroutes, `${instance.name}: option 249 is '${msstaticroutes}'`)
    }
    await run.step('gateway, DNS servers, host routes, options of the port', async () => {
      await expectLease(run, rich, {
        ...{ ip: '192.168.7.50', mask: '24', router: '192.168.7.1', dns: '203.0.113.1 192.168.7.3' },
        ...{ domain: 'openstacklocal', hostname: 'host-192-168-7-50', lease: '86400', mtu: String(network.mtu) },
        ...{ tftp: '192.168.7.20', bootfile: 'pxelinux.0', opt150: 'c0a80715', ntpsrv: '192.168.7.22 192.168.7.23' },
      })
      await expectRoutes(rich, ROUTES)
      await expectRoute(run, rich, '10.1.2.3', '192.168.7.8')
      await expectRoute(run, rich, '10.1.3.3', '192.168.7.9')
    })
    await run.step('no gateway: none is given, the server is the resolver', async () => {
      const servers = [...(await dhcpServers(run, network.id)).values()].flatMap(({ ips }) => ips)
      await expectLease(run, poor, { ip: '192.168.8.60', hostname: 'named', router: '', tftp: '', opt150: '' })
      const resolvers = (await askDhcp(run, poor, 'dns'))?.dns?.split(' ') ?? []
      const wanted = servers.filter((ip) => ip.startsWith('192.168.8.'))
      expect(resolvers.sort().join() === wanted.sort().join(), `the resolvers are ${resolvers.join()}`)
      await expectRoutes(poor, '192.168.7.0/24 0.0.0.0 192.168.9.0/24 0.0.0.0')
      await expectRoute(run, poor, '203.0.113.1')
    })
    await run.step('instances of two subnets of a network reach each other on the wire', async () => {
      await expectAnswers(run, { instance: poor.id }, rich.ip)
      await expectAnswers(run, { instance: rich.id }, poor.ip)
    })
    await run.step('the server resolves names of its instances', async () => {
      const names = { 'host-192-168-7-50': '192.168.7.50', named: '192.168.8.60' }
      for (const [name, ip] of Object.entries(names)) {
        const found = await runAt(run, { instance: poor.id }, ['getent', 'ahostsv4', `${name}.openstacklocal`])
        expect(found.startsWith(`${ip} `), `${name} is ${found}`)
      }
    })
    await run.step('changes reach a running instance with its next lease', async () => {
      await run.demo.network.put(`/v2.0/subnets/${bare}`, {
        subnet: { gateway_ip: '192.168.8.254', dns_nameservers: ['192.168.8.3'] },
      })
      const extra_dhcp_opts = [
        { opt_name: 'tftp-server', opt_value: '192.168.7.30' },
        { opt_name: '150', opt_value: null },
      ]
      await run.demo.network.put(`/v2.0/ports/${rich.portId}`, { port: { extra_dhcp_opts } })
      await settled(run.admin)
      await expectLease(run, poor, { router: '192.168.8.254', dns: '192.168.8.3' })
      await expectLease(run, rich, { tftp: '192.168.7.30', opt150: '', bootfile: 'pxelinux.0' })
      await renewLease(run, poor)
      await expectRoute(run, poor, '203.0.113.1', '192.168.8.254')
    })
    await run.step('a port that gets another address is given that', async () => {
      await run.demo.network.put(`/v2.0/ports/${rich.portId}`, {
        port: { fixed_ips: [{ ip_address: '192.168.7.51' }] },
      })
      await settled(run.admin)
      await expectLease(run, rich, { ip: '192.168.7.51' })
    })
    await run.step('a subnet without DHCP gives nothing; DHCP may be turned on and off', async () => {
      const { id: portId } = await makePort(run, network.id, { fixed_ips: [{ subnet_id: silent }] })
      const instance = await boot(run, { name: 'silent', portId })
      const toggle = async (enable_dhcp: boolean) => {
        await run.demo.network.put(`/v2.0/subnets/${silent}`, { subnet: { enable_dhcp } })
        await settled(run.admin)
        return askDhcp(run, instance)
      }
      expect((await askDhcp(run, instance)) === null, 'an instance on a subnet without DHCP is given a lease')
      expect((await toggle(true))?.ip === instance.ip, 'turned on: no lease, or another address')
      expect((await toggle(false)) === null, 'turned off: still a lease')
    })
    await run.step('a subnet that is deleted is forgotten', async () => {
      const extra = await makeSubnet(run, network.id, '192.168.10.0/24')
      await settled(run.admin)
      await expectRoutes(rich, `${ROUTES} 192.168.10.0/24 0.0.0.0`)
      await run.demo.network.delete(`/v2.0/subnets/${extra}`)
      await settled(run.admin)
      await expectRoutes(rich, ROUTES)
    })
  },
}
