import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { HostObject } from '../../../bus/contracts/host-view.js'
import { HostView } from '../../../bus/contracts/view.js'
import { OWNER } from '../../../model/owners.js'
import { DEMO, demoNetwork, demoSubnet, demoView, dhcpPort, instance } from '../demo-view.fake.js'
import type { DhcpSettings } from '../settings.js'
import { desired } from './desired.js'

const SETTINGS: DhcpSettings = {
  domain: 'openstacklocal',
  dnsServers: [],
  configFile: '',
  leaseDuration: 86400,
  leaseMax: 16_777_216,
  enableIsolatedMetadata: false,
  forceMetadata: false,
}

const only = (view: HostView, settings: Partial<DhcpSettings> = {}) => desired(view, { ...SETTINGS, ...settings })[0]!
const opts = (objects: readonly HostObject[], settings: Partial<DhcpSettings> = {}) =>
  only(HostView.of(objects), settings).dnsmasq.opts
const TAG = `tag:subnet-${DEMO.subnet}`

test('the files of an ordinary network', () => {
  const routerPort = instance({
    id: '0',
    mac: 'fa:16:3e:c1:20:55',
    deviceOwner: OWNER.distributedRouterInterface,
    fixedIps: [{ subnetId: DEMO.subnet, ip: '192.168.1.1' }],
  })
  const { dnsmasq, portIds } = only(demoView(routerPort))
  assert.equal(
    dnsmasq.host,
    'fa:16:3e:c1:20:55,host-192-168-1-1.openstacklocal,192.168.1.1\nfa:16:3e:00:00:03,host-192-168-1-3.openstacklocal,192.168.1.3\n',
  )
  assert.equal(
    dnsmasq.addnHosts,
    '192.168.1.1\thost-192-168-1-1.openstacklocal host-192-168-1-1\n192.168.1.3\thost-192-168-1-3.openstacklocal host-192-168-1-3\n',
  )
  assert.equal(
    dnsmasq.opts,
    `${TAG},option:classless-static-route,169.254.169.254/32,192.168.1.1,0.0.0.0/0,192.168.1.1\n` +
      `${TAG},249,169.254.169.254/32,192.168.1.1,0.0.0.0/0,192.168.1.1\n` +
      `${TAG},option:router,192.168.1.1`,
  )
  assert.deepEqual(portIds, ['0', DEMO.instance])
})

test('the namespace has the addresses of the DHCP port and its gateway', () => {
  const { namespace, proxy } = only(demoView())
  assert.equal(namespace.name, `qdhcp-${DEMO.network}`)
  assert.deepEqual(namespace.devices, [
    { name: DEMO.tap, portId: DEMO.dhcpPort, mac: 'fa:16:3e:00:00:04', mtu: 1450, addresses: ['192.168.1.4/24'] },
  ])
  assert.deepEqual(namespace.routes, [
    { family: 4, destination: 'default', via: '192.168.1.1', device: DEMO.tap, table: null },
  ])
  assert.deepEqual(namespace.iptables.ipv4.tables.mangle?.chains['neutron-dhcp-age-POSTROUTING'], [
    '-p udp -m udp --dport 68 -j CHECKSUM --checksum-fill',
  ])
  assert.equal(proxy, null)
})

test('metadata of isolated subnets', () => {
  const isolated = [demoNetwork({ subnets: [demoSubnet({ routed: false })] }), dhcpPort(), instance()]
  assert.equal(opts(isolated), `${TAG},option:router,192.168.1.1`)
  assert.match(
    opts(isolated, { enableIsolatedMetadata: true }),
    /classless-static-route,169.254.169.254\/32,192.168.1.4,0.0.0.0\/0,192.168.1.1\n/,
  )
  const { namespace, proxy } = only(HostView.of(isolated), { enableIsolatedMetadata: true })
  assert.deepEqual(namespace.devices[0]?.addresses, ['192.168.1.4/24', '169.254.169.254/32', 'fe80::a9fe:a9fe/64'])
  assert.deepEqual(proxy?.binds, ['169.254.169.254:80', `fe80::a9fe:a9fe:80 interface ${DEMO.tap}`])
  const routed = [demoNetwork(), dhcpPort(), instance()]
  assert.equal(only(HostView.of(routed), { enableIsolatedMetadata: true }).proxy, null)
  assert.match(opts(routed, { forceMetadata: true }), /169.254.169.254\/32,192.168.1.4/)
})

