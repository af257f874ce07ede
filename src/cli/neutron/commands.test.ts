import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run, withCloud } from '../common/run.fake.js'
import { NEUTRON_COMMANDS } from './index.js'
import { NEUTRON } from './program.js'

test('every command of the index is in its module, with the same summary', async () => {
  for (const [name, entry] of Object.entries(NEUTRON_COMMANDS)) {
    assert.equal((await entry.load()).summary.replace(/ a L3 /, ' an L3 '), entry.summary, name)
  }
})

test('unknown options of an update become attributes', () =>
  withCloud(async (cloud) => {
    cloud.add('ports', { id: 'p1', name: 'port1' })
    const cases: readonly [string, object][] = [
      ['port-update port1 --port_security_enabled=False', { port_security_enabled: 'False' }],
      ['port-update --binding:host_id compute1 port1', { 'binding:host_id': 'compute1' }],
      ['port-update port1 --mac-address fa:16:3e:00:00:01', { mac_address: 'fa:16:3e:00:00:01' }],
      ['port-update port1 --security_groups list=true a', { security_groups: ['a'] }],
      ['port-update port1 -- --text x --n type=int 5', { text: 'x', n: 5 }],
      ['port-update port1 --device_id action=clear', { device_id: null }],
      ['port-update port1 --admin-state-up False', { admin_state_up: false }],
      ['port-update port1 --no-security-groups', { security_groups: [] }],
      [
        'port-update port1 --allowed-address-pairs type=dict list=true ip_address=10.0.0.9',
        { allowed_address_pairs: [{ ip_address: '10.0.0.9' }] },
      ],
    ]
    for (const [line, body] of cases) {
      const { out, err } = await run(NEUTRON, cloud, line)
      assert.equal(out, 'Updated port: port1\n', `${line}: ${err}`)
      assert.deepEqual(cloud.requests.at(-1)?.body, { port: body }, line)
    }
  }))

test('lists: filters, fields, order, pages', () =>
  withCloud(async (cloud) => {
    await run(
      NEUTRON,
      cloud,
      'port-list --fixed_ips ip_address=10.0.0.3 subnet_id=s -F id --sort-key name --sort-key id',
    )
    await run(NEUTRON, cloud, 'net-list -- --name x')
    assert.deepEqual(cloud.calls, [
      'GET /v2.0/ports?fixed_ips=ip_address%3D10.0.0.3&fixed_ips=subnet_id%3Ds&fields=id&sort_key=name&sort_key=id&sort_dir=asc&sort_dir=asc',
      'GET /v2.0/networks?name=x',
    ])
    const page = (id: string, next: object[]) => ({ status: 200, body: { routers: [{ id }], routers_links: next } })
    const href = `${cloud.url}/v2.0/routers2?marker=r1`
    cloud.replies.set('GET /v2.0/routers', page('r1', [{ rel: 'next', href }]))
    cloud.replies.set('GET /v2.0/routers2', page('r2', [{ rel: 'previous', href: 'x' }]))
    const { out } = await run(NEUTRON, cloud, 'router-list -P 1 -f value')
    assert.equal(out, 'r1\nr2\n')
  }))

test('networks are listed with the prefixes of their subnets', () =>
  withCloud(async (cloud) => {
    cloud.add('networks', { id: 'n1', name: 'demo-net', subnets: ['s1', 's2'] })
    cloud.add('subnets', { id: 's1', cidr: '192.168.1.0/24' })
    cloud.add('subnets', { id: 's2', cidr: '192.168.2.0/24' })
    const { out } = await run(NEUTRON, cloud, 'net-list')
    assert.equal(
      out,
      `+----+----------+-------------------+
| id | name     | subnets           |
+----+----------+-------------------+
| n1 | demo-net | s1 192.168.1.0/24 |
|    |          | s2 192.168.2.0/24 |
+----+----------+-------------------+
`,
    )
    assert.equal((await run(NEUTRON, cloud, 'router-list')).out, '\n')
  }))

