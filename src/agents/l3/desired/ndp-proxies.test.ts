import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouterPort, RouterView } from '../../../bus/contracts/host-view.js'
import { HostView } from '../../../bus/contracts/view.js'
import { ruleText } from '../../../dataplane/ip/types.js'
import { allocate, NO_ALLOCATIONS } from '../allocations.js'
import { computeView, routerWithFloatingIp, scenarioRouter } from '../scenario-view.fake.js'
import type { L3Mode, L3Settings } from '../settings.js'
import { desired } from './desired.js'
import type { L3Namespace } from './types.js'

const INSIDE = '2001:db8:1::5'
const RFP6 = /^fe80::c/

function namespaces(view: HostView, mode: L3Mode, active: ReadonlySet<string> = new Set()): Map<string, L3Namespace> {
  const settings: L3Settings = {
    mode,
    metadataProxy: true,
    metadataPort: 9697,
    minAdvertisementInterval: 30,
    maxAdvertisementInterval: 100,
    vrrp: { advertInterval: 2, authentication: null },
  }
  const list = desired(view, settings, allocate(view, settings, NO_ALLOCATIONS), active)
  return new Map(list.map((namespace) => [namespace.kind, namespace]))
}

/** The port with an address of a second, IPv6 subnet. */
function withIpv6(port: RouterPort, ip: string, cidr: string): RouterPort {
  const address = { subnetId: cidr, ip, prefixLength: 64, cidr, ipVersion: 6 as const, ipv6RaMode: null }
  return { ...port, addresses: [...port.addresses, { ...address, gatewayIp: cidr.replace('/64', '1') }] }
}

/** The guide's router, reached over IPv6 as well. */
function dualStack(router: RouterView, changes: Partial<RouterView>): RouterView {
  const outside = (port: RouterPort | null, ip: string) => port && withIpv6(port, ip, '2001:db8:ff::/64')
  return {
    ...router,
    interfaces: router.interfaces.map((port) => withIpv6(port, '2001:db8:1::1', '2001:db8:1::/64')),
    snatPorts: router.snatPorts.map((port) => withIpv6(port, '2001:db8:1::2', '2001:db8:1::/64')),
    gateway: outside(router.gateway, '2001:db8:ff::101'),
    agentGateway: outside(router.agentGateway, '2001:db8:ff::103'),
    ...changes,
  }
}

const guards = ({ iptables }: L3Namespace) =>
  Object.entries(iptables.ipv6.tables.filter!.chains)
    .filter(([chain]) => /-(NDP|FORWARD)$/.test(chain))
    .flatMap(([chain, rules]) => rules.map((rule) => `${chain} ${rule}`))
    .filter((rule) => !rule.includes('scope'))

const GUARDS = [
  'neutron-l3-agent-FORWARD -d 2001:db8:1::/64 -i qg-ff5f93c6-37 -j neutron-l3-agent-NDP',
  `neutron-l3-agent-NDP -d ${INSIDE}/128 -i qg-ff5f93c6-37 -j ACCEPT`,
  'neutron-l3-agent-NDP -i qg-ff5f93c6-37 -j DROP',
]
const AT_GATEWAY = [{ ip: INSIDE, device: 'qg-ff5f93c6-37' }]

test('a legacy router answers by its gateway port, and lets nothing else in', () => {
  const legacy = (changes: Partial<RouterView>) =>
    namespaces(HostView.of([dualStack(scenarioRouter(), { distributed: false, central: true, ...changes })]), 'legacy')
  const on = legacy({ ndpProxies: { here: [], central: [INSIDE] } }).get('qrouter')!
  assert.deepEqual(on.proxies, AT_GATEWAY)
  assert.deepEqual(guards(on), GUARDS)
  assert.equal(on.sysctls['net.ipv6.conf.qg-ff5f93c6-37.proxy_ndp'], '1')
  assert.ok(on.announcements.some(({ ip }) => ip === INSIDE))
  const none = legacy({ ndpProxies: { here: [], central: [] } }).get('qrouter')!
  assert.deepEqual([none.proxies, guards(none)], [[], [GUARDS[0], GUARDS[2]]])
  const off = legacy({}).get('qrouter')!
  assert.deepEqual([off.proxies, guards(off)], [[], []])
  assert.equal(off.sysctls['net.ipv6.conf.qg-ff5f93c6-37.proxy_ndp'], '0')
})

