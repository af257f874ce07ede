import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run, withCloud } from '../common/run.fake.js'
import { NEUTRON } from './program.js'

/** The walk-through's own output, ids included. */
const EXT_NET = `Created a new network:
+---------------------------+--------------------------------------+
| Field                     | Value                                |
+---------------------------+--------------------------------------+
| admin_state_up            | True                                 |
| id                        | 893aebb9-1c1e-48be-8908-6b947f3237b3 |
| name                      | ext-net                              |
| provider:network_type     | flat                                 |
| provider:physical_network | external                             |
| provider:segmentation_id  |                                      |
| router:external           | True                                 |
| shared                    | False                                |
| status                    | ACTIVE                               |
| subnets                   |                                      |
| tenant_id                 | 54cd044c64d5408b83f843d63624e0d8     |
+---------------------------+--------------------------------------+
`

test('6.2 external network', () =>
  withCloud(async (cloud) => {
    cloud.project = '54cd044c64d5408b83f843d63624e0d8'
    cloud.ids.push('893aebb9-1c1e-48be-8908-6b947f3237b3')
    const line =
      'net-create ext-net --router:external --provider:physical_network external --provider:network_type flat'
    assert.deepEqual(await run(NEUTRON, cloud, line), { code: 0, out: EXT_NET, err: '' })
    assert.deepEqual(cloud.requests.at(-1)?.body, {
      network: {
        name: 'ext-net',
        'router:external': true,
        'provider:physical_network': 'external',
        'provider:network_type': 'flat',
      },
    })
  }))

test('6.2 external subnet: options behind the positionals', () =>
  withCloud(async (cloud) => {
    cloud.project = '54cd044c64d5408b83f843d63624e0d8'
    cloud.add('networks', { id: '893aebb9-1c1e-48be-8908-6b947f3237b3', name: 'ext-net' })
    cloud.ids.push('9159f0dc-2b63-41cf-bd7a-289309da1391')
    const line =
      'subnet-create ext-net 203.0.113.0/24 --allocation-pool start=203.0.113.101,end=203.0.113.200 ' +
      '--disable-dhcp --gateway 203.0.113.1'
    const { out } = await run(NEUTRON, cloud, line)
    // The value column is as wide as its longest value; the guide's sample has two blanks more.
    assert.equal(
      out,
      `Created a new subnet:
+-------------------+----------------------------------------------------+
| Field             | Value                                              |
+-------------------+----------------------------------------------------+
| allocation_pools  | {"start": "203.0.113.101", "end": "203.0.113.200"} |
| cidr              | 203.0.113.0/24                                     |
| dns_nameservers   |                                                    |
| enable_dhcp       | False                                              |
| gateway_ip        | 203.0.113.1                                        |
| host_routes       |                                                    |
| id                | 9159f0dc-2b63-41cf-bd7a-289309da1391               |
| ip_version        | 4                                                  |
| ipv6_address_mode |                                                    |
| ipv6_ra_mode      |                                                    |
| name              |                                                    |
| network_id        | 893aebb9-1c1e-48be-8908-6b947f3237b3               |
| tenant_id         | 54cd044c64d5408b83f843d63624e0d8                   |
+-------------------+----------------------------------------------------+
`,
    )
  }))

test('6.3 project network for somebody else, by an administrator', () =>
  withCloud(async (cloud) => {
    cloud.ids.push('ac108952-6096-4243-adf4-bb6615b3de28')
    cloud.made.set('networks', { 'provider:segmentation_id': 1 })
    const line = 'net-create demo-net --tenant-id cdef0071a0194d19ac6bb63802dc9bae --provider:network_type vxlan'
    const { out } = await run(NEUTRON, cloud, line)
    assert.match(out, /^\| provider:segmentation_id {2}\| 1 {36}\|$/m)
    assert.match(out, /^\| tenant_id {17}\| cdef0071a0194d19ac6bb63802dc9bae {5}\|$/m)
    assert.equal(out.trim().split('\n').length, 16)
  }))

