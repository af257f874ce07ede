import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run, withCloud } from '../common/run.fake.js'
import { OPENSTACK_COMMANDS } from './index.js'
import { OPENSTACK } from './program.js'

test('every command of the index is in its module, with the same summary', async () => {
  for (const [name, entry] of Object.entries(OPENSTACK_COMMANDS)) {
    assert.equal((await entry.load()).summary, entry.summary, name)
  }
})

test('6.3 project show', () =>
  withCloud(async (cloud) => {
    cloud.projects.push({
      id: 'cdef0071a0194d19ac6bb63802dc9bae',
      name: 'demo',
      description: 'Demo Project',
      enabled: true,
      domain_id: 'default',
      is_domain: false,
      parent_id: 'default',
      links: { self: 'x' },
    })
    assert.equal(
      (await run(OPENSTACK, cloud, 'project show demo')).out,
      `+-------------+----------------------------------+
| Field       | Value                            |
+-------------+----------------------------------+
| description | Demo Project                     |
| enabled     | True                             |
| id          | cdef0071a0194d19ac6bb63802dc9bae |
| name        | demo                             |
+-------------+----------------------------------+
`,
    )
    assert.equal(JSON.parse((await run(OPENSTACK, cloud, 'project show demo -f json')).out).domain_id, 'default')
    assert.equal((await run(OPENSTACK, cloud, 'project show demo -f value -c id')).out.length, 33)
    assert.match(
      (await run(OPENSTACK, cloud, 'project show no')).err,
      /^No project with a name or ID of 'no' exists\.$/m,
    )
  }))