test('security groups as text', () =>
  withCloud(async (cloud) => {
    const rule = { ethertype: 'IPv4', direction: 'ingress', port_range_min: null, port_range_max: null }
    const ssh = { ...rule, protocol: 'tcp', port_range_min: 22, port_range_max: 22, remote_ip_prefix: '0.0.0.0/0' }
    const web = { ...rule, protocol: 'tcp', port_range_min: 8000, port_range_max: 8080, remote_group_id: 'g1' }
    const ping = { ...rule, protocol: 'icmp', port_range_min: 8, port_range_max: 0 }
    cloud.add('security-groups', { id: 'g1', name: 'default', security_group_rules: [web, ssh, ping] })
    for (const [i, one] of [ssh, web, ping].entries()) {
      cloud.add('security-group-rules', { id: `r${i}`, security_group_id: 'g1', ...one })
    }
    const groups = await run(NEUTRON, cloud, 'security-group-list -f value -c security_group_rules')
    assert.deepEqual(groups.out.trim().split('\n'), [
      'ingress, IPv4, 22/tcp, remote_ip_prefix: 0.0.0.0/0',
      'ingress, IPv4, 8000-8080/tcp, remote_group_id: g1',
      'ingress, IPv4, icmp (type:8, code:0)',
    ])
    assert.equal(
      (await run(NEUTRON, cloud, 'security-group-rule-list')).out,
      `+----+----------------+-----------+-----------+-----------------------+------------------+
| id | security_group | direction | ethertype | protocol/port         | remote           |
+----+----------------+-----------+-----------+-----------------------+------------------+
| r0 | default        | ingress   | IPv4      | 22/tcp                | 0.0.0.0/0 (CIDR) |
| r1 | default        | ingress   | IPv4      | 8000-8080/tcp         | default (group)  |
| r2 | default        | ingress   | IPv4      | icmp (type:8, code:0) |                  |
+----+----------------+-----------+-----------+-----------------------+------------------+
`,
    )
  }))

test('what Kilo did not know is shown when asked for', () =>
  withCloud(async (cloud) => {
    cloud.add('networks', { id: 'n1', name: 'a', mtu: 1450, shared: false, subnets: [], tags: ['x'] })
    assert.doesNotMatch((await run(NEUTRON, cloud, 'net-show a')).out, /mtu/)
    assert.match((await run(NEUTRON, cloud, 'net-show a --all-attributes')).out, /\| mtu +\| 1450/)
    assert.match((await run(NEUTRON, cloud, 'net-show a', { EASTWEST_ALL_ATTRIBUTES: '1' })).out, /mtu/)
    assert.equal((await run(NEUTRON, cloud, 'net-show a -c mtu -f value')).out, '1450\n')
    assert.equal((await run(NEUTRON, cloud, 'net-list -c mtu -c id -f value')).out, '1450 n1\n')
    assert.equal(JSON.parse((await run(NEUTRON, cloud, 'net-show a -f json')).out).mtu, 1450)
    assert.match((await run(NEUTRON, cloud, 'net-show a -f shell --prefix n_')).out, /^n_mtu="1450"$/m)
  }))

