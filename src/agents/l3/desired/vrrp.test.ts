import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouterView } from '../../../bus/contracts/host-view.js'
import { HostView } from '../../../bus/contracts/view.js'
import { keepalivedConfig, vrrpPaths } from '../../../dataplane/keepalived/config.js'
import { NO_ALLOCATIONS } from '../allocations.js'
import { IDS, scenarioRouter } from '../scenario-view.fake.js'
import { desired } from './desired.js'
import type { L3Namespace } from './types.js'

const SETTINGS = {
  mode: 'dvr_snat',
  metadataProxy: true,
  metadataPort: 9697,
  minAdvertisementInterval: 30,
  maxAdvertisementInterval: 100,
  vrrp: { advertInterval: 2, authentication: null },
} as const

const HA_PORT = {
  portId: '7c1e0a55-4d6b-4a0e-9a8b-1c9a3f5d2e01',
  networkId: 'ha-network',
  mac: 'fa:16:3e:00:00:aa',
  mtu: 1450,
  addresses: [
    {
      subnetId: 'ha-subnet',
      ip: '169.254.192.5',
      prefixLength: 18,
      cidr: '169.254.192.0/18',
      ipVersion: 4,
      gatewayIp: null,
      ipv6RaMode: null,
    },
  ],
} as const

function namespaces(changes: Partial<RouterView>, active: boolean): ReadonlyMap<string, L3Namespace> {
  const router = scenarioRouter({ central: true, ha: { vrId: 7, port: HA_PORT }, ...changes })
  const taken = new Set(active ? [router.id] : [])
  const list = desired(HostView.of([router]), SETTINGS, NO_ALLOCATIONS, taken)
  return new Map(list.map((namespace) => [namespace.kind, namespace]))
}

const LEGACY = {
  distributed: false,
  snatPorts: [],
  routes: [{ destination: '10.9.0.0/16', nexthop: '192.168.1.9' }],
  floatingIps: [{ id: IDS.floatingIp, floatingIp: '203.0.113.102', fixedIp: '192.168.1.3', portId: IDS.instance }],
} as const

test("a legacy router: addresses and routes are keepalived's, the rest is there in advance", () => {
  const qrouter = namespaces(LEGACY, false).get('qrouter')!
  assert.deepEqual(
    qrouter.devices.map(({ name, addresses, shared }) => [name, addresses, shared]),
    [
      ['qr-b1a894fd-ae', [], true],
      ['qg-ff5f93c6-37', [], true],
      ['ha-7c1e0a55-4d', ['169.254.192.5/18'], true],
    ],
  )
  assert.deepEqual(qrouter.routes, [])
  assert.match(JSON.stringify(qrouter.iptables.ipv4), /--to-source 203\.0\.113\.102/)
  assert.equal(
    keepalivedConfig(qrouter.vrrp!, vrrpPaths('/var/lib/neutron/ha_confs', IDS.router)),
    `global_defs {
    notification_email_from neutron@openstack.local
    router_id neutron
    vrrp_notify_fifo /var/lib/neutron/ha_confs/${IDS.router}/notify
}
vrrp_instance VR_7 {
    state BACKUP
    interface ha-7c1e0a55-4d
    virtual_router_id 7
    priority 50
    garp_master_delay 60
    nopreempt
    advert_int 2
    track_interface {
        ha-7c1e0a55-4d
    }
    virtual_ipaddress {
        169.254.0.7/24 dev ha-7c1e0a55-4d
    }
    virtual_ipaddress_excluded {
        192.168.1.1/24 dev qr-b1a894fd-ae no_track
        203.0.113.101/24 dev qg-ff5f93c6-37 no_track
        203.0.113.102/32 dev qg-ff5f93c6-37 no_track
    }
    virtual_routes {
        0.0.0.0/0 via 203.0.113.1 dev qg-ff5f93c6-37 no_track protocol static
        10.9.0.0/16 via 192.168.1.9 dev qr-b1a894fd-ae no_track protocol static
    }
}
`,
  )
})

test('what speaks for the router is on the active host alone', () => {
  const [active, waiting] = [true, false].map((is) => namespaces(LEGACY, is).get('qrouter')!)
  assert.deepEqual([active!.proxyId, waiting!.proxyId], [IDS.router, null])
  assert.deepEqual(active!.vrrp, waiting!.vrrp, 'becoming active is no change for keepalived')
  assert.deepEqual(active!.devices, waiting!.devices)
})

test('a distributed router shares its snat namespace, not its qrouter', () => {
  const made = namespaces({ distributed: true }, false)
  assert.equal(made.get('qrouter')!.vrrp, undefined)
  assert.equal(made.get('qrouter')!.proxyId, IDS.router)
  const snat = made.get('snat')!
  assert.deepEqual(snat.vrrp!.addresses, [
    { address: '192.168.1.2/24', device: 'sg-0b5d3c27-61' },
    { address: '203.0.113.101/24', device: 'qg-ff5f93c6-37' },
  ])
})

test('IPv6: the link-local address moves along, devices that wait are silent', () => {
  const address = { ...scenarioRouter().interfaces[0]!.addresses[0]!, ip: 'fd00::1', prefixLength: 64 }
  const interfaces = [
    {
      ...scenarioRouter().interfaces[0]!,
      addresses: [{ ...address, cidr: 'fd00::/64', ipVersion: 6 as const, gatewayIp: 'fd00::1' }],
    },
  ]
  const waiting = namespaces({ ...LEGACY, routes: [], interfaces }, false).get('qrouter')!
  assert.deepEqual(
    waiting.vrrp!.addresses.filter(({ device }) => device.startsWith('qr-')).map((each) => each.address),
    ['fd00::1/64', 'fe80::f816:3eff:fec1:2055/64'],
  )
  const lines = keepalivedConfig(waiting.vrrp!, vrrpPaths('/c', IDS.router)).split('\n')
  assert.ok(lines.includes('        fe80::f816:3eff:fec1:2055/64 dev qr-b1a894fd-ae scope link no_track'))
  assert.equal(waiting.sysctls['net.ipv6.conf.qr-b1a894fd-ae.addr_gen_mode'], '1')
  assert.match(JSON.stringify(waiting.iptables.ipv6), /-s ::\/128 -j DROP/)
})

test('the primary address is of a /24 that the HA network leaves', () => {
  const [address] = HA_PORT.addresses
  const port = { ...HA_PORT, addresses: [{ ...address, cidr: '169.254.0.0/23' }] }
  const router = namespaces({ ...LEGACY, ha: { vrId: 7, port } }, false).get('qrouter')!
  assert.equal(router.vrrp!.primary, '169.254.2.7/24')
})

test('announcements are authenticated when there is a password', () => {
  const { vrrp } = namespaces(LEGACY, false).get('qrouter')!
  const authentication = { type: 'PASS', password: 'word' } as const
  const text = keepalivedConfig({ ...vrrp!, authentication }, vrrpPaths('/c', IDS.router))
  assert.match(text, /authentication \{\n {8}auth_type PASS\n {8}auth_pass word\n {4}\}/)
})