test('options become the attributes of the API', () =>
  withCloud(async (cloud) => {
    cloud.add('networks', { id: 'n1', name: 'ext' })
    cloud.add('subnets', { id: 's1', name: 'sub', dns_nameservers: ['1.1.1.1'] })
    cloud.add('subnetpools', { id: 'sp1', name: 'pool', prefixes: ['10.1.0.0/16'] })
    cloud.add('address-scopes', { id: 'a1', name: 'scope' })
    cloud.add('routers', { id: 'r1', name: 'router', routes: [{ destination: '10.1.0.0/24', nexthop: '10.0.0.9' }] })
    cloud.add('security-groups', { id: 'g1', name: 'web' })
    cloud.add('ports', { id: 'p1', name: 'port', fixed_ips: [{ subnet_id: 's1', ip_address: '10.0.0.4' }] })
    cloud.add('floatingips', { id: 'f1', floating_ip_address: '203.0.113.102' })
    cloud.add('trunks', { id: 't1', name: 'trunk' })
    const cases: readonly [string, object][] = [
      [
        'network trunk create --parent-port port --subport port=port,segmentation-type=vlan,segmentation-id=7 t',
        {
          trunk: {
            name: 't',
            port_id: 'p1',
            sub_ports: [{ port_id: 'p1', segmentation_type: 'vlan', segmentation_id: '7' }],
          },
        },
      ],
      ['network trunk set trunk --name other --disable', { trunk: { name: 'other', admin_state_up: false } }],
      [
        'network trunk set other --subport port=port,segmentation-type=inherit',
        { sub_ports: [{ port_id: 'p1', segmentation_type: 'inherit' }] },
      ],
      ['network trunk unset other --subport port', { sub_ports: [{ port_id: 'p1' }] }],
      [
        'network create ext2 --external --share --provider-network-type flat --provider-physical-network external',
        {
          network: {
            'router:external': true,
            shared: true,
            'provider:network_type': 'flat',
            'provider:physical_network': 'external',
            name: 'ext2',
          },
        },
      ],
      [
        'subnet create --network ext --subnet-range 203.0.113.0/24 --no-dhcp --gateway none --allocation-pool start=a,end=b x',
        {
          subnet: {
            enable_dhcp: false,
            cidr: '203.0.113.0/24',
            name: 'x',
            network_id: 'n1',
            ip_version: 4,
            allocation_pools: [{ start: 'a', end: 'b' }],
            gateway_ip: null,
          },
        },
      ],
      [
        'subnet create --network ext --use-default-subnet-pool --prefix-length 26 x',
        { subnet: { use_default_subnetpool: true, prefixlen: 26, name: 'x', network_id: 'n1', ip_version: 4 } },
      ],
      [
        'subnet pool create --pool-prefix 10.0.0.0/8 --default-prefix-length 24 --address-scope scope --share p2',
        {
          subnetpool: {
            default_prefixlen: 24,
            shared: true,
            name: 'p2',
            address_scope_id: 'a1',
            prefixes: ['10.0.0.0/8'],
          },
        },
      ],
      ['subnet pool set pool --pool-prefix 10.2.0.0/16', { subnetpool: { prefixes: ['10.1.0.0/16', '10.2.0.0/16'] } }],
      ['address scope create --ip-version 6 six', { address_scope: { name: 'six', ip_version: 6 } }],
      [
        'network rbac create --type subnetpool --action access_as_shared --target-all-projects pool',
        {
          rbac_policy: { object_type: 'subnetpool', object_id: 'sp1', action: 'access_as_shared', target_tenant: '*' },
        },
      ],
      ['subnet set sub --dns-nameserver 8.8.8.8', { subnet: { dns_nameservers: ['1.1.1.1', '8.8.8.8'] } }],
      ['subnet unset sub --dns-nameserver 1.1.1.1', { subnet: { dns_nameservers: ['8.8.8.8'] } }],
      [
        'router set router --external-gateway ext --disable-snat --fixed-ip subnet=sub,ip-address=203.0.113.5',
        {
          router: {
            external_gateway_info: {
              network_id: 'n1',
              enable_snat: false,
              external_fixed_ips: [{ subnet_id: 's1', ip_address: '203.0.113.5' }],
            },
          },
        },
      ],
      [
        'router set router --route destination=10.2.0.0/24,gateway=10.0.0.8',
        {
          router: {
            routes: [
              { destination: '10.1.0.0/24', nexthop: '10.0.0.9' },
              { destination: '10.2.0.0/24', nexthop: '10.0.0.8' },
            ],
          },
        },
      ],
      [
        'router unset router --route destination=10.1.0.0/24,gateway=10.0.0.9',
        { router: { routes: [{ destination: '10.2.0.0/24', nexthop: '10.0.0.8' }] } },
      ],
      ['network set ext --no-tag --tag a', { tags: ['a'] }],
      ['router unset router --external-gateway', { router: { external_gateway_info: {} } }],
      ['router add subnet router sub', { subnet_id: 's1' }],
      [
        'port set port --disable-port-security --no-security-group',
        { port: { port_security_enabled: false, security_groups: [] } },
      ],
      [
        'port set port --fixed-ip subnet=sub,ip-address=10.0.0.5',
        {
          port: {
            fixed_ips: [
              { subnet_id: 's1', ip_address: '10.0.0.4' },
              { subnet_id: 's1', ip_address: '10.0.0.5' },
            ],
          },
        },
      ],
      ['floating ip create ext --port port', { floatingip: { floating_network_id: 'n1', port_id: 'p1' } }],
      ['floating ip set --port port 203.0.113.102', { floatingip: { port_id: 'p1' } }],
      ['floating ip unset --port 203.0.113.102', { floatingip: { port_id: null } }],
      [
        'security group rule create web --protocol tcp --dst-port 80:81 --remote-ip 0.0.0.0/0',
        {
          security_group_rule: {
            remote_ip_prefix: '0.0.0.0/0',
            protocol: 'tcp',
            security_group_id: 'g1',
            direction: 'ingress',
            ethertype: 'IPv4',
            port_range_min: 80,
            port_range_max: 81,
          },
        },
      ],
    ]
    for (const [line, body] of cases) {
      const { code, err } = await run(OPENSTACK, cloud, line)
      assert.deepEqual([code, err], [0, ''], line)
      const sent = cloud.requests.findLast(({ method }) => method === 'POST' || method === 'PUT')
      assert.deepEqual(sent?.body, body, line)
    }
  }))