test('failures: message on stderr, nothing on stdout, exit code', () =>
  withCloud(async (cloud) => {
    cloud.add('networks', { id: 'n1', name: 'twice' })
    cloud.add('networks', { id: 'n2', name: 'twice' })
    const message =
      'Unable to complete operation on network n1. There are one or more ports still in use on the network.'
    cloud.add('networks', { id: 'n3', name: 'used' })
    cloud.replies.set('DELETE /v2.0/networks/n3', {
      status: 409,
      body: { NeutronError: { type: 'NetworkInUse', message, detail: '' } },
    })
    const cases: readonly [string, number, RegExp][] = [
      ['net-show nothing', 1, /^Unable to find network with name 'nothing'\n$/],
      ['net-show twice', 1, /^Multiple network matches found for name 'twice', use an ID to be more specific\.\n$/],
      [
        'net-delete used',
        1,
        /^Unable to complete operation on network n1\. There are one or more ports .*network\.\n$/,
      ],
      ['net-update twice', 1, /^Must specify new values to update network\n$/],
      ['net-update n1 --name x --name y', 1, /Duplicated options --name/],
      ['net-create', 2, /usage: neutron net-create [\s\S]*neutron net-create: error: .*required: NAME\n$/],
      ['port-create n --vnic-type odd', 2, /invalid choice: 'odd'/],
      ['subnet-create n 1.1.1.0/24 --gateway 1.1.1.1 --no-gateway', 2, /not allowed with argument --gateway/],
      ['no-such-command', 1, /Unknown command 'no-such-command'/],
      ['--os-password wrong net-list', 1, /^Unauthorized\n$/],
      ['--os-auth-url http://127.0.0.1:1 net-list', 1, /^Unable to establish connection to http:\/\/127\.0\.0\.1:1\//],
    ]
    for (const [line, code, text] of cases) {
      const outcome = await run(NEUTRON, cloud, line)
      assert.equal(outcome.code, code, line)
      assert.equal(outcome.out, '', line)
      assert.match(outcome.err, text, line)
    }
  }))

test('one failed delete does not keep the others', () =>
  withCloud(async (cloud) => {
    cloud.add('networks', { id: 'n1', name: 'a' })
    cloud.add('networks', { id: 'n2', name: 'b' })
    const { code, out, err } = await run(NEUTRON, cloud, 'net-delete a missing b')
    assert.deepEqual([code, out], [1, 'Deleted network: a\nDeleted network: b\n'])
    assert.match(err, /Unable to find network with name 'missing'/)
  }))

test('missing credentials name the option and the variable', () =>
  withCloud(async (cloud) => {
    for (const variable of ['OS_USERNAME', 'OS_PASSWORD', 'OS_TENANT_NAME', 'OS_AUTH_URL']) {
      const { code, err } = await run(NEUTRON, cloud, 'net-list', { [variable]: undefined })
      assert.equal(code, 1)
      assert.match(err, new RegExp(`You must provide.*--os-.*env\\[${variable}\\]`))
    }
    const direct = { OS_TOKEN: 't', OS_URL: cloud.url, OS_USERNAME: undefined }
    assert.equal((await run(NEUTRON, cloud, 'net-list', direct)).code, 0)
    const options = `--os-username demo --os-password secret --os-tenant_name demo --os-auth-url ${cloud.url}/identity/v2.0`
    const nothing = {
      OS_USERNAME: undefined,
      OS_PASSWORD: undefined,
      OS_TENANT_NAME: undefined,
      OS_AUTH_URL: undefined,
    }
    assert.equal((await run(NEUTRON, cloud, `${options} net-list`, nothing)).code, 0)
    assert.equal((await run(NEUTRON, cloud, `net-list ${options}`, nothing)).code, 0)
  }))

test('--debug shows requests without token and password', () =>
  withCloud(async (cloud) => {
    const { err } = await run(NEUTRON, cloud, '--debug net-create x')
    assert.match(err, /REQ: curl -i http:\S+\/v2\.0\/networks -X POST .*-H "User-Agent: python-neutronclient"/)
    assert.match(err, /-d '{"network":{"name":"x"}}'/)
    assert.match(err, /RESP: \[201\]/)
    assert.doesNotMatch(err, /token-1|secret/)
    assert.match(err, /X-Auth-Token: {SHA1}[0-9a-f]{40}/)
  }))

test('an expired token is replaced without a word', () =>
  withCloud(async (cloud) => {
    cloud.revoked.add('token-1')
    assert.deepEqual(await run(NEUTRON, cloud, 'net-list'), { code: 0, out: '\n', err: '' })
  }))

test('metering labels by name, with rules', () =>
  withCloud(async (cloud) => {
    cloud.add('metering/metering-labels', { id: 'm1', name: 'traffic', description: '', shared: false })
    await run(NEUTRON, cloud, 'meter-label-rule-create traffic 10.0.0.0/8 --direction egress')
    const rule = { metering_label_id: 'm1', remote_ip_prefix: '10.0.0.0/8', direction: 'egress' }
    assert.deepEqual(cloud.requests.at(-1)?.body, { metering_label_rule: rule })
    assert.equal((await run(NEUTRON, cloud, 'meter-label-delete traffic')).out, 'Deleted metering_label: traffic\n')
  }))