test('6.3 subnet, router, interface, gateway', () =>
  withCloud(async (cloud) => {
    cloud.add('networks', { id: 'ac108952-6096-4243-adf4-bb6615b3de28', name: 'demo-net' })
    cloud.add('networks', { id: '893aebb9-1c1e-48be-8908-6b947f3237b3', name: 'ext-net' })
    cloud.ids.push(
      '69d38773-794a-4e49-b887-6de6734e792d',
      '635660ae-a254-4feb-8993-295aa9ec6418',
      'b1a894fd-aee8-475c-9262-4342afdc1b58',
    )
    cloud.made.set('subnets', { allocation_pools: [{ start: '192.168.1.2', end: '192.168.1.254' }] })
    const subnet = 'subnet-create demo-net --name demo-subnet --gateway 192.168.1.1 192.168.1.0/24'
    assert.match((await run(NEUTRON, cloud, subnet)).out, /\| {"start": "192.168.1.2", "end": "192.168.1.254"} \|/)
    const { out } = await run(NEUTRON, cloud, 'router-create demo-router')
    assert.equal(
      out,
      `Created a new router:
+-----------------------+--------------------------------------+
| Field                 | Value                                |
+-----------------------+--------------------------------------+
| admin_state_up        | True                                 |
| distributed           | True                                 |
| external_gateway_info |                                      |
| ha                    | False                                |
| id                    | 635660ae-a254-4feb-8993-295aa9ec6418 |
| name                  | demo-router                          |
| routes                |                                      |
| status                | ACTIVE                               |
| tenant_id             | cdef0071a0194d19ac6bb63802dc9bae     |
+-----------------------+--------------------------------------+
`,
    )
    assert.equal(
      (await run(NEUTRON, cloud, 'router-interface-add demo-router demo-subnet')).out,
      'Added interface b1a894fd-aee8-475c-9262-4342afdc1b58 to router demo-router.\n',
    )
    const set = await run(NEUTRON, cloud, 'router-gateway-set demo-router ext-net')
    assert.equal(set.out, 'Set gateway for router demo-router\n')
    assert.deepEqual(cloud.requests.at(-1)?.body, {
      router: { external_gateway_info: { network_id: '893aebb9-1c1e-48be-8908-6b947f3237b3' } },
    })
    const clear = await run(NEUTRON, cloud, 'router-gateway-clear demo-router')
    assert.equal(clear.out, 'Removed gateway from router demo-router\n')
    const remove = await run(NEUTRON, cloud, 'router-interface-delete demo-router subnet=demo-subnet')
    assert.equal(remove.out, 'Removed interface from router demo-router.\n')
  }))