test('cells for people, values for programs', () =>
  withCloud(async (cloud) => {
    cloud.add('networks', {
      id: 'n1',
      name: 'a',
      admin_state_up: true,
      'router:external': true,
      mtu: null,
      subnets: ['s2', 's1'],
    })
    const { out } = await run(OPENSTACK, cloud, 'network show a')
    assert.match(out, /^\| admin_state_up +\| UP +\|$/m)
    assert.match(out, /^\| router:external +\| External +\|$/m)
    assert.match(out, /^\| mtu +\| None +\|$/m)
    assert.match(out, /^\| subnets +\| s1, s2 +\|$/m)
    const json = JSON.parse((await run(OPENSTACK, cloud, 'network show a -f json')).out)
    assert.deepEqual([json.admin_state_up, json['router:external'], json.subnets], [true, true, ['s2', 's1']])
    assert.match((await run(OPENSTACK, cloud, 'network list')).out, /^\| ID \| Name \| Subnets \|$/m)
    assert.equal((await run(OPENSTACK, cloud, 'network list -f csv')).out, '"ID","Name","Subnets"\n"n1","a","s1, s2"\n')
  }))

test('rules, routers and agents as the client lists them', () =>
  withCloud(async (cloud) => {
    const rule = { direction: 'ingress', ethertype: 'IPv4', remote_ip_prefix: null, remote_group_id: null }
    cloud.add('security-group-rules', {
      ...rule,
      id: 'r1',
      protocol: 'tcp',
      port_range_min: 22,
      port_range_max: 22,
      security_group_id: 'g',
    })
    const rules = await run(OPENSTACK, cloud, 'security group rule list -f value')
    assert.equal(rules.out, 'r1 tcp IPv4 0.0.0.0/0 22:22 ingress None None g\n')
    cloud.add('agents', {
      id: 'a1',
      agent_type: 'L3 agent',
      host: 'c1',
      availability_zone: 'nova',
      alive: true,
      admin_state_up: true,
      binary: 'b',
    })
    assert.equal((await run(OPENSTACK, cloud, 'network agent list -f value')).out, 'a1 L3 agent c1 nova :-) UP b\n')
  }))

test('failures', () =>
  withCloud(async (cloud) => {
    cloud.add('networks', { id: 'n1', name: 'a' })
    cloud.replies.set('DELETE /v2.0/networks/n1', {
      status: 409,
      body: { NeutronError: { type: 'NetworkInUse', message: 'in use', detail: '' } },
    })
    const cases: readonly [string, number, RegExp][] = [
      ['network show b', 1, /^No Network found for b\n$/],
      ['router add subnet x y', 1, /^No (Router|Subnet) found for [xy]\n$/],
      [
        'network delete a',
        1,
        /^ConflictException: 409: Client Error for url: http:\S+\/v2\.0\/networks\/n1, in use\n$/,
      ],
      ['network create', 2, /required: <name>/],
      ['network create x --frobnicate', 2, /unrecognized arguments: --frobnicate/],
      ['subnet create x --network a', 1, /subnet range or a subnet pool/],
      ['nonsense command', 1, /Unknown command 'nonsense command'/],
    ]
    for (const [line, code, text] of cases) {
      const outcome = await run(OPENSTACK, cloud, line)
      assert.equal(outcome.code, code, `${line}: ${outcome.err}`)
      assert.match(outcome.err, text, line)
    }
  }))

