import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type {
  HostObject,
  NetworkView,
  RouterAddress,
  RouterView,
  SubnetView,
} from '../../../bus/contracts/host-view.js'
import { HostView } from '../../../bus/contracts/view.js'
import { ruleText } from '../../../dataplane/ip/types.js'
import type { RuleSet } from '../../../dataplane/iptables/types.js'
import { allocate, NO_ALLOCATIONS } from '../allocations.js'
import {
  computeView,
  dhcpNeighbour,
  IDS,
  instancePort,
  routerWithFloatingIp,
  scenarioRouter,
} from '../scenario-view.fake.js'
import type { L3Mode } from '../settings.js'
import { desired } from './desired.js'
import { redirectNumber } from './policy.js'
import type { L3Namespace } from './types.js'

const INTERVALS = {
  minAdvertisementInterval: 30,
  maxAdvertisementInterval: 100,
  vrrp: { advertInterval: 2, authentication: null },
}
function namespaces(view: HostView, mode: L3Mode = 'dvr'): Map<string, L3Namespace> {
  const settings = { mode, metadataProxy: true, metadataPort: 9697, ...INTERVALS }
  const list = desired(view, settings, allocate(view, settings, NO_ALLOCATIONS))
  return new Map(list.map((namespace) => [namespace.kind, namespace]))
}

