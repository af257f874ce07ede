import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run, withCloud } from '../common/run.fake.js'
import { NOVA_COMMANDS } from './index.js'
import { NOVA } from './program.js'

const SERVER = {
  id: '05682b91-81a1-464c-8f40-8b3da7ee92c5',
  name: 'demo-instance1',
  status: 'ACTIVE',
  'OS-EXT-STS:task_state': null,
  'OS-EXT-STS:power_state': 1,
  addresses: {
    'demo-net': [
      { version: 4, addr: '203.0.113.102', 'OS-EXT-IPS:type': 'floating' },
      { version: 4, addr: '192.168.1.3', 'OS-EXT-IPS:type': 'fixed' },
    ],
  },
}

test('every command of the index is in its module, with the same summary', async () => {
  for (const [name, entry] of Object.entries(NOVA_COMMANDS)) {
    assert.equal((await entry.load()).summary, entry.summary, name)
  }
})

test('6.6 rules of the default group', () =>
  withCloud(async (cloud) => {
    cloud.add('security-groups', { id: 'g1', name: 'default', tenant_id: cloud.project })
    cloud.add('security-groups', { id: 'g2', name: 'default', tenant_id: 'another' })
    assert.equal(
      (await run(NOVA, cloud, 'secgroup-add-rule default icmp -1 -1 0.0.0.0/0')).out,
      `+-------------+-----------+---------+-----------+--------------+
| IP Protocol | From Port | To Port | IP Range  | Source Group |
+-------------+-----------+---------+-----------+--------------+
| icmp        | -1        | -1      | 0.0.0.0/0 |              |
+-------------+-----------+---------+-----------+--------------+
`,
    )
    assert.deepEqual(cloud.requests.at(-1)?.body, {
      security_group_rule: {
        security_group_id: 'g1',
        direction: 'ingress',
        ethertype: 'IPv4',
        protocol: 'icmp',
        port_range_min: null,
        port_range_max: null,
        remote_ip_prefix: '0.0.0.0/0',
      },
    })
    assert.equal(
      (await run(NOVA, cloud, 'secgroup-add-rule default tcp 22 22 0.0.0.0/0')).out,
      `+-------------+-----------+---------+-----------+--------------+
| IP Protocol | From Port | To Port | IP Range  | Source Group |
+-------------+-----------+---------+-----------+--------------+
| tcp         | 22        | 22      | 0.0.0.0/0 |              |
+-------------+-----------+---------+-----------+--------------+
`,
    )
    assert.equal((await run(NOVA, cloud, 'secgroup-list-rules default')).out.trim().split('\n').length, 6)
    assert.equal((await run(NOVA, cloud, 'secgroup-delete-rule default tcp 22 22 0.0.0.0/0')).code, 0)
    assert.match((await run(NOVA, cloud, 'secgroup-delete-rule default tcp 22 22 0.0.0.0/0')).err, /Rule not found/)
  }))

test('6.6 instances', () =>
  withCloud(async (cloud) => {
    cloud.servers.push(SERVER)
    assert.equal(
      (await run(NOVA, cloud, 'list')).out,
      `+--------------------------------------+----------------+--------+------------+-------------+-------------------------------------+
| ID                                   | Name           | Status | Task State | Power State | Networks                            |
+--------------------------------------+----------------+--------+------------+-------------+-------------------------------------+
| 05682b91-81a1-464c-8f40-8b3da7ee92c5 | demo-instance1 | ACTIVE | -          | Running     | demo-net=192.168.1.3, 203.0.113.102 |
+--------------------------------------+----------------+--------+------------+-------------+-------------------------------------+
`,
    )
    cloud.servers.pop()
    const empty = (await run(NOVA, cloud, 'list')).out.trim().split('\n')
    assert.deepEqual([empty.length, empty[0]?.slice(0, 6), empty.at(-1)], [4, '+----+', empty[0]])
  }))