test('segments and ranges of their ids', () =>
  withCloud(async (cloud) => {
    cloud.add('networks', { id: 'n1', name: 'net' })
    const segment = '--network net --network-type vlan --physical-network p --segment 7'
    await run(OPENSTACK, cloud, `network segment create second ${segment}`)
    const asked = { name: 'second', network_id: 'n1', network_type: 'vlan', physical_network: 'p', segmentation_id: 7 }
    assert.deepEqual(cloud.requests.at(-1)?.body, { segment: asked })
    cloud.add('segments', { id: 's1', name: 'rack' })
    await run(OPENSTACK, cloud, 'subnet create sub --network net --subnet-range 10.0.0.0/24 --network-segment rack')
    const subnet = { name: 'sub', network_id: 'n1', ip_version: 4, cidr: '10.0.0.0/24', segment_id: 's1' }
    assert.deepEqual(cloud.requests.at(-1)?.body, { subnet })
    cloud.add('subnets', { id: 'sub1', name: 'old' })
    await run(OPENSTACK, cloud, 'subnet set old --network-segment rack')
    assert.deepEqual(cloud.requests.at(-1)?.body, { subnet: { segment_id: 's1' } })
    const range = { shared: false, network_type: 'vxlan', minimum: 1, maximum: 9, project_id: 'p1' }
    const used = { 2: 'p1', 3: 'p1' }
    cloud.add('network_segment_ranges', { id: 'r1', name: 'own', ...range, used, available: [1, 4, 5, 6, 8] })
    const shown = (await run(OPENSTACK, cloud, 'network segment range show own -c used -c available -f value')).out
    assert.equal(shown, `["1", "4-6", "8"]\n{"p1": ["2-3"]}\n`)
    await run(OPENSTACK, cloud, 'network segment range set own --maximum 20')
    assert.deepEqual(cloud.requests.at(-1)?.body, { network_segment_range: { maximum: 20 } })
    const wrong = await run(OPENSTACK, cloud, 'network segment range create x --network-type gre --project p1')
    assert.match(wrong.err, /--project is only allowed with --private/)
  }))

test('meters by name, with rules', () =>
  withCloud(async (cloud) => {
    cloud.add('metering/metering-labels', { id: 'm1', name: 'traffic', description: '', shared: true })
    assert.equal((await run(OPENSTACK, cloud, 'network meter list -f value')).out, 'm1 traffic  True\n')
    await run(OPENSTACK, cloud, 'network meter rule create traffic --egress --exclude --source-ip-prefix 10.0.0.0/8')
    const rule = { metering_label_id: 'm1', direction: 'egress', excluded: true, source_ip_prefix: '10.0.0.0/8' }
    assert.deepEqual(cloud.requests.at(-1)?.body, { metering_label_rule: rule })
  }))

test('conntrack helpers of a router by its name', () =>
  withCloud(async (cloud) => {
    cloud.add('routers', { id: 'r1', name: 'edge' })
    const path = '/v2.0/routers/r1/conntrack_helpers'
    const helper = { id: 'h1', protocol: 'tcp', port: 21, helper: 'ftp' }
    cloud.replies.set(`POST ${path}`, { status: 201, body: { conntrack_helper: helper } })
    cloud.replies.set(`GET ${path}`, { status: 200, body: { conntrack_helpers: [helper] } })
    const create = 'network l3 conntrack helper create edge --helper ftp --protocol tcp --port 21 -f value -c id'
    assert.deepEqual(await run(OPENSTACK, cloud, create), { code: 0, out: 'h1\n', err: '' })
    assert.deepEqual(cloud.requests.at(-1)?.body, { conntrack_helper: { helper: 'ftp', protocol: 'tcp', port: 21 } })
    const list = 'network l3 conntrack helper list edge -f value'
    assert.equal((await run(OPENSTACK, cloud, list)).out, 'h1 ftp tcp 21\n')
    assert.match((await run(OPENSTACK, cloud, 'network l3 conntrack helper create edge')).err, /required/)
  }))

