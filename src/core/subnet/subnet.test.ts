import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Attributes } from '../service.js'
import { addressesOf, admin, member, TestCloud } from '../testing/cloud.js'

describe('subnets', () => {
  let cloud: TestCloud
  let networkId: string
  beforeEach(async () => {
    cloud = await TestCloud.open()
    networkId = (await cloud.create('networks', {})).id
  })
  afterEach(() => cloud.close())

  const subnet = (cidr: string, more: Attributes = {}) =>
    cloud.create('subnets', { network_id: networkId, ip_version: cidr.includes(':') ? 6 : 4, cidr, ...more })

  it('has the attributes of a current Neutron subnet', async () => {
    const made = await subnet('192.168.1.0/24')
    const expected =
      'allocation_pools cidr created_at description dns_nameservers enable_dhcp gateway_ip host_routes id ip_version ' +
      'ipv6_address_mode ipv6_ra_mode name network_id project_id revision_number segment_id service_types ' +
      'subnetpool_id tags tenant_id updated_at'
    assert.equal(Object.keys(made).sort().join(' '), expected)
    assert.equal(made.revision_number, 0)
  })

  for (const [cidr, more, gateway, pools] of [
    ['192.168.1.0/24', {}, '192.168.1.1', ['192.168.1.2-192.168.1.254']],
    ['192.168.1.7/24', { gateway_ip: null }, null, ['192.168.1.1-192.168.1.254']],
    ['10.0.0.0/29', { gateway_ip: '10.0.0.3' }, '10.0.0.3', ['10.0.0.1-10.0.0.2', '10.0.0.4-10.0.0.6']],
    ['10.0.0.0/31', { enable_dhcp: false }, '10.0.0.1', ['10.0.0.0-10.0.0.0']],
    ['2001:DB8::/64', {}, '2001:db8::1', ['2001:db8::2-2001:db8::ffff:ffff:ffff:ffff']],
    [
      '203.0.113.0/24',
      { allocation_pools: [{ start: '203.0.113.101', end: '203.0.113.200' }] },
      '203.0.113.1',
      ['203.0.113.101-203.0.113.200'],
    ],
  ] as const) {
    it(`chooses gateway and pools of ${cidr} ${JSON.stringify(more)}`, async () => {
      const made = await subnet(cidr, more)
      assert.equal(made.gateway_ip, gateway)
      const shown = (made.allocation_pools as { start: string; end: string }[]).map(
        ({ start, end }) => `${start}-${end}`,
      )
      assert.deepEqual(shown, pools)
    })
  }

  for (const [why, cidr, more, type, status] of [
    ["a family that is not the CIDR's", '10.0.0.0/24', { ip_version: 6 }, 'InvalidInput', 400],
    ['no room for DHCP', '10.0.0.0/31', {}, 'InvalidInput', 400],
    ['multicast', '224.1.0.0/24', {}, 'InvalidInput', 400],
    ['loopback', '127.0.0.0/24', {}, 'InvalidInput', 400],
    ['the broadcast address as gateway', '10.0.0.0/24', { gateway_ip: '10.0.0.255' }, 'InvalidInput', 400],
    [
      'a gateway in a pool',
      '10.0.0.0/24',
      { gateway_ip: '10.0.0.9', allocation_pools: [{ start: '10.0.0.2', end: '10.0.0.20' }] },
      'GatewayConflictWithAllocationPools',
      409,
    ],
    [
      'a pool outside',
      '10.0.0.0/24',
      { allocation_pools: [{ start: '10.0.0.2', end: '10.0.1.2' }] },
      'OutOfBoundsAllocationPool',
      400,
    ],
    [
      'a pool backwards',
      '10.0.0.0/24',
      { allocation_pools: [{ start: '10.0.0.9', end: '10.0.0.2' }] },
      'InvalidAllocationPool',
      400,
    ],
    [
      'pools that meet',
      '10.0.0.0/24',
      {
        allocation_pools: [
          { start: '10.0.0.2', end: '10.0.0.9' },
          { start: '10.0.0.9', end: '10.0.0.12' },
        ],
      },
      'OverlappingAllocationPools',
      409,
    ],
    ['IPv6 modes on IPv4', '10.0.0.0/24', { ipv6_ra_mode: 'slaac' }, 'InvalidInput', 400],
    ['SLAAC without a /64', '2001:db8::/80', { ipv6_address_mode: 'slaac' }, 'InvalidInput', 400],
    [
      'different IPv6 modes',
      '2001:db8::/64',
      { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'dhcpv6-stateful' },
      'InvalidInput',
      400,
    ],
    [
      'a route of the other family',
      '10.0.0.0/24',
      { host_routes: [{ destination: '2001:db8::/64', nexthop: '10.0.0.1' }] },
      'InvalidInput',
      400,
    ],
    [
      'too many name servers',
      '10.0.0.0/24',
      { dns_nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4', '1.1.1.5', '1.1.1.6'] },
      'DNSNameServersExhausted',
      400,
    ],
  ] as const) {
    it(`refuses ${why}`, async () => {
      await assert.rejects(subnet(cidr, more), { type, status })
    })
  }

  it('refuses overlap within a network, not between networks', async () => {
    await subnet('10.0.0.0/24')
    await assert.rejects(subnet('10.0.0.128/25'), {
      message: `Invalid input for operation: Requested subnet with cidr: 10.0.0.128/25 for network: ${networkId} overlaps with another subnet.`,
    })
    const other = await cloud.create('networks', {})
    await cloud.create('subnets', { network_id: other.id, ip_version: 4, cidr: '10.0.0.0/24' })
  })

  it('keeps a gateway that a router uses, and goes only when nobody uses it', async () => {
    const made = await subnet('10.0.0.0/24')
    const gateway = { fixed_ips: [{ ip_address: '10.0.0.1' }], device_owner: 'network:router_interface' }
    const port = await cloud.port(networkId, gateway, admin)
    await assert.rejects(cloud.collection('subnets').update(member('demo'), made.id, { gateway_ip: '10.0.0.254' }), {
      type: 'GatewayIpInUse',
      message: `Current gateway ip 10.0.0.1 already in use by port ${port.id}. Unable to update.`,
    })
    await assert.rejects(cloud.collection('subnets').delete(member('demo'), made.id), {
      type: 'SubnetInUse',
      message: `Unable to complete operation on subnet ${made.id}: One or more ports have an IP allocation from this subnet.`,
    })
  })

  it('takes automatic addresses along, given and taken with the subnet', async () => {
    const port = await cloud.port(networkId, { mac_address: 'fa:16:3e:00:00:01' })
    const made = await subnet('2001:db8::/64', { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' })
    assert.deepEqual(addressesOf(await cloud.show('ports', port.id)), ['2001:db8::f816:3eff:fe00:1'])
    await cloud.collection('subnets').delete(member('demo'), made.id)
    assert.deepEqual(addressesOf(await cloud.show('ports', port.id)), [])
  })

  it('moves the DHCP port along with the subnets that have DHCP', async () => {
    await cloud.report('network1', 'DHCP agent')
    const first = await subnet('10.0.0.0/24')
    const dhcp = async () => (await cloud.list('ports', admin, { filters: { device_owner: ['network:dhcp'] } }))[0]
    const port = await cloud.port(networkId, { device_owner: 'compute:nova' })
    assert.deepEqual(addressesOf((await dhcp())!), ['10.0.0.3'])
    const second = await subnet('10.0.1.0/24')
    assert.deepEqual(addressesOf((await dhcp())!).sort(), ['10.0.0.3', '10.0.1.2'])
    await cloud.collection('subnets').update(member('demo'), first.id, { enable_dhcp: false })
    assert.deepEqual(addressesOf((await dhcp())!), ['10.0.1.2'])
    await cloud.collection('subnets').delete(member('demo'), second.id)
    assert.equal(await dhcp(), undefined)
    await cloud.collection('subnets').update(member('demo'), first.id, { enable_dhcp: true })
    assert.deepEqual(addressesOf((await dhcp())!), ['10.0.0.3'])
    await cloud.collection('ports').delete(member('demo'), port.id)
  })
})
