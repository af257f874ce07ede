import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dnsmasqArguments } from './arguments.js'
import { conflictingLeases, initialLeases, unusedLeases } from './leases.js'
import { dnsmasqPaths } from './paths.js'

const SETTINGS = {
  ranges: [
    { subnetId: 's4', cidr: '192.168.1.0/24' },
    { subnetId: 's6', cidr: 'fd00:128::/64' },
  ],
  mtu: 1450,
  domain: 'openstacklocal',
  dnsServers: ['203.0.113.1'],
  configFile: '/etc/neutron/dnsmasq-neutron.conf',
  leaseDuration: 86400,
  leaseMax: 16_777_216,
}

test("the command line is Neutron's", () => {
  assert.deepEqual(dnsmasqArguments(SETTINGS, dnsmasqPaths('/var/lib/neutron', 'net')), [
    'dnsmasq',
    '--no-hosts',
    '--no-resolv',
    '--pid-file=/var/lib/neutron/dhcp/net/pid',
    '--dhcp-hostsfile=/var/lib/neutron/dhcp/net/host',
    '--addn-hosts=/var/lib/neutron/dhcp/net/addn_hosts',
    '--dhcp-optsfile=/var/lib/neutron/dhcp/net/opts',
    '--dhcp-leasefile=/var/lib/neutron/dhcp/net/leases',
    '--dhcp-match=set:ipxe,175',
    '--dhcp-userclass=set:ipxe6,iPXE',
    '--local-service',
    '--bind-dynamic',
    '--dhcp-range=set:subnet-s4,192.168.1.0,static,255.255.255.0,86400s',
    '--dhcp-range=set:subnet-s6,fd00:128::,static,64,86400s',
    '--dhcp-option-force=option:mtu,1450',
    '--dhcp-lease-max=16777216',
    '--conf-file=/etc/neutron/dnsmasq-neutron.conf',
    '--server=203.0.113.1',
    '--domain=openstacklocal',
  ])
})

test('leases without an end, a single range, no options', () => {
  const plain = {
    ...SETTINGS,
    ranges: [SETTINGS.ranges[0]!],
    mtu: 0,
    domain: '',
    dnsServers: [],
    configFile: '',
    leaseDuration: -1,
  }
  assert.deepEqual(dnsmasqArguments(plain, dnsmasqPaths('/s', 'n')).slice(12), [
    '--dhcp-range=set:subnet-s4,192.168.1.0,static,255.255.255.0,infinite',
    '--dhcp-lease-max=256',
    '--conf-file=/dev/null',
  ])
})

const FILE = `1795416379 fa:16:3e:6b:74:e0 10.128.0.37 host-10-128-0-37 *
1795416379 fa:16:3e:00:00:99 10.128.0.5 gone *
duid 00:01:00:01:32:95:4c:3b:fa:16:3e:e3:51:ab
1795416379 16:3e:62 fd00:128::178 host *
`
const HOLDERS = [
  { mac: 'fa:16:3e:6b:74:e0', ip: '10.128.0.37' },
  { mac: 'fa:16:3e:6a:13:9e', ip: '10.128.0.1' },
]

test('dnsmasq starts with the leases of those who may have them', () => {
  assert.equal(
    initialLeases(FILE, HOLDERS),
    `1795416379 fa:16:3e:6b:74:e0 10.128.0.37 host-10-128-0-37 *
0 fa:16:3e:6a:13:9e 10.128.0.1 * *
duid 00:01:00:01:32:95:4c:3b:fa:16:3e:e3:51:ab
1795416379 16:3e:62 fd00:128::178 host *
`,
  )
})

test('leases that stand in the way of a new owner are told from those that are merely unused', () => {
  assert.deepEqual(
    unusedLeases(FILE, HOLDERS).map(({ ip }) => ip),
    ['10.128.0.5'],
  )
  assert.deepEqual(conflictingLeases(FILE, HOLDERS), [])
  const heir = [...HOLDERS, { mac: 'fa:16:3e:00:00:05', ip: '10.128.0.5' }]
  assert.deepEqual(
    conflictingLeases(FILE, heir).map(({ mac }) => mac),
    ['fa:16:3e:00:00:99'],
  )
})