test('limits of floating IPs and gateways by the names of their policies', () =>
  withCloud(async (cloud) => {
    cloud.add('qos/policies', { id: 'q1', name: 'slow' })
    cloud.add('floatingips', { id: 'f1', floating_ip_address: '203.0.113.9' })
    cloud.add('routers', { id: 'r1', name: 'edge', external_gateway_info: { network_id: 'n1' } })
    const sent = async (line: string) => {
      const { err } = await run(OPENSTACK, cloud, line)
      assert.equal(err, '', line)
      return cloud.requests.at(-1)?.body
    }
    assert.deepEqual(await sent('floating ip set --qos-policy slow 203.0.113.9'), {
      floatingip: { qos_policy_id: 'q1' },
    })
    assert.deepEqual(await sent('floating ip unset --qos-policy 203.0.113.9'), { floatingip: { qos_policy_id: null } })
    const gateway = (qos_policy_id: string | null) => ({
      router: { external_gateway_info: { network_id: 'n1', qos_policy_id } },
    })
    assert.deepEqual(await sent('router set --qos-policy slow edge'), gateway('q1'))
    assert.deepEqual(await sent('router set --no-qos-policy edge'), gateway(null))
    assert.deepEqual(await sent('router unset --qos-policy edge'), gateway(null))
  }))

test('NDP proxies by the names of router and port', () =>
  withCloud(async (cloud) => {
    cloud.add('routers', { id: 'r1', name: 'edge' })
    cloud.add('ports', { id: 'p1', name: 'web' })
    cloud.add('ndp_proxies', { id: 'n1', name: 'www', router_id: 'r1', ip_address: '2001:db8::5', project_id: 'x' })
    const created = await run(OPENSTACK, cloud, 'router ndp proxy create edge --port web --name second')
    assert.equal(created.err, '')
    assert.deepEqual(cloud.requests.at(-1)?.body, { ndp_proxy: { name: 'second', router_id: 'r1', port_id: 'p1' } })
    const list = await run(OPENSTACK, cloud, 'router ndp proxy list --router edge --name www -f value')
    assert.equal(list.out, 'n1 www r1 2001:db8::5 x\n')
    await run(OPENSTACK, cloud, 'router set --enable-ndp-proxy edge')
    assert.deepEqual(cloud.requests.at(-1)?.body, { router: { enable_ndp_proxy: true } })
  }))

test('local IPs and the ports that stand for them, by their names', () =>
  withCloud(async (cloud) => {
    cloud.add('networks', { id: 'n1', name: 'net' })
    cloud.add('ports', { id: 'p1', name: 'web' })
    cloud.add('local_ips', { id: 'l1', name: 'cache' })
    const created = await run(OPENSTACK, cloud, 'local ip create --network net --name second --ip-mode passthrough')
    assert.equal(created.err, '')
    assert.deepEqual(cloud.requests.at(-1)?.body, {
      local_ip: { name: 'second', ip_mode: 'passthrough', network_id: 'n1' },
    })
    const path = '/v2.0/local_ips/l1/port_associations'
    const association = { local_ip_address: '10.0.0.9', fixed_port_id: 'p1', fixed_ip: '10.0.0.3', host: 'h' }
    cloud.replies.set(`POST ${path}`, { status: 201, body: { port_association: association } })
    cloud.replies.set(`GET ${path}`, { status: 200, body: { port_associations: [association] } })
    cloud.replies.set(`DELETE ${path}/p1`, { status: 204, body: {} })
    await run(OPENSTACK, cloud, 'local ip association create cache web --fixed-ip 10.0.0.3')
    assert.deepEqual(cloud.requests.at(-1)?.body, { port_association: { fixed_port_id: 'p1', fixed_ip: '10.0.0.3' } })
    const list = await run(OPENSTACK, cloud, 'local ip association list cache -f value')
    assert.equal(list.out, '10.0.0.9 p1 10.0.0.3 h\n')
    assert.deepEqual(await run(OPENSTACK, cloud, 'local ip association delete cache web'), {
      code: 0,
      out: '',
      err: '',
    })
  }))
