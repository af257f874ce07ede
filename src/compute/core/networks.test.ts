import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NeutronSubnet } from '../clients/neutron.js'
import { dhcp6Mode } from './networks.js'

function subnet(changes: Partial<NeutronSubnet>): NeutronSubnet {
  const addresses = {
    cidr: 'fd00::/64',
    ip_version: 6,
    gateway_ip: null,
    dns_nameservers: [],
    host_routes: [],
  } as const
  const modes = { enable_dhcp: true, ipv6_address_mode: null, ipv6_ra_mode: null }
  return { id: '', network_id: '', ...addresses, ...modes, ...changes }
}

test('what DHCPv6 has for a port', () => {
  assert.equal(dhcp6Mode([subnet({ ip_version: 4 })]), null)
  assert.equal(dhcp6Mode([subnet({ ipv6_address_mode: 'slaac' })]), null)
  assert.equal(dhcp6Mode([subnet({ ipv6_address_mode: 'dhcpv6-stateless' })]), 'stateless')
  assert.equal(dhcp6Mode([subnet({ ipv6_address_mode: 'dhcpv6-stateful' })]), 'stateful')
  assert.equal(dhcp6Mode([subnet({})]), 'stateful')
  assert.equal(dhcp6Mode([subnet({ enable_dhcp: false })]), null)
  const stateless = subnet({ ipv6_address_mode: 'dhcpv6-stateless' })
  assert.equal(dhcp6Mode([stateless, subnet({ ipv6_address_mode: 'dhcpv6-stateful' })]), 'stateful')
})
