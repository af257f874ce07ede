import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diffNamespace, NO_STATE, stateOf } from './diff.js'
import type { NamespaceSpec } from './spec.js'

const NO_RULES = { ownPrefixes: [], tables: {} }

function spec(changes: Partial<NamespaceSpec> = {}): NamespaceSpec {
  return {
    name: 'qrouter-x',
    sysctls: {},
    devices: [
      {
        name: 'qr-1',
        portId: 'p',
        mac: 'fa:16:3e:00:00:01',
        mtu: 1450,
        addresses: ['192.168.1.1/24', '2001:db8::1/64'],
      },
    ],
    veths: [],
    rules: [{ family: 4, priority: 32768, from: '192.168.1.3', table: 16 }],
    routes: [{ family: 4, destination: 'default', via: '169.254.64.1', device: 'qr-1', table: 16 }],
    neighbours: [{ ip: '192.168.1.3', mac: 'fa:16:3e:00:00:03', device: 'qr-1' }],
    iptables: { ipv4: NO_RULES, ipv6: NO_RULES },
    ...changes,
  }
}

test('an empty namespace is filled from the inside out', () => {
  assert.deepEqual(diffNamespace(NO_STATE, spec()).lines, [
    'link set lo up',
    'link set dev qr-1 address fa:16:3e:00:00:01 mtu 1450',
    'addr add 192.168.1.1/24 brd + dev qr-1',
    'addr add 2001:db8::1/64 nodad dev qr-1',
    'link set dev qr-1 up',
    'neigh replace 192.168.1.3 lladdr fa:16:3e:00:00:03 nud permanent dev qr-1',
    'route replace default via 169.254.64.1 dev qr-1 table 16 proto static',
    'rule add from 192.168.1.3 lookup 16 priority 32768',
  ])
})

test('what is as specified needs nothing', () => {
  assert.deepEqual(diffNamespace(stateOf(spec()), spec()), { lines: [], lines6: [] })
})

test('the new way stands before the old one goes', () => {
  const changed = spec({
    rules: [{ family: 4, priority: 32769, from: '192.168.1.9', table: 16 }],
    routes: [{ family: 4, destination: 'default', via: '169.254.64.3', device: 'qr-1', table: 16 }],
    neighbours: [{ ip: '192.168.1.9', mac: 'fa:16:3e:00:00:09', device: 'qr-1' }],
    devices: [{ ...spec().devices[0]!, addresses: ['192.168.1.7/24'] }],
  })
  assert.deepEqual(diffNamespace(stateOf(spec()), changed).lines, [
    'addr add 192.168.1.7/24 brd + dev qr-1',
    'neigh replace 192.168.1.9 lladdr fa:16:3e:00:00:09 nud permanent dev qr-1',
    'route replace default via 169.254.64.3 dev qr-1 table 16 proto static',
    'rule add from 192.168.1.9 lookup 16 priority 32769',
    'rule del from 192.168.1.3 lookup 16 priority 32768',
    'neigh del 192.168.1.3 dev qr-1',
    'addr del 192.168.1.1/24 dev qr-1',
    'addr del 2001:db8::1/64 dev qr-1',
  ])
})

test('rules and routes of IPv6 are told apart', () => {
  const six = spec({
    rules: [{ family: 6, priority: 99999, from: '2001:db8::1/64', table: 99999 }],
    routes: [],
    neighbours: [],
  })
  assert.deepEqual(diffNamespace(NO_STATE, six).lines6, ['rule add from 2001:db8::1/64 lookup 99999 priority 99999'])
})

test('what another program makes on a shared device stays', () => {
  const wanted = spec({ rules: [], routes: [], neighbours: [] })
  const shared = { ...wanted, devices: wanted.devices.map((device) => ({ ...device, addresses: [], shared: true })) }
  assert.deepEqual(diffNamespace(stateOf({ ...spec(), rules: [], neighbours: [] }), shared), { lines: [], lines6: [] })
  // what is listed is made all the same
  assert.deepEqual(
    diffNamespace(stateOf(shared), {
      ...shared,
      devices: wanted.devices.map((device) => ({ ...device, shared: true })),
    }).lines,
    ['addr add 192.168.1.1/24 brd + dev qr-1', 'addr add 2001:db8::1/64 nodad dev qr-1'],
  )
})

test('proxies for neighbours come and go', () => {
  const proxied = spec({ proxies: [{ ip: '2001:db8:1::5', device: 'qr-1' }] })
  assert.deepEqual(diffNamespace(stateOf(spec()), proxied).lines, ['neigh add proxy 2001:db8:1::5 dev qr-1'])
  assert.deepEqual(diffNamespace(stateOf(proxied), proxied).lines, [])
  assert.deepEqual(diffNamespace(stateOf(proxied), spec()).lines, ['neigh del proxy 2001:db8:1::5 dev qr-1'])
})