test('6.6 a floating IP goes to the port that its network can reach', () =>
  withCloud(async (cloud) => {
    cloud.servers.push(SERVER)
    const port = (id: string, ip: string) =>
      cloud.add('ports', { id, device_id: SERVER.id, fixed_ips: [{ subnet_id: 's', ip_address: ip }] })
    port('p1', 'fd00::3')
    port('p2', '192.168.1.3')
    cloud.add('floatingips', { id: 'f1', floating_ip_address: '203.0.113.102', port_id: null })
    const line = 'floating-ip-associate demo-instance1 203.0.113.102'
    assert.deepEqual(await run(NOVA, cloud, line), { code: 0, out: '', err: '' })
    assert.equal(cloud.collections.get('floatingips')?.[0]?.port_id, 'p2')
    assert.deepEqual(await run(NOVA, cloud, 'floating-ip-disassociate demo-instance1 203.0.113.102'), {
      code: 0,
      out: '',
      err: '',
    })
    assert.match(
      (await run(NOVA, cloud, `${line} --fixed-address 10.0.0.1`)).err,
      /^ERROR \(CommandError\): .*no fixed address 10\.0\.0\.1/,
    )
  }))

test('6.5 boot', () =>
  withCloud(async (cloud) => {
    cloud.servers.push({ ...SERVER, flavor: { id: '1' }, image: { id: 'i1' }, security_groups: [{ name: 'default' }] })
    const compute = '/compute/v2.1'
    const set = (line: string, body: unknown, status = 200) => cloud.replies.set(line, { status, body })
    set(`GET ${compute}/flavors/detail`, { flavors: [{ id: '1', name: 'm1.tiny' }] })
    set(`GET ${compute}/flavors/1`, { flavor: { id: '1', name: 'm1.tiny' } })
    set(`GET ${compute}/images/detail`, { images: [{ id: 'i1', name: 'cirros' }] })
    set(`POST ${compute}/servers`, { server: { id: SERVER.id, adminPass: 'abc' } }, 202)
    const line =
      'boot --flavor m1.tiny --image cirros --nic net-id=n1,v4-fixed-ip=192.168.1.3 --nic port-id=p1 ' +
      '--security-groups default,web --meta a=b demo-instance1 --poll'
    const { out, err } = await run(NOVA, cloud, line)
    assert.equal(err, '')
    assert.match(out, /^\| Property +\| Value +\|$/m)
    assert.match(out, /^\| demo-net network +\| 192\.168\.1\.3, 203\.0\.113\.102 +\|$/m)
    assert.match(out, /^\| flavor +\| m1\.tiny \(1\) +\|$/m)
    assert.match(out, /^\| image +\| cirros \(i1\) +\|$/m)
    assert.match(out, /^\| OS-EXT-STS:task_state +\| - +\|$/m)
    const { body } = cloud.requests.find(({ method, path }) => method === 'POST' && path === `${compute}/servers`)!
    assert.deepEqual(body, {
      server: {
        name: 'demo-instance1',
        flavorRef: '1',
        imageRef: 'i1',
        networks: [{ uuid: 'n1', fixed_ip: '192.168.1.3' }, { port: 'p1' }],
        security_groups: [{ name: 'default' }, { name: 'web' }],
        metadata: { a: 'b' },
        min_count: 1,
        max_count: 1,
      },
    })
    assert.match((await run(NOVA, cloud, 'boot --flavor m1.tiny --nic x=y i')).err, /Invalid nic argument 'x=y'/)
  }))

test('failures', () =>
  withCloud(async (cloud) => {
    assert.equal(
      (await run(NOVA, cloud, 'show nobody')).err,
      "ERROR (CommandError): No server with a name or ID of 'nobody' exists.\n",
    )
    cloud.servers.push(SERVER)
    cloud.replies.set(`DELETE /compute/v2.1/servers/${SERVER.id}`, {
      status: 409,
      body: { conflictingRequest: { code: 409, message: 'locked' } },
    })
    assert.equal((await run(NOVA, cloud, 'delete demo-instance1')).err, 'ERROR (Conflict): locked (HTTP 409)\n')
    assert.equal(
      (await run(NOVA, cloud, 'stop demo-instance1')).out,
      'Request to stop server demo-instance1 has been accepted.\n',
    )
    assert.equal((await run(NOVA, cloud, 'boot x')).code, 2)
  }))