test('options of subnets', () => {
  const other = demoSubnet({
    id: 'ffffffff-0000-4000-8000-000000000000',
    cidr: '10.0.0.0/24',
    gatewayIp: null,
    enableDhcp: false,
  })
  const subnet = demoSubnet({
    routed: false,
    dnsNameservers: ['8.8.4.4', '8.8.8.8'],
    hostRoutes: [{ destination: '10.1.0.0/16', nexthop: '192.168.1.9' }],
  })
  assert.equal(
    opts([demoNetwork({ subnets: [subnet, other] }), dhcpPort()]),
    [
      `${TAG},option:dns-server,8.8.4.4,8.8.8.8`,
      `${TAG},option:classless-static-route,10.0.0.0/24,0.0.0.0,10.1.0.0/16,192.168.1.9,0.0.0.0/0,192.168.1.1`,
      `${TAG},249,10.0.0.0/24,0.0.0.0,10.1.0.0/16,192.168.1.9,0.0.0.0/0,192.168.1.1`,
      `${TAG},option:router,192.168.1.1`,
    ].join('\n'),
  )
  const bare = demoSubnet({ routed: false, gatewayIp: null, dnsNameservers: ['0.0.0.0'] })
  assert.equal(opts([demoNetwork({ subnets: [bare] }), dhcpPort()]), `${TAG},option:dns-server\n${TAG},option:router`)
  const byRoute = demoSubnet({
    routed: false,
    gatewayIp: null,
    hostRoutes: [{ destination: '0.0.0.0/0', nexthop: '192.168.1.7' }],
  })
  assert.equal(opts([demoNetwork({ subnets: [byRoute] }), dhcpPort()]), `${TAG},option:router,192.168.1.7`)
  const second = instance({
    id: '1',
    deviceOwner: OWNER.dhcp,
    fixedIps: [{ subnetId: DEMO.subnet, ip: '192.168.1.2' }],
  })
  assert.match(opts([demoNetwork(), dhcpPort(), second]), /option:dns-server,192.168.1.2,192.168.1.4\n/)
})

test('options of ports', () => {
  const port = instance({
    extraDhcpOpts: [
      { name: 'tftp-server', value: '192.168.1.8', ipVersion: 4 },
      { name: '150', value: '192.168.1.9', ipVersion: 4 },
      { name: 'client-id', value: 'abc', ipVersion: 4 },
      { name: 'ntp-server', value: `1.1.1.1\n${TAG},option:router,1.1.1.1`, ipVersion: 4 },
    ],
  })
  const { dnsmasq } = only(HostView.of([demoNetwork(), dhcpPort(), port]))
  assert.equal(
    dnsmasq.host,
    `fa:16:3e:00:00:03,id:abc,host-192-168-1-3.openstacklocal,192.168.1.3,set:port-${DEMO.instance}\n`,
  )
  assert.doesNotMatch(dnsmasq.opts, /1\.1\.1\.1/)
  assert.match(dnsmasq.opts, new RegExp(`tag:port-${DEMO.instance},150,192.168.1.9\n`))
  assert.match(dnsmasq.opts, new RegExp(`tag:port-${DEMO.instance},option:tftp-server,192.168.1.8$`))
})

test('IPv6', () => {
  const six = demoSubnet({
    id: '00000000-0000-4000-8000-000000000006',
    cidr: 'fd00:128::/64',
    ipVersion: 6,
    gatewayIp: 'fd00:128::1',
    ipv6AddressMode: 'dhcpv6-stateful',
  })
  const port = instance({ fixedIps: [{ subnetId: six.id, ip: 'fd00:128::178' }] })
  const { dnsmasq } = only(
    HostView.of([
      demoNetwork({ subnets: [six] }),
      dhcpPort({ fixedIps: [{ subnetId: six.id, ip: 'fd00:128::2' }] }),
      port,
    ]),
  )
  assert.equal(dnsmasq.host, 'fa:16:3e:00:00:03,tag:dhcpv6,host-fd00-128--178.openstacklocal,[fd00:128::178]\n')
  assert.equal(dnsmasq.opts, `tag:subnet-${six.id},option6:domain-search,openstacklocal`)
  assert.deepEqual(dnsmasq.leases.holders, [])
})