test('a highly available router answers where it is active', () => {
  const router = dualStack(scenarioRouter(), { distributed: false, central: true })
  const port: RouterPort = {
    portId: 'aaaaaaaa-0000',
    networkId: 'ha',
    mac: 'fa:16:3e:00:00:aa',
    mtu: 1450,
    addresses: [],
  }
  const ha = { ...router, ha: { vrId: 1, port }, ndpProxies: { here: [], central: [INSIDE] } }
  const at = (active: ReadonlySet<string>) => namespaces(HostView.of([ha]), 'legacy', active).get('qrouter')!
  assert.deepEqual(at(new Set([router.id])).proxies, AT_GATEWAY)
  assert.deepEqual(at(new Set()).proxies, [])
  // the rest is the same, so that taking over changes nothing of it
  assert.deepEqual(guards(at(new Set())), GUARDS)
})

test('a host answers for its own instances of a distributed router, and sends for them', () => {
  const ndpProxies = { here: [INSIDE], central: [] }
  const host = namespaces(computeView(dualStack(routerWithFloatingIp(), { floatingIps: [], ndpProxies })), 'dvr')
  const fip = host.get('fip')!
  assert.deepEqual(fip.proxies, [{ ip: INSIDE, device: 'fg-1f6c2f6a-9a' }])
  assert.equal(fip.sysctls['net.ipv6.conf.fg-1f6c2f6a-9a.proxy_ndp'], '1')
  const routes = (namespace: L3Namespace) => namespace.routes.filter(({ family }) => family === 6)
  const [out, back] = routes(fip)
  assert.deepEqual([out!.destination, out!.via, out!.device], ['default', '2001:db8:ff::1', 'fg-1f6c2f6a-9a'])
  assert.deepEqual([back!.destination, back!.device, back!.table], [INSIDE, 'fpr-635660ae-a', null])
  assert.match(back!.via!, RFP6)
  assert.ok(fip.rules.map(ruleText).includes('6 iif fpr-635660ae-a lookup 2852012033 priority 2852012033'))
  assert.ok(fip.neighbours.some(({ ip, device }) => ip === back!.via && device === 'fpr-635660ae-a'))
  const qrouter = host.get('qrouter')!
  assert.ok(qrouter.rules.map(ruleText).includes(`6 from ${INSIDE} lookup 16 priority 32768`))
  const way = routes(qrouter).find(({ table }) => table === 16)!
  assert.deepEqual([way.destination, way.device], ['default', 'rfp-635660ae-a'])
  assert.ok(qrouter.neighbours.some(({ ip, device }) => ip === way.via && device === 'rfp-635660ae-a'))
  assert.deepEqual(guards(qrouter), [])
})

test('a distributed router answers for the rest beside its gateway port', () => {
  const ndpProxies = { here: [], central: [INSIDE] }
  const view = HostView.of([dualStack(scenarioRouter({ central: true }), { ndpProxies })])
  const snat = namespaces(view, 'dvr_snat').get('snat')!
  assert.deepEqual([snat.proxies, guards(snat)], [AT_GATEWAY, GUARDS])
})

test('a floating IP alone leaves IPv6 as it is', () => {
  const host = namespaces(computeView(dualStack(routerWithFloatingIp(), {})), 'dvr')
  const fip = host.get('fip')!
  assert.deepEqual([fip.proxies, fip.routes.filter(({ family }) => family === 6)], [[], []])
  assert.equal(fip.sysctls['net.ipv6.conf.fg-1f6c2f6a-9a.proxy_ndp'], '0')
})
