import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Attributes } from '../service.js'
import { addressesOf, admin, member, TestCloud } from '../testing/cloud.js'

const fault = (type: string, status: number) => ({ type, status })

describe('ports', () => {
  let cloud: TestCloud
  beforeEach(async () => {
    cloud = await TestCloud.open()
  })
  afterEach(() => cloud.close())

  it('has the attributes of a current Neutron port', async () => {
    const { network } = await cloud.network()
    const port = await cloud.port(network.id)
    const expected =
      'admin_state_up allowed_address_pairs binding:host_id binding:profile binding:vif_details binding:vif_type ' +
      'binding:vnic_type created_at description device_id device_owner device_profile dns_assignment dns_domain dns_name ' +
      'extra_dhcp_opts fixed_ips id ip_allocation mac_address name network_id numa_affinity_policy port_security_enabled project_id ' +
      'propagate_uplink_status qos_network_policy_id qos_policy_id resource_request revision_number security_groups ' +
      'status tags tenant_id updated_at'
    assert.equal(Object.keys(port).sort().join(' '), expected)
    assert.equal(port.status, 'DOWN')
    assert.equal(port['binding:vif_type'], 'unbound')
  })

  it('goes DOWN, BUILD, ACTIVE as the host wires it and DHCP knows it, and DOWN when it is lost', async () => {
    const { network } = await cloud.network()
    await cloud.ovsHost('compute1')
    await cloud.ovsHost('network1', '10.0.1.21')
    await cloud.report('network1', 'DHCP agent')
    const port = await cloud.port(
      network.id,
      { device_owner: 'compute:nova', 'binding:host_id': 'compute1' },
      member('demo'),
    )
    assert.deepEqual(addressesOf(port), ['192.168.1.2'])
    assert.equal(port['binding:vif_type'], 'ovs')
    assert.equal((port['binding:vif_details'] as Record<string, unknown>).ovs_hybrid_plug, true)
    const status = async () => (await cloud.show('ports', port.id)).status
    await cloud.ready('compute2', [port.id])
    assert.equal(await status(), 'DOWN', 'another host cannot say so')
    await cloud.ready('compute1', [port.id])
    assert.equal(await status(), 'BUILD')
    await cloud.ready('network1', [port.id], 'dhcp')
    assert.equal(await status(), 'ACTIVE')
    await cloud.ready('network1', [], 'dhcp', true)
    assert.equal(await status(), 'ACTIVE', 'a DHCP server that goes away does not take instances down')
    await cloud.ready('compute1', [], 'l2', true)
    assert.equal(await status(), 'DOWN')
  })

  it('gets its DHCP port after its own address, and loses it with the network', async () => {
    const { network } = await cloud.network()
    await cloud.ovsHost('network1')
    await cloud.report('network1', 'DHCP agent')
    assert.equal((await cloud.list('ports')).length, 0, 'no instance, no DHCP')
    const port = await cloud.port(network.id, { device_owner: 'compute:nova' })
    const [dhcp] = await cloud.list('ports', admin, { filters: { device_owner: ['network:dhcp'] } })
    assert.deepEqual(addressesOf(dhcp!), ['192.168.1.3'])
    assert.equal(dhcp!.device_id, `dhcp79ac16b7-042f-5762-9c87-2b0b99a9dacb-${network.id}`)
    assert.equal(dhcp!['binding:vif_type'], 'ovs')
    assert.deepEqual((await cloud.show('networks', network.id)).availability_zones, ['nova'])
    await assert.rejects(cloud.collection('networks').delete(admin, network.id), fault('NetworkInUse', 409))
    await cloud.collection('ports').delete(admin, port.id)
    await cloud.collection('networks').delete(admin, network.id)
    assert.deepEqual(await cloud.list('ports'), [])
    assert.deepEqual(
      (await cloud.store.load()).objects.filter(({ kind }) => ['network', 'subnet', 'port'].includes(kind)),
      [],
    )
  })

  it('gets DHCP for any port but the service’s own', async () => {
    const { network } = await cloud.network()
    await cloud.report('network1', 'DHCP agent')
    const agents = () => cloud.list('ports', admin, { filters: { device_owner: ['network:dhcp'] } })
    await cloud.port(network.id, { device_owner: 'network:router_interface' }, admin)
    assert.equal((await agents()).length, 0)
    await cloud.port(network.id)
    assert.equal((await agents()).length, 1)
  })

  it('schedules DHCP when the agent appears later, and binds ports when their host appears later', async () => {
    const { network } = await cloud.network()
    const port = await cloud.port(network.id, { device_owner: 'compute:nova', 'binding:host_id': 'compute1' })
    assert.equal(port['binding:vif_type'], 'binding_failed')
    await cloud.report('network1', 'DHCP agent')
    const [dhcp] = await cloud.list('ports', admin, { filters: { device_owner: ['network:dhcp'] } })
    assert.equal(dhcp!['binding:vif_type'], 'binding_failed', 'no Open vSwitch agent yet')
    await cloud.ovsHost('network1')
    await cloud.ovsHost('compute1')
    assert.equal((await cloud.show('ports', dhcp!.id))['binding:vif_type'], 'ovs')
    assert.equal((await cloud.show('ports', port.id))['binding:vif_type'], 'ovs')
  })

  it('moves to another host: unbound there, DOWN until wired here', async () => {
    const { network } = await cloud.network()
    await cloud.ovsHost('compute1')
    await cloud.ovsHost('compute2', '10.0.1.32')
    const port = await cloud.port(network.id, { device_owner: 'compute:nova', 'binding:host_id': 'compute1' })
    await cloud.ready('compute1', [port.id])
    assert.equal((await cloud.show('ports', port.id)).status, 'ACTIVE')
    const moved = await cloud.collection('ports').update(admin, port.id, { 'binding:host_id': 'compute2' })
    assert.equal(moved.status, 'DOWN')
    await cloud.ready('compute2', [port.id])
    assert.equal((await cloud.show('ports', port.id)).status, 'ACTIVE')
    const back = await cloud.collection('ports').update(admin, port.id, { 'binding:host_id': 'compute1' })
    assert.equal(back.status, 'ACTIVE', 'compute1 never lost it')
    const unbound = await cloud.collection('ports').update(admin, port.id, { 'binding:host_id': '' })
    assert.deepEqual(
      [unbound.status, unbound['binding:vif_type'], unbound['binding:vif_details']],
      ['DOWN', 'unbound', {}],
    )
  })

  it('is a distributed interface: ACTIVE while any host has it', async () => {
    const { network } = await cloud.network()
    const port = await cloud.port(network.id, { device_owner: 'network:router_interface_distributed' }, admin)
    assert.equal(port['binding:vif_type'], 'distributed')
    await cloud.ready('compute1', [port.id])
    await cloud.ready('compute2', [port.id])
    assert.equal((await cloud.show('ports', port.id)).status, 'ACTIVE')
    await cloud.ready('compute1', [], 'l2', true)
    assert.equal((await cloud.show('ports', port.id)).status, 'ACTIVE')
    await cloud.ready('compute2', [], 'l2', true)
    assert.equal((await cloud.show('ports', port.id)).status, 'DOWN')
    await assert.rejects(cloud.collection('ports').delete(admin, port.id), {
      type: 'ServicePortInUse',
      message: `Port ${port.id} cannot be deleted directly via the port API: has device owner network:router_interface_distributed.`,
    })
  })

  it('takes addresses in every form and keeps those that stay', async () => {
    const { network, subnet } = await cloud.network()
    const ip = (ip_address: string) => ({ ip_address })
    const port = await cloud.port(network.id, { fixed_ips: [ip('192.168.1.50'), { subnet_id: subnet.id }] })
    assert.deepEqual(addressesOf(port), ['192.168.1.50', '192.168.1.2'])
    assert.deepEqual(addressesOf(await cloud.port(network.id, { fixed_ips: [] })), [])
    await assert.rejects(cloud.port(network.id, { fixed_ips: [ip('192.168.1.50')] }), fault('IpAddressInUse', 409))
    await assert.rejects(cloud.port(network.id, { fixed_ips: [ip('10.0.0.1')] }), fault('InvalidIpForNetwork', 400))
    await assert.rejects(
      cloud.port(network.id, { fixed_ips: [{ subnet_id: subnet.id, ip_address: '192.168.1.255' }] }),
      fault('InvalidIpForSubnet', 400),
    )
    const changed = await cloud.collection('ports').update(member('demo'), port.id, {
      fixed_ips: [{ subnet_id: subnet.id }, ip('192.168.1.60')],
    })
    assert.deepEqual(addressesOf(changed), ['192.168.1.50', '192.168.1.60'])
    assert.deepEqual(
      addressesOf(await cloud.port(network.id)),
      ['192.168.1.2'],
      'a released address is the lowest free again',
    )
  })

  it('adds the address that an instance makes itself on IPv6 subnets', async () => {
    const { network } = await cloud.network()
    await cloud.create('subnets', {
      network_id: network.id,
      ip_version: 6,
      cidr: '2001:db8:1::/64',
      ipv6_ra_mode: 'slaac',
      ipv6_address_mode: 'slaac',
    })
    const port = await cloud.port(network.id, { mac_address: 'fa:16:3e:00:00:01' })
    assert.deepEqual(addressesOf(port), ['192.168.1.2', '2001:db8:1:0:f816:3eff:fe00:1'])
    await assert.rejects(cloud.port(network.id, { mac_address: 'FA:16:3E:00:00:01' }), fault('MacAddressInUse', 409))
  })

  it('has its automatic addresses beside those asked for, and keeps them until it has none at all', async () => {
    const { network, subnet } = await cloud.network()
    const ports = cloud.collection('ports')
    const subnet6 = (cidr: string, mode: string) =>
      cloud.create('subnets', {
        network_id: network.id,
        ip_version: 6,
        cidr,
        ipv6_ra_mode: mode,
        ipv6_address_mode: mode,
      })
    const slaac = await subnet6('2001:db8:1::/64', 'slaac')
    await subnet6('2001:db8:2::/64', 'dhcpv6-stateless')
    const stateful = await subnet6('2001:db8:3::/64', 'dhcpv6-stateful')
    const own = ['2001:db8:1:0:f816:3eff:fe00:1', '2001:db8:2:0:f816:3eff:fe00:1']
    const mac_address = 'fa:16:3e:00:00:01'
    const port = await cloud.port(network.id, { mac_address, fixed_ips: [{ subnet_id: subnet.id }] })
    // subnets that are equally old are in no order
    const sorted = (ips: readonly string[]) => [...ips].sort()
    assert.deepEqual(sorted(addressesOf(port)), ['192.168.1.2', ...own])
    const change = async (fixed_ips: Attributes[]) =>
      sorted(addressesOf(await ports.update(admin, port.id, { fixed_ips })))
    assert.deepEqual(await change([{ ip_address: '192.168.1.9' }]), ['192.168.1.9', ...own])
    assert.deepEqual(await change([{ subnet_id: stateful.id }]), [...own, '2001:db8:3::2'])
    assert.deepEqual(await change([{ ip_address: own[0] }, { ip_address: '192.168.1.9' }]), ['192.168.1.9', ...own])
    assert.deepEqual(await change([]), [])
    assert.deepEqual(await change([{ subnet_id: slaac.id }]), own)
    await assert.rejects(
      cloud.port(network.id, { fixed_ips: [{ subnet_id: slaac.id, ip_address: '2001:db8:1::7' }] }),
      fault('AllocationOnAutoAddressSubnet', 400),
    )
    const moved = await ports.update(admin, port.id, { mac_address: 'fa:16:3e:00:00:02' })
    assert.deepEqual(
      sorted(addressesOf(moved)),
      own.map((ip) => ip.replace(/1$/, '2')),
    )
    const only = await cloud.port(network.id, { fixed_ips: [{ subnet_id: slaac.id }] })
    assert.equal(addressesOf(only).length, 2, 'a host takes the addresses of all such subnets')
  })

  it('joins the default group, or what is asked, and needs port security for it', async () => {
    const { network } = await cloud.network()
    const [group] = await cloud.list('security_groups', member('demo'))
    const port = await cloud.port(network.id)
    assert.deepEqual(port.security_groups, [group!.id])
    const open = await cloud.port(network.id, { port_security_enabled: false })
    assert.deepEqual(open.security_groups, [])
    await assert.rejects(
      cloud.port(network.id, { port_security_enabled: false, security_groups: [group!.id] }),
      fault('PortSecurityAndIPRequiredForSecurityGroups', 409),
    )
    await assert.rejects(
      cloud.collection('ports').update(member('demo'), port.id, { port_security_enabled: false }),
      fault('PortSecurityPortHasSecurityGroup', 409),
    )
    const other = await cloud.create('security_groups', { name: 'theirs' }, member('other'))
    await assert.rejects(cloud.port(network.id, { security_groups: [other.id] }), fault('SecurityGroupNotFound', 404))
  })

  it("is seen by its project and the network's owner only", async () => {
    const network = await cloud.create('networks', { shared: true }, member('demo'))
    const port = await cloud.port(network.id, {}, member('other'))
    assert.equal((await cloud.list('ports', member('demo'))).length, 1)
    await assert.rejects(cloud.show('ports', port.id, member('third')), fault('PortNotFound', 404))
    await assert.rejects(cloud.port(crypto.randomUUID()), fault('NetworkNotFound', 404))
  })

  it('refuses a change of something that was changed meanwhile', async () => {
    const { network } = await cloud.network()
    const port = await cloud.port(network.id)
    const revision = port.revision_number as number
    await cloud.collection('ports').update(member('demo'), port.id, { name: 'a' }, revision)
    await assert.rejects(cloud.collection('ports').update(member('demo'), port.id, { name: 'b' }, revision), {
      status: 412,
      message: `Constrained to ${revision}, but current revision is ${revision + 1}`,
    })
  })
})
