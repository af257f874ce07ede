import { expect } from '../proof/expect.js'
import { daemonsOf } from '../spec.js'
import type { Step, Walk } from './runner.js'

/** The guide's verification walk-through, step by step. Each step checks what the guide shows. */
export const steps: readonly Step[] = [
  {
    section: '6.1',
    title: 'agents',
    async run(walk) {
      const output = await walk.client('admin', 'neutron', 'agent-list')
      const agents = walk.state.spec.nodes.flatMap((node) =>
        daemonsOf(node)
          .filter((daemon) => daemon.endsWith('-agent'))
          .map((daemon) => ({ host: node.name, daemon })),
      )
      const rows = tableRows(output)
      expect(rows.length === agents.length, `${rows.length} agents, expected ${agents.length}`)
      for (const { host, daemon } of agents) {
        const row = rows.find((cells) => cells[2] === host && cells[5] === daemon)
        expect(row?.[3] === ':-)', `${daemon} on ${host} is not alive`)
      }
      for (const node of ['network1', 'compute1', 'compute2']) await expectNamespaces(walk, node, [])
    },
  },
  {
    section: '6.2',
    title: 'external network',
    async run(walk) {
      const network = await walk.client(
        'admin',
        'neutron',
        'net-create',
        'ext-net',
        '--router:external',
        '--provider:physical_network',
        'external',
        '--provider:network_type',
        'flat',
      )
      expect(network.startsWith('Created a new network:'), 'no network was created')
      const subnet = await walk.client(
        'admin',
        'neutron',
        'subnet-create',
        'ext-net',
        '203.0.113.0/24',
        '--allocation-pool',
        'start=203.0.113.101,end=203.0.113.200',
        '--disable-dhcp',
        '--gateway',
        '203.0.113.1',
      )
      expect(field(subnet, 'gateway_ip') === '203.0.113.1', 'the subnet has another gateway')
      walk.found.extNet = field(network, 'id')
    },
  },
  {
    section: '6.3',
    title: 'project network, subnet, router',
    async run(walk) {
      const project = await walk.client('admin', 'openstack', 'project', 'show', 'demo')
      const network = await walk.client(
        'admin',
        'neutron',
        'net-create',
        'demo-net',
        '--tenant-id',
        field(project, 'id'),
        '--provider:network_type',
        'vxlan',
      )
      expect(field(network, 'provider:network_type') === 'vxlan', 'the network is no VXLAN network')
      walk.found.demoNet = field(network, 'id')
      const subnet = await walk.client(
        'demo',
        'neutron',
        'subnet-create',
        'demo-net',
        '--name',
        'demo-subnet',
        '--gateway',
        '192.168.1.1',
        '192.168.1.0/24',
      )
      expect(
        field(subnet, 'allocation_pools') === '{"start": "192.168.1.2", "end": "192.168.1.254"}',
        'unexpected allocation pool',
      )
      const router = await walk.client('demo', 'neutron', 'router-create', 'demo-router')
      walk.found.router = field(router, 'id')
      await walk.settled()
      for (const node of ['network1', 'compute1', 'compute2']) await expectNamespaces(walk, node, [])
      const added = await walk.client('demo', 'neutron', 'router-interface-add', 'demo-router', 'demo-subnet')
      expect(/^Added interface [0-9a-f-]{36} to router demo-router\.$/m.test(added), 'no interface was added')
      const set = await walk.client('demo', 'neutron', 'router-gateway-set', 'demo-router', 'ext-net')
      expect(set.trim() === 'Set gateway for router demo-router', 'no gateway was set')
      await walk.settled()
    },
  },
  {
    section: '6.4',
    title: 'network node and gateway',
    async run(walk) {
      const { router } = walk.found
      await expectNamespaces(walk, 'network1', [`qrouter-${router}`, `snat-${router}`])
      await expectNamespaces(walk, 'compute1', [])
      const ports = tableRows(await walk.client('admin', 'neutron', 'router-port-list', 'demo-router'))
      const addresses = ports.map((cells) => cells[3]!.match(/"ip_address": "([^"]+)"/)?.[1]).sort()
      expect(addresses.join() === '192.168.1.1,192.168.1.2,203.0.113.101', `router ports have ${addresses.join()}`)
      await walk.ping({ node: 'controller' }, '203.0.113.101')
    },
  },
  {
    section: '6.5',
    title: 'instance',
    async run(walk) {
      const { router, demoNet } = walk.found
      await walk.client(
        'demo',
        'nova',
        'boot',
        '--flavor',
        'm1.tiny',
        '--image',
        'cirros',
        '--nic',
        `net-id=${demoNet}`,
        '--poll',
        'demo-instance1',
      )
      await walk.settled()
      await expectNamespaces(walk, 'compute1', [`qrouter-${router}`])
      await expectNamespaces(walk, 'compute2', [])
      await expectNamespaces(walk, 'network1', [`qdhcp-${demoNet}`, `qrouter-${router}`, `snat-${router}`])
      await walk.ping({ instance: 'demo-instance1' }, '192.168.1.1')
      await walk.ping({ instance: 'demo-instance1' }, 'openstack.org')
    },
  },
  {
    section: '6.6',
    title: 'security group, floating IP',
    async run(walk) {
      const { router, demoNet, extNet } = walk.found
      const icmp = tableRows(
        await walk.client('demo', 'nova', 'secgroup-add-rule', 'default', 'icmp', '-1', '-1', '0.0.0.0/0'),
      )
      expect(icmp[0]?.slice(0, 4).join() === 'icmp,-1,-1,0.0.0.0/0', 'no ICMP rule was added')
      const ssh = tableRows(
        await walk.client('demo', 'nova', 'secgroup-add-rule', 'default', 'tcp', '22', '22', '0.0.0.0/0'),
      )
      expect(ssh[0]?.slice(0, 4).join() === 'tcp,22,22,0.0.0.0/0', 'no SSH rule was added')
      const created = await walk.client('demo', 'neutron', 'floatingip-create', 'ext-net')
      expect(field(created, 'floating_ip_address') === '203.0.113.102', 'the floating IP has another address')
      expect(field(created, 'status') === 'DOWN', 'a floating IP without a port is not DOWN')
      await walk.client('demo', 'nova', 'floating-ip-associate', 'demo-instance1', '203.0.113.102')
      await walk.settled()
      const listed = tableRows(await walk.client('demo', 'nova', 'list'))
      expect(listed[0]?.[5] === 'demo-net=192.168.1.3, 203.0.113.102', `nova list shows ${listed[0]?.[5]}`)
      await expectNamespaces(walk, 'compute1', [`fip-${extNet}`, `qrouter-${router}`])
      await expectNamespaces(walk, 'compute2', [])
      await expectNamespaces(walk, 'network1', [`qdhcp-${demoNet}`, `qrouter-${router}`, `snat-${router}`])
      await walk.ping({ node: 'outside' }, '203.0.113.102')
    },
  },
]

async function expectNamespaces(walk: Walk, node: string, expected: readonly string[]): Promise<void> {
  if (!(node in walk.state.inits)) return
  const found = await walk.namespaces(node)
  const wanted = [...expected].sort()
  expect(
    found.join() === wanted.join(),
    `${node} has namespaces ${found.join(', ') || 'none'}; expected ${wanted.join(', ') || 'none'}`,
  )
}

/** Cells of a printed table's rows, without its header. */
export function tableRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(1)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
}

/** Value of a field in a printed Field/Value table. */
export function field(text: string, name: string): string {
  const row = tableRows(text).find(([key]) => key === name)
  expect(row !== undefined, `no field '${name}' was printed`)
  return row[1]!
}
