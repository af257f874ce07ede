import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderMatch } from '../../../dataplane/openflow/match.js'
import { network, port, subnet } from '../testing/example.fake.js'
import { discoveryOfRouter } from './router-discovery.js'

const MAC = 'fa:16:3e:c1:20:56'

function matches(ipv6RaMode: string | null, ip = 'fd00:1::1'): string[] {
  const on = {
    network: network('n', { subnets: [subnet('s', 'fd00:1::/64', 'fd00:1::1', { ipVersion: 6, ipv6RaMode })] }),
    vlan: 5,
    carrier: { kind: 'local' },
  } as const
  const fixedIps = [{ subnetId: 's', ip }]
  return discoveryOfRouter({ port: port('p', 'n', MAC, { fixedIps }), on }).map(renderMatch)
}

const STAYS = [
  `icmp6,dl_vlan=5,dl_src=${MAC},icmp_type=134`,
  'icmp6,dl_vlan=5,icmp_type=135,nd_target=fd00:1::1',
  'icmp6,dl_vlan=5,icmp_type=135,nd_target=fe80::f816:3eff:fec1:2056',
]

test("a distributed router's advertisements and whoever looks for it stay on the host", () => {
  assert.deepEqual(matches('slaac'), [...STAYS, 'icmp6,dl_vlan=5,icmp_type=133'])
})

test('where somebody else advertises, solicitations of routers go everywhere', () => {
  assert.deepEqual(matches(null), STAYS)
})

test('an interface with IPv4 alone is silent in IPv6', () => {
  assert.deepEqual(matches(null, '192.168.1.1'), [])
})
