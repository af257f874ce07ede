import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Browser, Entries } from './browser.js'
import { named, rowWith, type Visit } from './visit.js'

const NETWORKS = '/project/networks/'
const ROUTERS = '/project/routers/'
const GROUPS = '/project/security_groups/'

/** Project > Network, as a member: leaves `net` (with `subnet`) and `net2` on the router `edge`, and a group `web`. */
export function projectNetwork(visit: () => Visit): void {
  it('makes, changes and deletes networks, subnets and ports', async () => {
    const { demo, lab } = visit()
    await demo.fill(`${NETWORKS}create`, {
      ...{ net_name: 'front', subnet_name: 'front-v4', cidr: '10.1.0.0/24', gateway_ip: '10.1.0.1', mtu: 1400 },
      ...{ allocation_pools: '10.1.0.10,10.1.0.99', dns_nameservers: '192.0.2.53' },
      host_routes: '198.51.100.0/24,10.1.0.254',
    })
    const { id, mtu } = await named(visit(), 'networks', 'front')
    assert.equal(mtu, 1400)
    const subnet = await named(visit(), 'subnets', 'front-v4')
    assert.deepEqual(subnet.allocation_pools, [{ start: '10.1.0.10', end: '10.1.0.99' }])
    assert.deepEqual(subnet.host_routes, [{ destination: '198.51.100.0/24', nexthop: '10.1.0.254' }])
    assert.equal(rowWith(await demo.read(NETWORKS), 'front-v4'), id)

    await demo.fill(`${NETWORKS}${id}/update`, { name: 'back' })
    await demo.fill(`${NETWORKS}${id}/subnets/create`, {
      ...{ subnet_name: 'back-v6', cidr: '2001:db8:1::/64', ip_version: 6, ipv6_modes: 'slaac/slaac' },
    })
    await demo.fill(`${NETWORKS}${id}/subnets/${subnet.id}/update`, { subnet_name: 'back-v4', no_gateway: true })
    assert.equal((await named(visit(), 'subnets', 'back-v4')).gateway_ip, null)
    assert.equal((await lab.demo.network.list('subnets', { ipv6_ra_mode: 'slaac' }))[0]?.name, 'back-v6')
    const port = await aPort(id)
    for (const tab of ['overview', 'subnets_tab', 'ports_tab'])
      await demo.read(`${NETWORKS}${id}/detail?tab=network_tabs__${tab}`)
    await demo.read(`${NETWORKS}subnets/${subnet.id}/detail`)

    await demo.press(`${NETWORKS}${id}/detail?tab=network_tabs__ports_tab`, `ports__delete__${port}`)
    await demo.press(`${NETWORKS}${id}/detail?tab=network_tabs__subnets_tab`, `subnets__delete__${subnet.id}`)
    await demo.press(NETWORKS, `networks__delete__${id}`)
    assert.deepEqual(await lab.admin.network.list('networks', { name: 'back' }), [])
  })

  /** Makes a port on a network, and changes what can be changed. */
  async function aPort(networkId: string): Promise<string> {
    const { demo, lab } = visit()
    const address = { specify_ip: 'fixed_ip', fixed_ip: '10.1.0.77' }
    await demo.fill(`${NETWORKS}${networkId}/ports/create`, { name: 'port', ...address })
    const port = await named(visit(), 'ports', 'port')
    assert.ok(port.fixed_ips.some(({ ip_address }) => ip_address === '10.1.0.77'))
    const pair = { ip: '10.1.0.88', mac: '02:00:00:00:00:88' }
    await demo.fill(`${NETWORKS}ports/${port.id}/addallowedaddresspairs`, pair)
    const { port: shown } = await lab.demo.network.get<{ port: { allowed_address_pairs: unknown } }>(
      `/v2.0/ports/${port.id}`,
    )
    assert.deepEqual(shown.allowed_address_pairs, [{ ip_address: pair.ip, mac_address: pair.mac }])
    await demo.read(`${NETWORKS}ports/${port.id}/detail`)
    await demo.press(`${NETWORKS}ports/${port.id}/detail`, `allowed_address_pairs__delete__${pair.ip}`)
    const changes = { name: 'open-port', admin_state: null, port_security_enabled: null }
    await demo.fill(`${NETWORKS}${networkId}/ports/${port.id}/update`, changes)
    const open = await lab.demo.network.list('ports', { port_security_enabled: 'False', admin_state_up: 'False' })
    assert.deepEqual(
      open.map(({ name }) => name),
      ['open-port'],
    )
    return port.id
  }

  it('makes a router with a gateway, interfaces and extra routes', async () => {
    const { demo, lab, external } = visit()
    await demo.fill(`${NETWORKS}create`, { net_name: 'net', subnet_name: 'subnet', cidr: '10.2.0.0/24' })
    await demo.fill(`${NETWORKS}create`, { net_name: 'net2', subnet_name: 'subnet2', cidr: '10.3.0.0/24' })
    await demo.fill(`${ROUTERS}create/`, { name: 'router', external_network: external.id })
    const { id } = await named(visit(), 'routers', 'router')
    const subnets = await Promise.all(['subnet', 'subnet2'].map((name) => named(visit(), 'subnets', name)))
    for (const subnet of subnets) await addInterface(demo, id, subnet.id)
    const interfaces = await lab.admin.network.list('ports', { device_id: id, fixed_ips: 'ip_address_substr=.0.1' })
    const addresses = interfaces.flatMap((port) => port.fixed_ips.map(({ ip_address }) => ip_address))
    assert.ok(addresses.includes('10.2.0.1') && addresses.includes('10.3.0.1'), addresses.join())

    const route = { destination: '198.51.100.0/24', nexthop: '10.2.0.254' }
    await demo.fill(`${ROUTERS}${id}/addrouterroute`, route)
    assert.deepEqual((await named(visit(), 'routers', 'router')).routes, [route])
    const tab = (name: string) => `${ROUTERS}${id}/?tab=router_details__${name}`
    const routes = await demo.read(tab('extra_routes'))
    await demo.press(routes, `extra_routes__delete__${rowWith(routes, route.destination)}`)
    await demo.press(ROUTERS, `routers__clear__${id}`)
    assert.equal((await named(visit(), 'routers', 'router')).external_gateway_info, null)
    await demo.fill(`${ROUTERS}${id}/setgateway`, { network_id: external.id })
    await demo.fill(`${ROUTERS}${id}/update`, { name: 'edge' })
    const edge = await named(visit(), 'routers', 'edge')
    assert.equal(edge.external_gateway_info?.network_id, external.id)
    assert.deepEqual(edge.routes, [])
    for (const name of ['overview', 'interfaces']) await demo.read(tab(name))
  })

  it('takes an interface away and deletes a router', async () => {
    const { demo, lab } = visit()
    await demo.fill(`${ROUTERS}create/`, { name: 'spare', admin_state_up: null })
    const { id } = await named(visit(), 'routers', 'spare')
    const { id: subnetId } = await named(visit(), 'subnets', 'subnet')
    await addInterface(demo, id, subnetId, { ip_address: '10.2.0.9' })
    const interfaces = await demo.read(`${ROUTERS}${id}/?tab=router_details__interfaces`)
    const port = rowWith(interfaces, '10.2.0.9')
    await demo.press(interfaces, `interfaces__delete__${port}`)
    assert.deepEqual(await lab.admin.network.list('ports', { id: port }), [])
    await demo.press(ROUTERS, `routers__delete__${id}`)
    assert.deepEqual(await lab.admin.network.list('routers', { name: 'spare' }), [])
  })

  it('makes a security group with rules of each form', async () => {
    const { demo, lab } = visit()
    await demo.fill(`${GROUPS}create/`, { name: 'group', description: 'for tests' })
    const { id } = await named(visit(), 'security-groups', 'group')
    await demo.fill(`${GROUPS}${id}/update/`, { name: 'web' })
    const rules: readonly [Entries, Record<string, unknown>][] = [
      [
        { rule_menu: 'tcp', port_or_range: 'port', port: 80 },
        { protocol: 'tcp', port_range_min: 80 },
      ],
      [
        { rule_menu: 'udp', port_or_range: 'range', from_port: 5000, to_port: 5009, cidr: '2001:db8::/32' },
        { ethertype: 'IPv6', protocol: 'udp', port_range_min: 5000, port_range_max: 5009 },
      ],
      [
        { rule_menu: 'icmp', icmp_type: 8, icmp_code: 0 },
        { protocol: 'icmp', port_range_min: 8, port_range_max: 0 },
      ],
      [
        { rule_menu: 'custom', ip_protocol: 132, direction: 'egress' },
        { protocol: '132', direction: 'egress' },
      ],
      [{ rule_menu: 'all_icmp' }, { protocol: 'icmp', port_range_min: null, remote_ip_prefix: '0.0.0.0/0' }],
      [
        { rule_menu: 'all_tcp', remote: 'sg', security_group: id },
        { protocol: 'tcp', remote_group_id: id },
      ],
    ]
    for (const [index, [entries, expected]] of rules.entries()) {
      const description = `rule ${index}`
      await demo.fill(`${GROUPS}${id}/add_rule/`, { ...entries, description })
      const [rule] = await lab.demo.network.list('security-group-rules', { description })
      assert.ok(rule, description)
      assert.deepEqual({ ...rule, ...expected }, rule)
    }
    const [rule] = await lab.demo.network.list('security-group-rules', { description: 'rule 0' })
    await demo.press(`${GROUPS}${id}/`, `rules__delete__${rule!.id}`)
    assert.deepEqual(await lab.demo.network.list('security-group-rules', { description: 'rule 0' }), [])
    const twice = await demo.submit(await demo.read(`${GROUPS}${id}/add_rule/`), rules[1]![0])
    assert.match(twice.complaints.join(), /already exists/)

    await demo.fill(`${GROUPS}create/`, { name: 'unused' })
    const unused = await named(visit(), 'security-groups', 'unused')
    await demo.press(GROUPS, `security_groups__delete__${unused.id}`)
    assert.deepEqual(await lab.demo.network.list('security-groups', { name: 'unused' }), [])
  })

  it('makes trunks with subports, as the panel’s scripts do', async () => {
    const { demo, lab } = visit()
    await demo.read('/project/trunks/')
    const { id: network_id } = await named(visit(), 'networks', 'net2')
    const ports = await Promise.all(
      ['parent', 'sub1', 'sub2'].map((name) => lab.demo.network.create('ports', { name, network_id })),
    )
    const offered = await demo.script<{ items: { id: string; trunk_id?: string }[] }>('GET', '/api/neutron/ports/')
    assert.ok(ports.every((port) => offered.items.some(({ id }) => id === port.id)))
    const [parent, sub1, sub2] = ports.map(({ id }) => id)
    const subport = (port_id: string | undefined, segmentation_id: number) => ({
      ...{ port_id, segmentation_id, segmentation_type: 'vlan' },
    })
    const body = { name: 'trunk', admin_state_up: true, port_id: parent, sub_ports: [subport(sub1, 100)] }
    const trunk = await demo.script<{ id: string; description: string }>('POST', '/api/neutron/trunks/', body)
    const path = `/api/neutron/trunks/${trunk.id}/`
    const next = { ...trunk, description: 'changed', sub_ports: [subport(sub2, 200)] }
    await demo.script('PATCH', path, [trunk, next])
    const shown = await demo.script<{ sub_ports: unknown[]; description: string }>('GET', path)
    assert.deepEqual([shown.description, shown.sub_ports], ['changed', [subport(sub2, 200)]])
    await demo.script('DELETE', path)
    for (const { id } of ports) await lab.demo.network.remove('ports', id)
  })
}

/** Adds a subnet to a router; the form offers it by the name of its network and its own. */
async function addInterface(browser: Browser, routerId: string, subnetId: string, more: Entries = {}): Promise<void> {
  const page = await browser.read(`${ROUTERS}${routerId}/addinterface`)
  const choice = page
    .form('subnet_id')
    .choices.get('subnet_id')
    ?.find(({ value }) => value.includes(subnetId))
  assert.ok(choice, `${page.url} does not offer ${subnetId}`)
  await browser.fill(page, { subnet_id: choice.value, ...more })
}