/** Our rules of a table, chain by chain, as `iptables-save` prints them. */
function saved({ tables }: RuleSet, table: string): string[] {
  const chains = Object.entries(tables[table]?.chains ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return chains.flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}`))
}

const routes = ({ routes: list }: L3Namespace) =>
  list.map(({ destination, via, device, table }) => `${table ?? 'main'}: ${destination} via ${via} dev ${device}`)

test('compute host with a floating IP: qrouter', () => {
  const qrouter = namespaces(computeView()).get('qrouter')!
  assert.equal(qrouter.name, 'qrouter-635660ae-a254-4feb-8993-295aa9ec6418')
  assert.deepEqual(
    qrouter.devices.map(({ name, addresses, mac, mtu }) => [name, addresses, mac, mtu]),
    [['qr-b1a894fd-ae', ['192.168.1.1/24'], 'fa:16:3e:c1:20:55', 1450]],
  )
  assert.deepEqual(
    qrouter.veths.map(({ name, addresses, mtu }) => [name, addresses, mtu]),
    [['rfp-635660ae-a', ['169.254.64.0/31'], 1500]],
  )
  assert.deepEqual(qrouter.rules.map(ruleText), [
    '4 from 192.168.1.1/24 lookup 3232235777 priority 3232235777',
    '4 from 192.168.1.3 lookup 16 priority 32768',
  ])
  assert.deepEqual(routes(qrouter), [
    '3232235777: default via 192.168.1.2 dev qr-b1a894fd-ae',
    '16: default via 169.254.64.1 dev rfp-635660ae-a',
  ])
  assert.deepEqual(
    qrouter.neighbours.filter(({ device }) => device.startsWith('qr-')).map(({ ip, mac }) => [ip, mac]),
    [
      ['192.168.1.3', 'fa:16:3e:00:00:03'],
      ['192.168.1.4', 'fa:16:3e:00:00:04'],
      ['192.168.1.2', 'fa:16:3e:00:00:02'],
    ],
  )
  assert.equal(qrouter.sysctls['net.ipv4.conf.qr-b1a894fd-ae.send_redirects'], '0')
  assert.equal(qrouter.sysctls['net.ipv4.conf.all.send_redirects'], '0')
})

test('compute host with a floating IP: iptables of qrouter', () => {
  const { ipv4 } = namespaces(computeView()).get('qrouter')!.iptables
  assert.deepEqual(saved(ipv4, 'nat'), [
    '-A neutron-l3-agent-POSTROUTING ! -o rfp-635660ae-a -m conntrack ! --ctstate DNAT -j ACCEPT',
    '-A neutron-l3-agent-PREROUTING -d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 9697',
    '-A neutron-l3-agent-PREROUTING -d 203.0.113.102/32 -i rfp-635660ae-a -j DNAT --to-destination 192.168.1.3',
    '-A neutron-l3-agent-float-snat -s 192.168.1.3/32 -j SNAT --to-source 203.0.113.102 --random-fully',
    '-A neutron-l3-agent-snat -j neutron-l3-agent-float-snat',
    '-A neutron-postrouting-bottom -m comment --comment "Perform source NAT on outgoing traffic." -j neutron-l3-agent-snat',
  ])
  assert.deepEqual(saved(ipv4, 'mangle'), [
    '-A neutron-l3-agent-PREROUTING -j neutron-l3-agent-mark',
    '-A neutron-l3-agent-PREROUTING -j neutron-l3-agent-scope',
    '-A neutron-l3-agent-PREROUTING -m connmark ! --mark 0x0/0xffff0000 -j CONNMARK --restore-mark --nfmask 0xffff0000 --ctmask 0xffff0000',
    '-A neutron-l3-agent-PREROUTING -j neutron-l3-agent-floatingip',
    '-A neutron-l3-agent-PREROUTING -d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x1/0xffff',
    '-A neutron-l3-agent-float-snat -m connmark --mark 0x0/0xffff0000 -j CONNMARK --save-mark --nfmask 0xffff0000 --ctmask 0xffff0000',
    '-A neutron-l3-agent-scope -i qr-b1a894fd-ae -j MARK --set-xmark 0x4000000/0xffff0000',
    '-A neutron-l3-agent-scope -i rfp-635660ae-a -j MARK --set-xmark 0x4000000/0xffff0000',
  ])
  assert.deepEqual(saved(ipv4, 'filter'), [
    '-A neutron-filter-top -j neutron-l3-agent-local',
    '-A neutron-l3-agent-FORWARD -j neutron-l3-agent-scope',
    '-A neutron-l3-agent-INPUT -m mark --mark 0x1/0xffff -j ACCEPT',
    '-A neutron-l3-agent-INPUT -p tcp -m tcp --dport 9697 -j DROP',
    '-A neutron-l3-agent-scope -o qr-b1a894fd-ae -m mark ! --mark 0x4000000/0xffff0000 -j DROP',
    '-A neutron-l3-agent-scope -o rfp-635660ae-a -m mark ! --mark 0x4000000/0xffff0000 -j DROP',
  ])
  assert.deepEqual(ipv4.tables.filter?.builtin, {
    INPUT: { top: ['-j neutron-l3-agent-INPUT'], bottom: [] },
    FORWARD: { top: ['-j neutron-filter-top', '-j neutron-l3-agent-FORWARD'], bottom: [] },
    OUTPUT: { top: ['-j neutron-filter-top', '-j neutron-l3-agent-OUTPUT'], bottom: [] },
  })
})

test('compute host with a floating IP: fip', () => {
  const fip = namespaces(computeView()).get('fip')!
  assert.equal(fip.name, `fip-${IDS.extNet}`)
  assert.deepEqual(
    [...fip.devices, ...fip.veths].map(({ name, addresses }) => [name, addresses]),
    [
      ['fg-1f6c2f6a-9a', ['203.0.113.103/24']],
      ['fpr-635660ae-a', ['169.254.64.1/31']],
    ],
  )
  assert.deepEqual(fip.rules.map(ruleText), ['4 iif fpr-635660ae-a lookup 2852012033 priority 2852012033'])
  assert.deepEqual(routes(fip), [
    '2852012033: default via 203.0.113.1 dev fg-1f6c2f6a-9a',
    'main: 203.0.113.102 via 169.254.64.0 dev fpr-635660ae-a',
  ])
  assert.deepEqual(saved(fip.iptables.ipv4, 'raw'), ['-A neutron-l3-agent-PREROUTING -j CT --notrack'])
  assert.equal(fip.sysctls['net.ipv4.conf.fg-1f6c2f6a-9a.proxy_arp'], '1')
  assert.deepEqual(
    fip.announcements.map(({ ip }) => ip),
    ['203.0.113.103', '203.0.113.102'],
  )
  const qrouter = namespaces(computeView()).get('qrouter')!
  assert.deepEqual(fip.neighbours, [{ ip: '169.254.64.0', mac: qrouter.veths[0]!.mac, device: 'fpr-635660ae-a' }])
})

test('without a floating IP here there is no fip, and no way to it', () => {
  const found = namespaces(computeView(scenarioRouter()))
  assert.deepEqual([...found.keys()], ['qrouter'])
  assert.deepEqual(found.get('qrouter')!.veths, [])
  assert.deepEqual(
    found.get('qrouter')!.rules.map(({ table }) => table),
    [3232235777],
  )
})

test('network host: snat', () => {
  const snat = namespaces(computeView(scenarioRouter({ central: true })), 'dvr_snat').get('snat')!
  assert.deepEqual(
    snat.devices.map(({ name, addresses }) => [name, addresses]),
    [
      ['sg-0b5d3c27-61', ['192.168.1.2/24']],
      ['qg-ff5f93c6-37', ['203.0.113.101/24']],
    ],
  )
  assert.deepEqual(routes(snat), ['main: default via 203.0.113.1 dev qg-ff5f93c6-37'])
  assert.deepEqual(saved(snat.iptables.ipv4, 'nat'), [
    '-A neutron-l3-agent-POSTROUTING ! -o qg-ff5f93c6-37 -m conntrack ! --ctstate DNAT -j ACCEPT',
    '-A neutron-l3-agent-snat -j neutron-l3-agent-float-snat',
    '-A neutron-l3-agent-snat -o qg-ff5f93c6-37 -j SNAT --to-source 203.0.113.101 --random-fully',
    '-A neutron-l3-agent-snat -m mark ! --mark 0x2/0xffff -m conntrack --ctstate DNAT -j SNAT --to-source 203.0.113.101 --random-fully',
    '-A neutron-postrouting-bottom -m comment --comment "Perform source NAT on outgoing traffic." -j neutron-l3-agent-snat',
  ])
  assert.deepEqual(saved(snat.iptables.ipv4, 'filter').slice(-1), [
    '-A neutron-l3-agent-scope -o sg-0b5d3c27-61 -m mark ! --mark 0x4000000/0xffff0000 -j DROP',
  ])
  assert.equal(snat.proxyId, null)
})

test('a floating IP without a DVR host is translated beside the gateway', () => {
  const [floating] = routerWithFloatingIp().floatingIps
  const router = scenarioRouter({ central: true, centralFloatingIps: [floating!] })
  const snat = namespaces(computeView(router), 'dvr_snat').get('snat')!
  assert.deepEqual(snat.devices[1]?.addresses, ['203.0.113.101/24', '203.0.113.102/32'])
  assert.ok(
    saved(snat.iptables.ipv4, 'nat').includes(
      '-A neutron-l3-agent-OUTPUT -d 203.0.113.102/32 -j DNAT --to-destination 192.168.1.3',
    ),
  )
  assert.deepEqual(
    snat.translations.map(({ floatingIpId }) => floatingIpId),
    [IDS.floatingIp],
  )
})

test('forwarded ports of a floating IP are translated beside the gateway, wherever the instance is', () => {
  const portForwardings = [
    {
      id: '725ade3c-9760-4880-8080-8fc2dbab9acc',
      floatingIpId: 'f',
      floatingIp: '203.0.113.105',
      protocol: 'tcp' as const,
      externalFirst: 2222,
      externalLast: 2222,
      internalIp: '192.168.1.3',
      internalFirst: 22,
      internalLast: 22,
    },
  ]
  const router = scenarioRouter({ central: true, portForwardings })
  assert.equal(namespaces(computeView(router)).has('snat'), false)
  const snat = namespaces(computeView(router), 'dvr_snat').get('snat')!
  assert.deepEqual(
    saved(snat.iptables.ipv4, 'nat').filter((rule) => /pf/.test(rule)),
    [
      '-A neutron-l3-agent-PREROUTING -j neutron-l3-agent-fip-pf',
      '-A neutron-l3-agent-fip-pf -j neutron-l3-agent-pf-725ade3c',
      '-A neutron-l3-agent-pf-725ade3c -d 203.0.113.105/32 -p tcp -m tcp --dport 2222 -j DNAT --to-destination 192.168.1.3:22',
    ],
  )
  assert.ok(snat.devices.some(({ addresses }) => addresses.includes('203.0.113.105/32')))
  assert.ok(snat.announcements.some(({ ip }) => ip === '203.0.113.105'))
  const legacy = namespaces(computeView({ ...router, distributed: false }), 'legacy').get('qrouter')!
  assert.equal(saved(legacy.iptables.ipv4, 'nat').filter((rule) => /-pf-725ade3c -d/.test(rule)).length, 1)
})

test('which routers have namespaces here', () => {
  const kinds = (router: RouterView, mode: L3Mode) => [...namespaces(computeView(router), mode).keys()].sort()
  const legacy = scenarioRouter({ distributed: false, central: true, snatPorts: [] })
  assert.deepEqual(kinds(legacy, 'legacy'), ['qrouter'])
  assert.deepEqual(kinds(legacy, 'dvr'), [])
  assert.deepEqual(kinds({ ...legacy, central: false }, 'dvr_snat'), [])
  assert.deepEqual(kinds(scenarioRouter(), 'legacy'), [])
  assert.deepEqual(kinds(scenarioRouter({ central: true }), 'dvr'), ['qrouter'])
  assert.deepEqual(kinds(routerWithFloatingIp(), 'dvr_no_external'), ['qrouter'])
  assert.deepEqual(kinds(scenarioRouter({ adminStateUp: false }), 'dvr'), [])
  assert.deepEqual(kinds(scenarioRouter({ interfaces: [], gateway: null }), 'dvr'), [])
  assert.deepEqual(kinds(scenarioRouter({ interfaces: [], central: true }), 'dvr_snat'), ['qrouter', 'snat'])
})

test('each namespace takes the extra routes whose next hop it reaches', () => {
  const routerRoutes = [
    { destination: '10.8.0.0/16', nexthop: '192.168.1.77' },
    { destination: '10.9.0.1/32', nexthop: '203.0.113.9' },
    { destination: '10.10.0.0/16', nexthop: '172.16.0.1' },
  ]
  const found = namespaces(computeView(routerWithFloatingIp({ central: true, routes: routerRoutes })), 'dvr_snat')
  const extra = (kind: string) => routes(found.get(kind)!).filter((route) => /: 10\./.test(route))
  assert.deepEqual(extra('qrouter'), ['main: 10.8.0.0/16 via 192.168.1.77 dev qr-b1a894fd-ae'])
  assert.deepEqual(extra('snat'), [
    'main: 10.8.0.0/16 via 192.168.1.77 dev sg-0b5d3c27-61',
    'main: 10.9.0.1 via 203.0.113.9 dev qg-ff5f93c6-37',
  ])
  assert.deepEqual(extra('fip'), ['2852012033: 10.9.0.1 via 203.0.113.9 dev fg-1f6c2f6a-9a'])
})

test('only addresses of which one port is the certain holder are pinned', () => {
  const reserved = dhcpNeighbour({
    id: 'vip',
    host: null,
    deviceOwner: '',
    mac: 'fa:16:3e:00:00:50',
    fixedIps: [{ subnetId: IDS.demoSubnet, ip: '192.168.1.50' }],
  })
  const pinned = (...ports: HostObject[]) =>
    namespaces(HostView.of([scenarioRouter(), instancePort(), reserved, ...ports]))
      .get('qrouter')!
      .neighbours.filter(({ ip }) => ip !== '192.168.1.2')
      .map(({ ip, mac }) => `${ip} ${mac}`)
  const instance = '192.168.1.3 fa:16:3e:00:00:03'
  const other = (ip: string) =>
    dhcpNeighbour({
      deviceOwner: 'compute:nova',
      fixedIps: [],
      allowedAddressPairs: [{ ip, mac: 'fa:16:3e:00:00:04' }],
    })
  assert.deepEqual(pinned(), [instance], "an address reserved with an unbound port is nobody's")
  assert.deepEqual(pinned(other('192.168.1.50')), [instance], "nor is it the only one's who is allowed to it")
  assert.deepEqual(pinned(other('192.168.1.3/32')), [], 'an address that another port is allowed to')
  assert.deepEqual(pinned(other('192.168.1.0/24')), [instance], 'a prefix takes nothing from a port')
})

test('routers learn at once that an address moved', () => {
  const qrouter = namespaces(computeView()).get('qrouter')!
  assert.equal(qrouter.sysctls['net.ipv4.neigh.qr-b1a894fd-ae.locktime'], '0')
  const snat = namespaces(computeView(scenarioRouter({ central: true })), 'dvr_snat').get('snat')!
  assert.equal(snat.sysctls['net.ipv4.neigh.sg-0b5d3c27-61.locktime'], '0')
})

test('the order in which objects arrived makes no difference', () => {
  const objects = computeView(routerWithFloatingIp({ central: true })).objects()
  const expected = namespaces(HostView.of(objects), 'dvr_snat')
  const byKey = (map: Map<string, L3Namespace>) =>
    [...map].map(([kind, { neighbours, ...rest }]) => [
      kind,
      rest,
      new Set(neighbours.map((each) => JSON.stringify(each))),
    ])
  fc.assert(
    fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (shuffled) => {
      assert.deepEqual(byKey(namespaces(HostView.of(shuffled), 'dvr_snat')), byKey(expected))
    }),
  )
})

const six = (subnetId: string, prefix: string, ipv6RaMode: string | null): RouterAddress => ({
  subnetId,
  ip: `${prefix}1`,
  prefixLength: 64,
  cidr: `${prefix}/64`,
  ipVersion: 6,
  gatewayIp: `${prefix}1`,
  ipv6RaMode,
})

/** The scenario's router with a further interface that has these IPv6 addresses. */
function routerWithIpv6(addresses: readonly RouterAddress[], changes: Partial<RouterView> = {}): RouterView {
  const router = scenarioRouter(changes)
  const port = { portId: 'aaaaaaaa-0006', networkId: IDS.demoNet, mac: 'fa:16:3e:00:00:06', mtu: 1450, addresses }
  return { ...router, interfaces: [...router.interfaces, port] }
}

function demoNetwork(subnets: readonly SubnetView[]): NetworkView {
  return {
    kind: 'network',
    id: IDS.demoNet,
    projectId: 'demo',
    name: 'demo-net',
    adminStateUp: true,
    type: 'vxlan',
    physicalNetwork: null,
    segmentationId: 1,
    mtu: 1450,
    external: false,
    dnsDomain: '',
    subnets,
    peers: [],
    dhcpPortId: null,
  }
}

test('router advertisements of the subnets that want them', () => {
  const addresses = [
    six('a', 'fd00:a::', 'slaac'),
    six('b', 'fd00:b::', 'dhcpv6-stateful'),
    six('c', 'fd00:c::', null),
    six('d', 'fd00:d::', 'dhcpv6-stateless'),
  ]
  const subnets = addresses.map(({ subnetId, cidr, gatewayIp, ipv6RaMode }) => ({
    id: subnetId,
    cidr,
    ipVersion: 6 as const,
    gatewayIp,
    enableDhcp: true,
    dnsNameservers: subnetId === 'b' ? ['::'] : ['fd00::53', `fd00:${subnetId}::53`],
    hostRoutes: [],
    ipv6RaMode,
    ipv6AddressMode: ipv6RaMode,
    routed: true,
  }))
  const view = HostView.of([routerWithIpv6(addresses), demoNetwork(subnets)])
  assert.deepEqual(namespaces(view).get('qrouter')!.advertiser, {
    routerId: IDS.router,
    minInterval: 30,
    maxInterval: 100,
    interfaces: [
      {
        device: 'qr-aaaaaaaa-00',
        mtu: 1450,
        managed: true,
        other: true,
        dnsServers: ['fd00::53', 'fd00:a::53', 'fd00:d::53'],
        prefixes: [
          { cidr: 'fd00:a::/64', autonomous: true },
          { cidr: 'fd00:b::/64', autonomous: false },
          { cidr: 'fd00:d::/64', autonomous: true },
        ],
      },
    ],
  })
  assert.equal(namespaces(HostView.of([scenarioRouter()])).get('qrouter')!.advertiser, null)
  const legacy = { distributed: false, central: true }
  const central = namespaces(HostView.of([routerWithIpv6(addresses, legacy)]), 'legacy').get('qrouter')!
  assert.deepEqual(
    central.advertiser?.interfaces.map(({ device }) => device),
    ['qr-aaaaaaaa-00'],
  )
})

test('IPv6 leaves a distributed router by the SNAT port of its subnet, and the network node untranslated', () => {
  const external6 = { ...six('ext6', '2001:db8:ffff::', null), ip: '2001:db8:ffff::7' }
  const router = routerWithIpv6([six('a', 'fd00:a::', 'slaac')], { central: true })
  const snat6 = {
    ...router.snatPorts[0]!,
    portId: 'bbbbbbbb-0006',
    addresses: [{ ...six('a', 'fd00:a::', 'slaac'), ip: 'fd00:a::2' }],
  }
  const gateway = { ...router.gateway!, addresses: [...router.gateway!.addresses, external6] }
  const view = HostView.of([{ ...router, snatPorts: [...router.snatPorts, snat6], gateway }])
  const { qrouter, snat } = Object.fromEntries(namespaces(view, 'dvr_snat')) as Record<'qrouter' | 'snat', L3Namespace>
  const number = redirectNumber(six('a', 'fd00:a::', 'slaac'))
  assert.ok(qrouter.rules.map(ruleText).includes(`6 from fd00:a::1/64 lookup ${number} priority ${number}`))
  assert.ok(routes(qrouter).includes(`${number}: default via fd00:a::2 dev qr-aaaaaaaa-00`))
  assert.ok(!routes(qrouter).some((route) => route.startsWith('main: default')))
  assert.ok(routes(snat).includes('main: default via 2001:db8:ffff::1 dev qg-ff5f93c6-37'))
  assert.deepEqual(
    Object.entries(snat.iptables.ipv6.tables.nat!.chains).flatMap(([, rules]) => rules),
    [],
  )
  assert.deepEqual(
    snat.announcements.map(({ ip }) => ip),
    ['203.0.113.101', '2001:db8:ffff::7'],
  )
})

test('a gateway port whose IPv6 subnet names no gateway listens to router advertisements', () => {
  const settingsOf = (gatewayIp: string | null) => {
    const address = { ...six('ext6', '2001:db8:ffff::', null), ip: '2001:db8:ffff::7', gatewayIp }
    const router = scenarioRouter({ central: true })
    const gateway = { ...router.gateway!, addresses: [...router.gateway!.addresses, address] }
    const { sysctls } = namespaces(HostView.of([{ ...router, gateway }]), 'dvr_snat').get('snat')!
    return Object.entries(sysctls).filter(([key]) => /qg-.*\.(accept_ra|autoconf)$/.test(key))
  }
  assert.deepEqual(settingsOf('2001:db8:ffff::1'), [])
  assert.deepEqual(settingsOf(null), [
    ['net.ipv6.conf.qg-ff5f93c6-37.accept_ra', '2'],
    ['net.ipv6.conf.qg-ff5f93c6-37.autoconf', '0'],
  ])
})

test('the number of an IPv6 redirect is the folded CRC of its CIDR', () => {
  const address = {
    subnetId: '',
    ip: '2001:db8::1',
    prefixLength: 64,
    cidr: '',
    ipVersion: 6 as const,
    gatewayIp: null,
    ipv6RaMode: null,
  }
  assert.equal(redirectNumber(address), 200624052)
})

test('conntrack helpers: where addresses are translated, those that the kernel has', () => {
  const conntrackHelpers = [
    { id: '11111111-0000-4000-8000-000000000001', protocol: 'tcp', port: 21, helper: 'ftp' },
    { id: '22222222-0000-4000-8000-000000000002', protocol: 'tcp', port: 6667, helper: 'irc' },
  ]
  const views = {
    compute: computeView(routerWithFloatingIp({ conntrackHelpers })),
    network: HostView.of([scenarioRouter({ central: true, conntrackHelpers })]),
    legacy: HostView.of([scenarioRouter({ central: true, distributed: false, conntrackHelpers })]),
  }
  const ftp = [
    '-A neutron-l3-agent-PREROUTING -j neutron-l3-agent-cth',
    '-A neutron-l3-agent-cth -j neutron-l3-agent-cth-1111111',
    '-A neutron-l3-agent-cth-1111111 -p tcp -m tcp --dport 21 -j CT --helper ftp',
  ]
  const hasHelper = (_family: string, { helper }: { helper: string }) => helper === 'ftp'
  const raw = (view: HostView, mode: L3Mode, kind: string, family: 'ipv4' | 'ipv6') => {
    const settings = { mode, metadataProxy: true, metadataPort: 9697, ...INTERVALS, hasHelper }
    const list = desired(view, settings, allocate(view, settings, NO_ALLOCATIONS))
    return saved(list.find((namespace) => namespace.kind === kind)!.iptables[family], 'raw')
  }
  assert.deepEqual(raw(views.compute, 'dvr', 'qrouter', 'ipv4'), ftp)
  assert.deepEqual(raw(views.network, 'dvr_snat', 'snat', 'ipv4'), ftp)
  assert.deepEqual(raw(views.network, 'dvr_snat', 'snat', 'ipv6'), ftp)
  // nothing is translated there
  assert.deepEqual(raw(views.network, 'dvr_snat', 'qrouter', 'ipv4'), [])
  assert.deepEqual(raw(views.legacy, 'legacy', 'qrouter', 'ipv4'), ftp)
})

test('limits of addresses: each at the device by which it goes outside', () => {
  const rate = { kbps: 1000, burstKb: 800 }
  const floating = { address: '203.0.113.102', egress: rate, ingress: null }
  const gateway = { address: '203.0.113.101', egress: null, ingress: rate }
  const limits = [gateway, floating]
  const both = namespaces(computeView(routerWithFloatingIp({ central: true, limits })), 'dvr_snat')
  assert.deepEqual(both.get('qrouter')!.limits, { device: 'rfp-635660ae-a', addresses: [floating] })
  assert.deepEqual(both.get('snat')!.limits, { device: 'qg-ff5f93c6-37', addresses: [gateway] })
  const { floatingIps } = routerWithFloatingIp()
  const legacy = scenarioRouter({ central: true, distributed: false, floatingIps, limits })
  assert.deepEqual(namespaces(HostView.of([legacy]), 'legacy').get('qrouter')!.limits, {
    device: 'qg-ff5f93c6-37',
    addresses: limits,
  })
  assert.equal(namespaces(computeView()).get('qrouter')!.limits, undefined)
})