test('6.1 agents, by id', () =>
  withCloud(async (cloud) => {
    const agent = (id: string, agent_type: string, host: string, binary: string, alive = true) =>
      cloud.add('agents', { binary, id, agent_type, host, alive, admin_state_up: true, configurations: { a: 1 } })
    agent('319563ac-88f9-4352-b63e-e55beb673372', 'DHCP agent', 'network1', 'neutron-dhcp-agent', false)
    agent('10b084e5-4ab8-43d6-9b04-6d56f27f9cd4', 'Metadata agent', 'network1', 'neutron-metadata-agent')
    agent('2f90ef81-3eed-4ecf-b6b9-2d2c21dda85c', 'Open vSwitch agent', 'compute2', 'neutron-openvswitch-agent')
    assert.equal(
      (await run(NEUTRON, cloud, 'agent-list')).out,
      `+--------------------------------------+--------------------+----------+-------+----------------+---------------------------+
| id                                   | agent_type         | host     | alive | admin_state_up | binary                    |
+--------------------------------------+--------------------+----------+-------+----------------+---------------------------+
| 10b084e5-4ab8-43d6-9b04-6d56f27f9cd4 | Metadata agent     | network1 | :-)   | True           | neutron-metadata-agent    |
| 2f90ef81-3eed-4ecf-b6b9-2d2c21dda85c | Open vSwitch agent | compute2 | :-)   | True           | neutron-openvswitch-agent |
| 319563ac-88f9-4352-b63e-e55beb673372 | DHCP agent         | network1 | xxx   | True           | neutron-dhcp-agent        |
+--------------------------------------+--------------------+----------+-------+----------------+---------------------------+
`,
    )
    const show = await run(NEUTRON, cloud, 'agent-show 10b084e5-4ab8-43d6-9b04-6d56f27f9cd4')
    assert.match(show.out, /\| alive {10}\| True /)
    assert.match(show.out, /\| configurations \| {.*\n\| {16}\| {6}"a": 1 /)
  }))

test("6.4 a router's ports", () =>
  withCloud(async (cloud) => {
    cloud.add('routers', { id: 'r1', name: 'demo-router' })
    cloud.add('ports', {
      fixed_ips: [{ subnet_id: '69d38773-794a-4e49-b887-6de6734e792d', ip_address: '192.168.1.1' }],
      mac_address: 'fa:16:3e:c1:20:55',
      name: '',
      id: 'b1a894fd-aee8-475c-9262-4342afdc1b58',
      device_id: 'r1',
    })
    cloud.add('ports', { id: 'other', device_id: 'r2' })
    assert.equal(
      (await run(NEUTRON, cloud, 'router-port-list demo-router')).out,
      `+--------------------------------------+------+-------------------+------------------------------------------------------------------------------------+
| id                                   | name | mac_address       | fixed_ips                                                                          |
+--------------------------------------+------+-------------------+------------------------------------------------------------------------------------+
| b1a894fd-aee8-475c-9262-4342afdc1b58 |      | fa:16:3e:c1:20:55 | {"subnet_id": "69d38773-794a-4e49-b887-6de6734e792d", "ip_address": "192.168.1.1"} |
+--------------------------------------+------+-------------------+------------------------------------------------------------------------------------+
`,
    )
  }))

test('6.6 floating IP', () =>
  withCloud(async (cloud) => {
    cloud.project = '7cf50047f8df4824bc76c2fdf66d11ec'
    cloud.add('networks', { id: '9bce64a3-a963-4c05-bfcd-161f708042d1', name: 'ext-net' })
    cloud.ids.push('05e36754-e7f3-46bb-9eaa-3521623b3722')
    cloud.made.set('floatingips', { floating_ip_address: '203.0.113.102' })
    assert.equal(
      (await run(NEUTRON, cloud, 'floatingip-create ext-net')).out,
      `Created a new floatingip:
+---------------------+--------------------------------------+
| Field               | Value                                |
+---------------------+--------------------------------------+
| fixed_ip_address    |                                      |
| floating_ip_address | 203.0.113.102                        |
| floating_network_id | 9bce64a3-a963-4c05-bfcd-161f708042d1 |
| id                  | 05e36754-e7f3-46bb-9eaa-3521623b3722 |
| port_id             |                                      |
| router_id           |                                      |
| status              | DOWN                                 |
| tenant_id           | 7cf50047f8df4824bc76c2fdf66d11ec     |
+---------------------+--------------------------------------+
`,
    )
    const id = '05e36754-e7f3-46bb-9eaa-3521623b3722'
    assert.equal((await run(NEUTRON, cloud, `floatingip-associate ${id} p1`)).out, `Associated floating IP ${id}\n`)
    assert.equal((await run(NEUTRON, cloud, `floatingip-disassociate ${id}`)).out, `Disassociated floating IP ${id}\n`)
    assert.equal((await run(NEUTRON, cloud, `floatingip-delete ${id}`)).out, `Deleted floatingip: ${id}\n`)
  }))
