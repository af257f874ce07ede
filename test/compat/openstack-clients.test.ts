import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { runCommand } from '../../src/dataplane/command/host.js'
import { until } from '../../src/lab/proof/until.js'
import { built, SKIP, startLab, type TestLab } from '../lib/lab.js'

const PROGRAM = '/usr/bin/openstack'
const skip = SKIP || (existsSync(PROGRAM) ? false : 'needs Debian’s python3-openstackclient')

/** Debian's own clients, as they are installed, carry out the scenario's API steps. */
describe('unmodified OpenStack clients', { skip }, () => {
  let lab: TestLab
  let environment: Record<'admin' | 'demo', Record<string, string>>

  before(async () => {
    lab = await startLab('t-compat', 15_000)
    const { userEnvironment } = await built<typeof import('../../src/lab/session.js')>('lab/session.js')
    environment = { admin: userEnvironment(lab.state, 'admin'), demo: userEnvironment(lab.state, 'demo') }
  })
  after(() => lab?.down())

  async function openstack<T>(user: 'admin' | 'demo', ...args: string[]): Promise<T> {
    const { stdout } = await runCommand([PROGRAM, ...args, '-f', 'json'], { env: environment[user], timeout: 60_000 })
    return JSON.parse(stdout) as T
  }

  const quiet = (user: 'admin' | 'demo', ...args: string[]) =>
    runCommand([PROGRAM, ...args], { env: environment[user], timeout: 60_000 })

  type Row = Record<string, unknown>

  /** What commands of one session of the interactive client answer: those that print JSON do. */
  async function session(user: 'admin' | 'demo', ...commands: readonly string[]): Promise<Row[]> {
    const options = { env: environment[user], input: `${commands.join('\n')}\n`, timeout: 120_000 }
    const { stdout, stderr } = await runCommand([PROGRAM], options)
    const answers = documents(stdout)
    const expected = commands.filter((command) => command.endsWith('-f json')).length
    assert.equal(stderr.trim(), '', stdout)
    assert.equal(answers.length, expected, stdout)
    return answers
  }

  it('list agents', async () => {
    const agents = await openstack<Row[]>('admin', 'network', 'agent', 'list')
    assert.equal(agents.length, 13)
    assert.ok(agents.every((agent) => agent.Alive === true))
  })

  it('make the external network', async () => {
    const [network, subnet] = await session(
      'admin',
      'network create --external --provider-physical-network external --provider-network-type flat ext-net -f json',
      'subnet create --network ext-net --subnet-range 203.0.113.0/24 --allocation-pool start=203.0.113.101,end=203.0.113.200 --no-dhcp --gateway 203.0.113.1 ext-subnet -f json',
    )
    assert.equal(network!['router:external'], true)
    assert.equal(subnet!.gateway_ip, '203.0.113.1')
  })

  it('make the project’s network, subnet and router', async () => {
    const [network] = await session(
      'admin',
      'network create --project demo --provider-network-type vxlan demo-net -f json',
    )
    assert.equal(network!['provider:segmentation_id'], 1)
    const [, router] = await session(
      'demo',
      'subnet create --network demo-net --gateway 192.168.1.1 --subnet-range 192.168.1.0/24 demo-subnet -f json',
      'router create demo-router -f json',
      'router add subnet demo-router demo-subnet',
      'router set --external-gateway ext-net demo-router',
    )
    assert.equal(router!.status, 'ACTIVE')
    const shown = await openstack<Row>('admin', 'router', 'show', 'demo-router')
    assert.equal(shown.distributed, true)
    assert.match(JSON.stringify(shown.external_gateway_info), /203\.0\.113\.101/)
  })

  it('open the security group, boot an instance and give it a floating IP', async () => {
    const [, , fip] = await session(
      'demo',
      'security group rule create --proto icmp default -f json',
      'security group rule create --proto tcp --dst-port 22 default -f json',
      'floating ip create ext-net -f json',
    )
    assert.equal(fip!.floating_ip_address, '203.0.113.102')
    const boot = ['server', 'create', '--flavor', 'm1.tiny', '--image', 'cirros', '--network', 'demo-net', '--wait']
    await quiet('demo', ...boot, 'demo-instance1')
    await quiet('demo', 'server', 'add', 'floating', 'ip', 'demo-instance1', '203.0.113.102')
    await lab.settled()
    const { stdout } = await lab.on('outside', ['ping', '-c', '2', '-W', '2', '203.0.113.102'])
    assert.match(stdout, / 2 received/)
    const listed = await openstack<Row[]>('demo', 'floating', 'ip', 'list')
    assert.equal(listed[0]!['Fixed IP Address'], '192.168.1.3')
  })

  it('attach a network to the instance, stop, start and migrate it', async () => {
    const name = 'demo-instance1'
    const [{ ID: id }] = rows((await session('demo', 'server list -f json'))[0]) as [Row]
    const [, , attached, before, moved, back] = await session(
      'admin',
      'network create --project demo second-net -f json',
      'subnet create --network second-net --subnet-range 192.168.9.0/24 second-subnet -f json',
      `server add network ${id} second-net`,
      `server show ${id} -f json`,
      `server remove network ${id} second-net`,
      `server show ${id} -f json`,
      `server migrate --wait ${id}`,
      `server show ${id} -f json`,
      `server migration confirm ${id}`,
      `server migrate --live-migration --wait ${id}`,
      `server show ${id} -f json`,
    )
    const hostOf = (server: Row | undefined) => server!['OS-EXT-SRV-ATTR:host']
    assert.match(JSON.stringify(attached!.addresses), /192\.168\.9\./)
    assert.doesNotMatch(JSON.stringify(before!.addresses), /192\.168\.9\./)
    assert.equal(moved!.status, 'VERIFY_RESIZE')
    assert.notEqual(hostOf(moved), hostOf(before))
    assert.equal(hostOf(back), hostOf(before))
    const status = async () =>
      (await lab.demo.compute.get<{ server: { status: string } }>(`/servers/${id}`)).server.status
    await quiet('demo', 'server', 'stop', name)
    await until('the instance to be stopped', async () => (await status()) === 'SHUTOFF', 20_000)
    await session('demo', `server start ${name}`, 'network delete second-net')
    await until('the instance to run', async () => (await status()) === 'ACTIVE', 20_000)
  })

  it('take a network from its DHCP agent, and give it back with the same port', async () => {
    const dhcpPort = 'port list --long --network demo-net --device-owner network:dhcp -f json'
    const agents = 'network agent list --network demo-net -f json'
    const stateOf = (answer: Row | undefined) => rows(answer).map((port) => [port.ID, port.Status])
    const [before, hosting] = await session('admin', dhcpPort, agents)
    const [[id, status]] = stateOf(before) as [[string, string]]
    const agent = rows(hosting)[0]!
    assert.equal(agent.Host, 'network1')
    const [none, down] = await session(
      'admin',
      `network agent remove network --dhcp ${agent.ID} demo-net`,
      agents,
      dhcpPort,
      `network agent add network --dhcp ${agent.ID} demo-net`,
    )
    assert.deepEqual([rows(none), stateOf(down)], [[], [[id, 'DOWN']]])
    await lab.settled()
    const [again] = await session('admin', dhcpPort)
    assert.deepEqual(stateOf(again), [[id, status]])
  })

  it('show quotas, extensions and zones', async () => {
    const [quotas, extensions, zones] = await session(
      'admin',
      'quota show -f json',
      'extension list --network -f json',
      'availability zone list -f json',
    )
    assert.deepEqual([quotas!.networks, quotas!.instances], [100, -1])
    assert.ok(rows(extensions).some(({ Alias }) => Alias === 'dvr'))
    assert.ok(rows(zones).length > 0)
  })

  it('forward ports, group addresses, limit, mark and meter traffic', async () => {
    const [policy] = await session(
      'admin',
      'network qos policy create --share slow -f json',
      'network qos rule create --type bandwidth-limit --max-kbps 1000 --max-burst-kbits 100 --egress slow -f json',
      'network qos rule create --type dscp-marking --dscp-mark 26 slow -f json',
    )
    assert.deepEqual([policy!.name, policy!.shared], ['slow', true])
    const fip = await openstack<Row>('demo', 'floating', 'ip', 'create', 'ext-net')
    const ip = fip.floating_ip_address as string
    const [port, forwarding, group, , rule] = await session(
      'demo',
      'port create --network demo-net --fixed-ip ip-address=192.168.1.77 extra-port -f json',
      `floating ip port forwarding create --internal-ip-address 192.168.1.77 --port extra-port --internal-protocol-port 22 --external-protocol-port 2222 --protocol tcp ${ip} -f json`,
      'address group create --address 10.0.0.5 offices -f json',
      'address group set --address 10.2.0.0/16 offices',
      'security group create guarded -f json',
      'security group rule create --remote-address-group offices --proto tcp --dst-port 22 guarded -f json',
      'port set --qos-policy slow extra-port',
      'subnet set --service-type compute:nova demo-subnet',
    )
    assert.equal(port!.status, 'DOWN')
    assert.deepEqual([forwarding!.external_port, forwarding!.internal_port], [2222, 22])
    assert.deepEqual(group!.addresses, ['10.0.0.5/32'])
    assert.equal(rule!.remote_address_group_id, group!.id)
    const [forwardings, addresses, rules, shown, served] = await session(
      'demo',
      `floating ip port forwarding list ${ip} -f json`,
      'address group show offices -f json',
      'network qos rule list slow -f json',
      'port show extra-port -f json',
      'subnet show demo-subnet -f json',
    )
    assert.equal((forwardings as unknown as Row[])[0]!['Internal IP Address'], '192.168.1.77')
    assert.deepEqual(addresses!.addresses, ['10.0.0.5/32', '10.2.0.0/16'])
    assert.deepEqual((rules as unknown as Row[]).map(({ Type }) => Type).sort(), ['bandwidth_limit', 'dscp_marking'])
    assert.equal(shown!.qos_policy_id, policy!.id)
    assert.deepEqual(served!.service_types, ['compute:nova'])
    await session(
      'demo',
      `floating ip port forwarding delete ${ip} ${forwarding!.id}`,
      `floating ip delete ${ip}`,
      'port delete extra-port',
      'security group delete guarded',
      'address group delete offices',
      'subnet unset --service-type compute:nova demo-subnet',
    )
    const [meter, counted, meters] = await session(
      'admin',
      'network meter create --share traffic -f json',
      'network meter rule create traffic --egress --source-ip-prefix 192.168.1.0/24 -f json',
      'network meter list -f json',
      'network meter delete traffic',
      'network qos policy delete slow',
    )
    assert.equal(meter!.shared, true)
    assert.deepEqual(
      [counted!.metering_label_id, counted!.direction, counted!.source_ip_prefix],
      [meter!.id, 'egress', '192.168.1.0/24'],
    )
    assert.deepEqual(
      (meters as unknown as Row[]).map(({ ID }) => ID),
      [meter!.id],
    )
    const [loggable, log, changed] = await session(
      'admin',
      'network loggable resources list -f json',
      'network log create --resource-type security_group --project demo --event DROP drops -f json',
      'network log set --disable drops',
      'network log show drops -f json',
      'network log delete drops',
    )
    assert.deepEqual(loggable, [{ 'Supported types': 'security_group' }])
    assert.deepEqual([log!.Event, log!.Enabled, changed!.Enabled], ['DROP', true, false])
    const [segment, segments, range, ranges] = await session(
      'admin',
      'network segment create --network demo-net --network-type vlan --physical-network vlan --segment 1999 second -f json',
      'network segment set --name third second',
      'network segment list --network demo-net --long -f json',
      'network segment range create --private --project demo --network-type vxlan --minimum 9000 --maximum 9009 own -f json',
      'network segment range list -f json',
      'network segment delete third',
      'network segment range set --minimum 9000 --maximum 9019 own',
      'network segment range delete own',
    )
    assert.deepEqual([segment!.network_type, segment!.segmentation_id], ['vlan', 1999])
    const listed = (segments as unknown as Row[]).map(({ Name, Segment }) => `${Name} ${Segment}`)
    assert.ok(listed.includes('third 1999'), listed.join())
    assert.deepEqual([range!.shared, range!.available], [false, ['9000-9009']])
    assert.ok((ranges as unknown as Row[]).some(({ ID, Default }) => ID === range!.id && Default === false))
    assert.deepEqual(await openstack('admin', 'network', 'qos', 'policy', 'list'), [])
    assert.deepEqual(await openstack('demo', 'address', 'group', 'list'), [])
  })

  it('put ports behind tags of a trunk, and take them off again', async () => {
    const made = await session(
      'demo',
      'network create tagged-net -f json',
      'subnet create --network tagged-net --subnet-range 192.168.77.0/24 tagged-subnet -f json',
      'port create --network tagged-net root-port -f json',
      'port create --network tagged-net first-port -f json',
      'port create --network tagged-net second-port -f json',
      'network trunk create --parent-port root-port --subport port=first-port,segmentation-type=vlan,segmentation-id=100 wires -f json',
      'network trunk set --subport port=second-port,segmentation-type=vlan,segmentation-id=101 wires',
      'network trunk set --name cables --description all --disable wires',
      'network trunk set --enable cables',
      'network trunk list --long -f json',
      'network subport list --trunk cables -f json',
      'port show root-port -f json',
      'network trunk unset --subport first-port cables',
      'network trunk show cables -f json',
    )
    const [, , root, first, second, trunk, trunks, subports, parent, left] = made
    assert.deepEqual([trunk!.port_id, trunk!.status], [root!.id, 'DOWN'])
    const [listed] = trunks as unknown as Row[]
    assert.deepEqual([listed!.Name, listed!['Parent Port'], listed!.State], ['cables', root!.id, true])
    assert.deepEqual(
      (subports as unknown as Row[])
        .map((row) => [row.Port, row['Segmentation ID']])
        .sort((a, b) => Number(a[1]) - Number(b[1])),
      [
        [first!.id, 100],
        [second!.id, 101],
      ],
    )
    const details = parent!.trunk_details as { trunk_id: string; sub_ports: Row[] }
    assert.deepEqual([details.trunk_id, details.sub_ports.length], [trunk!.id, 2])
    assert.deepEqual(
      (left!.sub_ports as Row[]).map(({ port_id }) => port_id),
      [second!.id],
    )
    await session(
      'demo',
      'network trunk delete cables',
      'port delete root-port first-port second-port',
      'network delete tagged-net',
    )
    assert.deepEqual(await openstack('demo', 'network', 'trunk', 'list'), [])
  })

  it('take subnets from pools, route, tag, share, limit and schedule', async () => {
    const [, pool, network, subnet, , routed, unrouted, tagged] = await session(
      'demo',
      'address scope create --ip-version 4 wide -f json',
      'subnet pool create --pool-prefix 10.64.0.0/16 --default-prefix-length 24 --address-scope wide pooled -f json',
      'network create pool-net -f json',
      'subnet create --network pool-net --subnet-pool pooled pool-subnet -f json',
      'router create pool-router -f json',
      'router add subnet pool-router pool-subnet',
      'router add route --route destination=10.99.0.0/24,gateway=10.64.0.9 pool-router -f json',
      'router remove route --route destination=10.99.0.0/24,gateway=10.64.0.9 pool-router -f json',
      'router set --external-gateway ext-net pool-router',
      'network set --tag red pool-net',
      'network list --tags red -f json',
    )
    assert.deepEqual([pool!.default_prefixlen, subnet!.cidr], [24, '10.64.0.0/24'])
    assert.deepEqual(routed!.routes, [{ destination: '10.99.0.0/24', nexthop: '10.64.0.9' }])
    assert.deepEqual(unrouted!.routes, [])
    assert.deepEqual(
      rows(tagged).map(({ ID }) => ID),
      [network!.id],
    )
    const [rbac, quotas, zones, used, providers, hosting, flavor, profile] = await session(
      'admin',
      'network rbac create --type network --action access_as_shared --target-project admin pool-net -f json',
      'quota set --networks 77 demo',
      'quota list --network --detail --project demo -f json',
      'availability zone list --network -f json',
      'ip availability show pool-net -f json',
      'network service provider list -f json',
      'network agent list --router pool-router -f json',
      'network flavor create --service-type L3_ROUTER_NAT central -f json',
      'network flavor profile create --driver neutron.services.l3_router.service_providers.single_node.SingleNodeDriver -f json',
      'subnet pool create --default --share --pool-prefix 10.65.0.0/16 --default-prefix-length 24 auto-pool -f json',
      'network set --default ext-net',
    )
    assert.deepEqual([rbac!.object_id, rbac!.object_type], [network!.id, 'network'])
    assert.equal(rows(quotas).find(({ Resource }) => Resource === 'networks')!.Limit, 77)
    assert.deepEqual(
      rows(zones).map((zone) => zone['Zone Name']),
      ['nova', 'nova'],
    )
    assert.deepEqual([used!.total_ips, used!.network_name], [253, 'pool-net'])
    assert.ok(rows(providers).some(({ Name }) => Name === 'dvr'))
    const central = rows(hosting).find(({ Host }) => Host === 'network1')!.ID
    const [left, back, flavored, checked, topology] = await session(
      'admin',
      `network agent remove router --l3 ${central} pool-router`,
      `router list --agent ${central} -f json`,
      `network agent add router --l3 ${central} pool-router`,
      `router list --agent ${central} -f json`,
      `network flavor add profile central ${profile!.id}`,
      'network flavor show central -f json',
      'network auto allocated topology create --check-resources -f json',
      'network auto allocated topology create -f json',
      'network auto allocated topology delete',
      'network set --no-default ext-net',
      'subnet pool delete auto-pool',
      `network flavor remove profile central ${profile!.id}`,
      `network flavor delete ${flavor!.id}`,
      `network flavor profile delete ${profile!.id}`,
      `network rbac delete ${rbac!.id}`,
      'quota set --networks 100 demo',
    )
    const named = (answer: Row | undefined) => rows(answer).some(({ Name }) => Name === 'pool-router')
    assert.deepEqual([named(left), named(back)], [false, true])
    assert.deepEqual(flavored!.service_profile_ids, [profile!.id])
    assert.deepEqual(Object.keys(checked!), ['dry_run'])
    assert.ok(topology!.id)
    const [pools] = await session(
      'demo',
      'router remove subnet pool-router pool-subnet',
      'router delete pool-router',
      'network delete pool-net',
      'subnet pool delete pooled',
      'address scope delete wide',
      'subnet pool list -f json',
    )
    assert.deepEqual(pools, [])
  })

  it('neutronclient’s library reads and changes what they made', async () => {
    const script = `
import os
from keystoneauth1 import identity, session
from neutronclient.v2_0 import client
auth = identity.V3Password(auth_url=os.environ['OS_AUTH_URL'], username=os.environ['OS_USERNAME'], password=os.environ['OS_PASSWORD'],
    project_name=os.environ['OS_PROJECT_NAME'], user_domain_name='Default', project_domain_name='Default')
neutron = client.Client(session=session.Session(auth=auth))
router = neutron.list_routers(name='demo-router')['routers'][0]
ports = neutron.list_ports(device_id=router['id'])['ports']
print(len(ports), sorted(p['fixed_ips'][0]['ip_address'] for p in ports))
network = neutron.create_network({'network': {'name': 'by-library'}})['network']
neutron.update_network(network['id'], {'network': {'name': 'renamed'}})
print(neutron.show_network(network['id'])['network']['name'])
neutron.delete_network(network['id'])
try:
    neutron.show_network(network['id'])
except Exception as error:
    print(type(error).__name__)
`
    const { stdout } = await runCommand(['/usr/bin/python3', '-c', script], { env: environment.admin, timeout: 60_000 })
    assert.deepEqual(
      stdout.trim().split('\n'),
      ["3 ['192.168.1.1', '192.168.1.2', '203.0.113.101']", 'renamed', 'NetworkNotFoundClient'].map((line) => line),
    )
  })

  it('keystoneclient makes users, groups, roles and application credentials, which sign in', async () => {
    const script = `
import os
from keystoneauth1 import exceptions, identity, session
from keystoneclient.v3 import client
url = os.environ['OS_AUTH_URL']
domains = {'user_domain_name': 'Default', 'project_domain_name': 'Default'}
def sign_in(name, password, project):
    return session.Session(auth=identity.V3Password(auth_url=url, username=name, password=password, project_name=project, **domains))
admin = client.Client(session=sign_in(os.environ['OS_USERNAME'], os.environ['OS_PASSWORD'], 'admin'), interface='public')
domain = admin.domains.create('lab-domain')
project = admin.projects.create('lab-project', 'default')
group = admin.groups.create('lab-group')
user = admin.users.create('lab-user', domain='default', password='first', email='user@example.org')
admin.users.add_to_group(user, group)
admin.roles.grant(next(r for r in admin.roles.list() if r.name == 'member'), group=group, project=project)
print([a.group['name'] for a in admin.role_assignments.list(project=project, include_names=True)])
own = sign_in('lab-user', 'first', 'lab-project')
credential = client.Client(session=own, interface='public').application_credentials.create('robot', roles=[{'name': 'reader'}])
def robot():
    return session.Session(auth=identity.V3ApplicationCredential(auth_url=url, application_credential_id=credential.id, application_credential_secret=credential.secret))
reader = robot()
network = {'service_type': 'network', 'interface': 'public'}
print(reader.get('/v2.0/networks', endpoint_filter=network).status_code)
print(reader.post('/v2.0/networks', json={'network': {}}, endpoint_filter=network, raise_exc=False).status_code)
print(own.post('/v2.0/networks', json={'network': {'name': 'own'}}, endpoint_filter=network).status_code)
own.delete('/v2.0/networks/' + own.get('/v2.0/networks?name=own', endpoint_filter=network).json()['networks'][0]['id'], endpoint_filter=network)
admin.users.update(user, enabled=False)
for attempt in (robot, lambda: sign_in('lab-user', 'first', 'lab-project')):
    try:
        attempt().get_token()
    except exceptions.Unauthorized as error:
        print(error.http_status)
admin.domains.update(domain, enabled=False)
for made in (user, group, project, domain):
    made.delete()
`
    const { stdout } = await runCommand(['/usr/bin/python3', '-c', script], { env: environment.admin, timeout: 60_000 })
    assert.deepEqual(stdout.trim().split('\n'), ["['lab-group']", '200', '403', '201', '401', '401'])
  })

  it('take everything away again', async () => {
    await session(
      'demo',
      'server delete --wait demo-instance1',
      'floating ip delete 203.0.113.102',
      'router unset --external-gateway demo-router',
      'router remove subnet demo-router demo-subnet',
      'router delete demo-router',
    )
    await quiet('admin', 'network', 'delete', 'demo-net', 'ext-net')
    assert.deepEqual(await openstack('admin', 'port', 'list'), [])
  })
})

/** An answer that is a list. */
const rows = (answer: Record<string, unknown> | undefined) => answer as unknown as Record<string, unknown>[]

/** The JSON documents in what several commands printed one after the other. */
function documents(text: string): Record<string, unknown>[] {
  const found = text.match(/^(?:\[\]|[[{]$[\s\S]*?^[\]}])$/gm) ?? []
  return found.map((each) => JSON.parse(each) as Record<string, unknown>)
}