test('hosts that form their own IPv6 addresses get none by DHCPv6, at most options', () => {
  const six = (ipv6AddressMode: string) =>
    demoSubnet({ id: 's6', cidr: 'fd00:128::/64', ipVersion: 6, ipv6RaMode: ipv6AddressMode, ipv6AddressMode })
  const option = { name: 'dns-server', value: '[fd00::53]', ipVersion: 6 } as const
  const dnsmasqOf = (mode: string, extraDhcpOpts: (typeof option)[] = []) => {
    const port = instance({ fixedIps: [{ subnetId: 's6', ip: 'fd00:128::f816:3eff:fe00:3' }], extraDhcpOpts })
    return only(HostView.of([demoNetwork({ subnets: [six(mode)] }), dhcpPort({ fixedIps: [] }), port])).dnsmasq
  }
  const rangesOf = ({ settings }: ReturnType<typeof dnsmasqOf>) => settings.ranges.map(({ cidr }) => cidr)
  assert.deepEqual(rangesOf(dnsmasqOf('dhcpv6-stateless')), ['fd00:128::/64'])
  assert.equal(dnsmasqOf('dhcpv6-stateless').host, '')
  const withOption = dnsmasqOf('dhcpv6-stateless', [option])
  assert.equal(withOption.host, `fa:16:3e:00:00:03,set:port-${DEMO.instance}\n`)
  assert.match(withOption.opts, new RegExp(`tag:port-${DEMO.instance},option6:dns-server,\\[fd00::53\\]$`))
  assert.deepEqual(rangesOf(dnsmasqOf('slaac', [option])), [])
  assert.equal(dnsmasqOf('slaac', [option]).host, '')
})

test('which networks are served here', () => {
  const ids = (...objects: HostObject[]) => desired(HostView.of(objects), SETTINGS).map(({ networkId }) => networkId)
  assert.deepEqual(ids(demoNetwork(), dhcpPort()), [DEMO.network])
  assert.deepEqual(ids(demoNetwork({ dhcpPortId: null }), dhcpPort()), [])
  assert.deepEqual(ids(demoNetwork()), [])
  assert.deepEqual(ids(demoNetwork({ adminStateUp: false }), dhcpPort()), [])
  assert.deepEqual(ids(demoNetwork({ subnets: [demoSubnet({ enableDhcp: false })] }), dhcpPort()), [])
})

test('the order in which objects arrived makes no difference', () => {
  const objects = demoView(instance({ id: '9', fixedIps: [{ subnetId: DEMO.subnet, ip: '192.168.1.9' }] })).objects()
  fc.assert(
    fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (shuffled) => {
      assert.deepEqual(desired(HostView.of(shuffled), SETTINGS), desired(HostView.of(objects), SETTINGS))
    }),
  )
})

test('takes subnets on other segments of a routed network for those behind a router', () => {
  const here = demoSubnet({
    routed: false,
    segmentId: 'rack1',
    hostRoutes: [{ destination: '10.2.0.0/24', nexthop: '192.168.1.1' }],
  })
  const beside = demoSubnet({ id: 'beside', cidr: '10.1.0.0/24', enableDhcp: false, routed: false, segmentId: 'rack1' })
  const far = demoSubnet({ id: 'far', cidr: '10.2.0.0/24', gatewayIp: '10.2.0.1', routed: false, segmentId: 'rack2' })
  const { dnsmasq, namespace } = only(HostView.of([demoNetwork({ subnets: [here, beside, far] }), dhcpPort()]))
  const routes = '10.1.0.0/24,0.0.0.0,10.2.0.0/24,192.168.1.1,0.0.0.0/0,192.168.1.1'
  assert.ok(dnsmasq.opts.split('\n').includes(`${TAG},option:classless-static-route,${routes}`))
  assert.ok(!dnsmasq.opts.includes('tag:subnet-far,option:classless-static-route'))
  const onLink = namespace.routes.filter(({ via }) => via === null).map(({ destination }) => destination)
  assert.deepEqual(onLink, ['10.1.0.0/24'])
})
