import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { registerL3 } from '../core/l3/register.js'
import { TestCloud } from '../core/testing/cloud.js'
import type { Answer } from './app.fake.js'
import { faultOf as fault, ServiceApp } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const as = (project: string) => ({ 'x-project-id': project, 'x-roles': 'member' })
const [OWNER, FRIEND, STRANGER] = [as('owner'), as('friend'), as('stranger')]

type Headers = Readonly<Record<string, string>>

/** The whole service behind its API: policy, wire format and core, on a database in memory. */
describe('sharing', () => {
  let cloud: TestCloud
  let app: ServiceApp
  let ask: ServiceApp['ask']
  beforeEach(async () => {
    cloud = await TestCloud.open('', [registerL3])
    app = new ServiceApp(cloud.built.services)
    ask = app.ask
  })
  afterEach(async () => {
    await app.close()
    await cloud.close()
  })

  async function make(path: string, name: string, headers: Headers, attributes: object): Promise<Answer['body']> {
    const reply = await ask('POST', path, headers, { [name]: attributes })
    assert.equal(reply.status, 201, JSON.stringify(reply.body))
    return reply.body[name]
  }

  const policy = (headers: Headers, attributes: object) =>
    ask('POST', 'rbac-policies', headers, { rbac_policy: { action: 'access_as_shared', ...attributes } })

  const KINDS = [
    { type: 'network', path: 'networks', attributes: { name: 'n' } },
    { type: 'security_group', path: 'security-groups', attributes: { name: 'g' } },
    { type: 'subnetpool', path: 'subnetpools', attributes: { name: 'p', prefixes: ['10.0.0.0/16'] } },
    { type: 'address_scope', path: 'address-scopes', attributes: { name: 's', ip_version: 4 } },
    { type: 'address_group', path: 'address-groups', attributes: { name: 'a', addresses: ['10.0.0.0/8'] } },
  ] as const

  for (const { type, path, attributes } of KINDS) {
    it(`shows a ${type} to whom a policy names, and to nobody else`, async () => {
      const plural = path.replace('-', '_')
      const object = await make(path, type, OWNER, attributes)
      /** of owner, friend, stranger and admin: sees it in the list, by its id, as shared */
      const matrix = async () => {
        const rows: string[] = []
        for (const [name, headers] of Object.entries({
          owner: OWNER,
          friend: FRIEND,
          stranger: STRANGER,
          admin: ADMIN,
        })) {
          const list = (await ask('GET', path, headers)).body[plural] as { id: string }[]
          const listed = list.some(({ id }) => id === object.id)
          const { status, body } = await ask('GET', `${path}/${object.id}`, headers)
          assert.equal(listed, status === 200, `${name}: list and show agree`)
          const filtered = (await ask('GET', `${path}?shared=true`, headers)).body[plural] as { id: string }[]
          assert.equal(
            filtered.some(({ id }) => id === object.id),
            listed && body[type].shared === true,
          )
          if (listed) rows.push(body[type].shared ? `${name} (shared)` : name)
        }
        return rows.join(', ')
      }
      assert.equal(await matrix(), 'owner, admin')
      const made = await policy(OWNER, { object_type: type, object_id: object.id, target_tenant: 'friend' })
      assert.equal(made.status, 201)
      assert.equal(await matrix(), 'owner, friend (shared), admin')
      const { id } = made.body.rbac_policy
      const target = (target_tenant: string, headers: Headers) =>
        ask('PUT', `rbac-policies/${id}`, headers, { rbac_policy: { target_tenant } })
      assert.deepEqual(fault(await target('*', OWNER)), [403, 'PolicyNotAuthorized'])
      assert.equal((await target('*', ADMIN)).status, 200)
      assert.equal(await matrix(), 'owner (shared), friend (shared), stranger (shared), admin (shared)')
      // Neutron does not look whether an address group is shared when it is to be updated
      const refusal = type === 'address_group' ? [404, 'HTTPNotFound'] : [403, 'PolicyNotAuthorized']
      assert.deepEqual(fault(await ask('PUT', `${path}/${object.id}`, FRIEND, { [type]: { name: 'x' } })), refusal)
      assert.equal((await ask('DELETE', `${path}/${object.id}`, FRIEND)).status, 403)
      assert.deepEqual(fault(await ask('DELETE', `rbac-policies/${id}`, FRIEND)), [404, 'RbacPolicyNotFound'])
      assert.equal((await ask('DELETE', `rbac-policies/${id}`, OWNER)).status, 204)
      assert.equal(await matrix(), 'owner, admin')
      await policy(OWNER, { object_type: type, object_id: object.id, target_tenant: 'friend' })
      assert.equal((await ask('DELETE', `${path}/${object.id}`, OWNER)).status, 204)
      assert.deepEqual((await ask('GET', `rbac-policies?object_id=${object.id}`, ADMIN)).body.rbac_policies, [])
    })
  }

  it('refuses policies with the reasons clients know', async () => {
    const network = await make('networks', 'network', OWNER, { name: 'n' })
    const about = { object_type: 'network', object_id: network.id, target_tenant: 'friend' }
    assert.equal((await policy(OWNER, about)).status, 201)
    assert.deepEqual(fault(await policy(OWNER, about)), [409, 'DuplicateRbacPolicy'])
    assert.deepEqual(fault(await policy(OWNER, { ...about, target_tenant: '*' })), [403, 'PolicyNotAuthorized'])
    assert.deepEqual(fault(await policy(FRIEND, { ...about, target_tenant: 'stranger' })), [400, 'InvalidInput'])
    assert.deepEqual(fault(await policy(STRANGER, { ...about, target_tenant: 'x' })), [404, 'NetworkNotFound'])
    assert.deepEqual(fault(await policy(OWNER, { ...about, object_type: 'port' })), [400, 'HTTPBadRequest'])
    const group = await make('security-groups', 'security_group', OWNER, { name: 'g' })
    const external = {
      object_type: 'security_group',
      object_id: group.id,
      action: 'access_as_external',
      target_tenant: 'friend',
    }
    assert.deepEqual(fault(await policy(OWNER, external)), [400, 'InvalidInput'])
    assert.equal((await ask('GET', 'rbac-policies', OWNER)).body.rbac_policies.length, 1)
    assert.equal((await ask('GET', 'rbac-policies', FRIEND)).body.rbac_policies.length, 0)
  })

  it('makes `shared` and a policy for everybody one thing', async () => {
    const network = await make('networks', 'network', ADMIN, { name: 'n', shared: true })
    const policies = async () => (await ask('GET', `rbac-policies?object_id=${network.id}`, ADMIN)).body.rbac_policies
    assert.equal((await policies())[0].target_tenant, '*')
    await make('ports', 'port', FRIEND, { network_id: network.id })
    const unshare = () => ask('PUT', `networks/${network.id}`, ADMIN, { network: { shared: false } })
    assert.deepEqual(fault(await unshare()), [409, 'InvalidSharedSetting'])
    await policy(ADMIN, { object_type: 'network', object_id: network.id, target_tenant: 'friend' })
    assert.equal((await unshare()).status, 200)
    assert.deepEqual(
      (await policies()).map((one: { target_tenant: string }) => one.target_tenant),
      ['friend'],
    )
    await make('ports', 'port', FRIEND, { network_id: network.id })
    assert.deepEqual(fault(await ask('POST', 'ports', STRANGER, { port: { network_id: network.id } })), [
      404,
      'NetworkNotFound',
    ])
  })

  it('lets others use a shared security group, not write it', async () => {
    const group = await make('security-groups', 'security_group', OWNER, { name: 'g' })
    await policy(OWNER, { object_type: 'security_group', object_id: group.id, target_tenant: 'friend' })
    const rule = { security_group_id: group.id, direction: 'ingress', protocol: 'tcp' }
    const write = (headers: Headers) => ask('POST', 'security-group-rules', headers, { security_group_rule: rule })
    assert.deepEqual(fault(await write(FRIEND)), [403, 'PolicyNotAuthorized'])
    const made = (await write(OWNER)).body.security_group_rule
    assert.equal((await ask('GET', `security-group-rules/${made.id}`, FRIEND)).status, 200)
    assert.deepEqual(fault(await ask('DELETE', `security-group-rules/${made.id}`, FRIEND)), [
      403,
      'PolicyNotAuthorized',
    ])
    assert.equal((await ask('GET', `security-group-rules/${made.id}`, STRANGER)).status, 404)
  })

  it('keeps access that is in use', async () => {
    const network = await make('networks', 'network', OWNER, { name: 'n' })
    const group = await make('security-groups', 'security_group', OWNER, { name: 'g' })
    const scope = await make('address-scopes', 'address_scope', OWNER, { name: 's', ip_version: 4 })
    const pool = await make('subnetpools', 'subnetpool', OWNER, {
      name: 'p',
      prefixes: ['10.0.0.0/16'],
      default_prefixlen: 24,
    })
    const ids: Record<string, string> = {}
    for (const [object_type, { id }] of Object.entries({
      network,
      security_group: group,
      subnetpool: pool,
      address_scope: scope,
    })) {
      const made = await policy(OWNER, { object_type, object_id: id, target_tenant: 'friend' })
      ids[object_type] = made.body.rbac_policy.id
    }
    const port = await make('ports', 'port', FRIEND, { network_id: network.id, security_groups: [group.id] })
    const own = await make('networks', 'network', FRIEND, { name: 'own' })
    const subnet = await make('subnets', 'subnet', FRIEND, {
      network_id: own.id,
      ip_version: 4,
      subnetpool_id: pool.id,
    })
    const scoped = await make('subnetpools', 'subnetpool', FRIEND, {
      name: 'f',
      prefixes: ['10.9.0.0/16'],
      address_scope_id: scope.id,
    })
    for (const id of Object.values(ids)) {
      assert.deepEqual(fault(await ask('DELETE', `rbac-policies/${id}`, OWNER)), [409, 'RbacPolicyInUse'])
      const moved = await ask('PUT', `rbac-policies/${id}`, OWNER, { rbac_policy: { target_tenant: 'stranger' } })
      assert.deepEqual(fault(moved), [409, 'RbacPolicyInUse'])
    }
    const used = [`ports/${port.id}`, `subnets/${subnet.id}`, `subnetpools/${scoped.id}`]
    for (const path of used) assert.equal((await ask('DELETE', path, FRIEND)).status, 204)
    for (const id of Object.values(ids)) {
      assert.equal((await ask('DELETE', `rbac-policies/${id}`, OWNER)).status, 204)
    }
  })

  it('keeps what its owner uses open to all, but for networks; moves a policy only to where nobody loses', async () => {
    const group = await make('security-groups', 'security_group', OWNER, { name: 'g' })
    const network = await make('networks', 'network', OWNER, { name: 'n' })
    await make('ports', 'port', OWNER, { network_id: network.id, security_groups: [group.id] })
    const open = async (object_type: string, object_id: string, target_tenant: string) =>
      (await policy(ADMIN, { object_type, object_id, target_tenant })).body.rbac_policy.id
    const close = (id: string) => ask('DELETE', `rbac-policies/${id}`, ADMIN)
    assert.equal((await close(await open('network', network.id, '*'))).status, 204)
    const forAll = await open('security_group', group.id, '*')
    assert.deepEqual(fault(await close(forAll)), [409, 'RbacPolicyInUse'])
    const forOwner = await open('security_group', group.id, 'owner')
    assert.equal((await close(forAll)).status, 204)
    assert.equal((await close(forOwner)).status, 204)
    const again = await open('security_group', group.id, '*')
    const friend = await make('networks', 'network', FRIEND, { name: 'f' })
    const port = await make('ports', 'port', FRIEND, { network_id: friend.id, security_groups: [group.id] })
    const moved = await ask('PUT', `rbac-policies/${again}`, ADMIN, { rbac_policy: { target_tenant: 'friend' } })
    assert.deepEqual(fault(moved), [409, 'RbacPolicyInUse'])
    assert.equal((await ask('DELETE', `ports/${port.id}`, FRIEND)).status, 204)
  })

  it('leaves a pool in the address scope of others as it is, and opens it to nobody who may not use the scope', async () => {
    const scope = await make('address-scopes', 'address_scope', OWNER, { name: 's', ip_version: 4 })
    const about = { object_type: 'address_scope', object_id: scope.id }
    await policy(OWNER, { ...about, target_tenant: 'friend' })
    const attributes = { name: 'p', prefixes: ['10.0.0.0/16'], address_scope_id: scope.id }
    const pool = await make('subnetpools', 'subnetpool', FRIEND, attributes)
    const change = (headers: Headers, subnetpool: object) =>
      ask('PUT', `subnetpools/${pool.id}`, headers, { subnetpool })
    const wider = { prefixes: ['10.0.0.0/16', '10.2.0.0/16'] }
    assert.deepEqual(fault(await change(FRIEND, wider)), [400, 'IllegalSubnetPoolUpdate'])
    assert.deepEqual(fault(await change(FRIEND, { name: 'x' })), [400, 'IllegalSubnetPoolUpdate'])
    const add = await ask('PUT', `subnetpools/${pool.id}/add_prefixes`, FRIEND, {
      subnetpool: { prefixes: ['10.2.0.0/16'] },
    })
    assert.deepEqual(fault(add), [400, 'IllegalSubnetPoolUpdate'])
    assert.equal((await change(ADMIN, wider)).status, 200)
    const share = () => policy(FRIEND, { object_type: 'subnetpool', object_id: pool.id, target_tenant: 'stranger' })
    assert.deepEqual(fault(await share()), [400, 'InvalidInput'])
    await policy(OWNER, { ...about, target_tenant: 'stranger' })
    assert.equal((await share()).status, 201)
  })

  it('opens an external network to single projects, for their gateways', async () => {
    const network = await make('networks', 'network', ADMIN, { name: 'ext', 'router:external': true })
    await make('subnets', 'subnet', ADMIN, { network_id: network.id, ip_version: 4, cidr: '203.0.113.0/24' })
    const [forAll] = (await ask('GET', `rbac-policies?object_id=${network.id}`, ADMIN)).body.rbac_policies
    assert.deepEqual([forAll.action, forAll.target_tenant], ['access_as_external', '*'])
    await ask('PUT', `rbac-policies/${forAll.id}`, ADMIN, { rbac_policy: { target_tenant: 'friend' } })
    const gateway = { name: 'r', external_gateway_info: { network_id: network.id } }
    assert.deepEqual(fault(await ask('POST', 'routers', STRANGER, { router: gateway })), [404, 'NetworkNotFound'])
    const router = await make('routers', 'router', FRIEND, gateway)
    const seen = (await ask('GET', `networks/${network.id}`, FRIEND)).body.network
    assert.deepEqual([seen['router:external'], seen.shared], [true, false])
    assert.deepEqual(fault(await ask('POST', 'ports', FRIEND, { port: { network_id: network.id } })), [
      403,
      'PolicyNotAuthorized',
    ])
    assert.deepEqual(fault(await ask('DELETE', `rbac-policies/${forAll.id}`, ADMIN)), [409, 'RbacPolicyInUse'])
    assert.equal((await ask('DELETE', `routers/${router.id}`, FRIEND)).status, 204)
    await ask('PUT', `networks/${network.id}`, ADMIN, { network: { is_default: true } })
    const { id: everybody } = (
      await policy(ADMIN, {
        object_type: 'network',
        object_id: network.id,
        action: 'access_as_external',
        target_tenant: '*',
      })
    ).body.rbac_policy
    assert.equal((await ask('DELETE', `rbac-policies/${forAll.id}`, ADMIN)).status, 204)
    assert.match(
      (await ask('DELETE', `rbac-policies/${everybody}`, ADMIN)).body.NeutronError.message,
      /Default external networks must be shared to everyone/,
    )
    await ask('PUT', `networks/${network.id}`, ADMIN, { network: { is_default: false } })
    const before = (await ask('GET', `networks/${network.id}`, ADMIN)).body.network
    assert.equal((await ask('DELETE', `rbac-policies/${everybody}`, ADMIN)).status, 204)
    const after = (await ask('GET', `networks/${network.id}`, ADMIN)).body.network
    assert.deepEqual([before['router:external'], after['router:external']], [true, false])
    assert.ok(after.revision_number > before.revision_number)
    const inside = await make('networks', 'network', OWNER, { name: 'inside' })
    await policy(OWNER, {
      object_type: 'network',
      object_id: inside.id,
      action: 'access_as_external',
      target_tenant: 'friend',
    })
    assert.equal((await ask('GET', `networks/${inside.id}`, OWNER)).body.network['router:external'], true)
  })

  it('counts addresses for administrators', async () => {
    const network = await make('networks', 'network', OWNER, { name: 'n' })
    for (const [ip_version, cidr] of [
      [4, '10.0.0.0/29'],
      [6, 'fd00::/125'],
    ] as const) {
      await make('subnets', 'subnet', OWNER, { network_id: network.id, ip_version, cidr })
    }
    await make('ports', 'port', OWNER, { network_id: network.id })
    const shown = (await ask('GET', `network-ip-availabilities/${network.id}`, ADMIN)).body.network_ip_availability
    assert.deepEqual([shown.network_name, shown.total_ips, shown.used_ips], ['n', 11, 2])
    const [four] = (await ask('GET', 'network-ip-availabilities?ip_version=4', ADMIN)).body.network_ip_availabilities
    assert.deepEqual([four.total_ips, four.used_ips, four.subnet_ip_availability.length], [5, 1, 1])
    assert.deepEqual((await ask('GET', 'network-ip-availabilities', OWNER)).body.network_ip_availabilities, [])
    assert.equal((await ask('GET', `network-ip-availabilities/${network.id}`, OWNER)).status, 404)
    const wide = await make('networks', 'network', OWNER, { name: 'wide' })
    await make('subnets', 'subnet', OWNER, { network_id: wide.id, ip_version: 6, cidr: 'fd00:1::/64' })
    const many = await ask('GET', `network-ip-availabilities/${wide.id}`, ADMIN)
    assert.equal(many.body.network_ip_availability.total_ips, 2 ** 64)
  })

  it('makes a network with a way outside for a project that asks for one, once', async () => {
    const path = 'auto-allocated-topology'
    assert.deepEqual(fault(await ask('GET', `${path}/owner?fields=dry-run`, OWNER)), [409, 'AutoAllocationFailure'])
    const external = { name: 'ext', 'router:external': true, is_default: true }
    const outside = await make('networks', 'network', ADMIN, external)
    assert.deepEqual(fault(await ask('POST', 'networks', ADMIN, { network: external })), [
      409,
      'DefaultExternalNetworkExists',
    ])
    await make('subnets', 'subnet', ADMIN, { network_id: outside.id, ip_version: 4, cidr: '203.0.113.0/24' })
    assert.deepEqual(fault(await ask('GET', `${path}/owner`, OWNER)), [409, 'AutoAllocationFailure'])
    const shared = { shared: true, is_default: true }
    await make('subnetpools', 'subnetpool', ADMIN, {
      name: '4',
      prefixes: ['10.0.0.0/8'],
      default_prefixlen: 26,
      ...shared,
    })
    await make('subnetpools', 'subnetpool', ADMIN, { name: '6', prefixes: ['fd00::/48'], ...shared })
    const dryRun = (await ask('GET', `${path}/owner?fields=dry-run`, OWNER)).body.auto_allocated_topology
    assert.equal(dryRun.id, 'dry-run=pass')
    assert.deepEqual((await ask('GET', 'networks', OWNER)).body.networks.length, 1)
    const asked = await Promise.all([1, 2, 3].map(() => ask('GET', `${path}/None`, OWNER)))
    const [{ id, tenant_id }] = asked.map(({ body }) => body.auto_allocated_topology) as [
      { id: string; tenant_id: string },
    ]
    assert.equal(tenant_id, 'owner')
    assert.equal(new Set(asked.map(({ body }) => body.auto_allocated_topology.id)).size, 1)
    const network = (await ask('GET', `networks/${id}`, OWNER)).body.network
    assert.deepEqual([network.name, network.subnets.length], ['auto_allocated_network', 2])
    const [router] = (await ask('GET', 'routers', OWNER)).body.routers
    assert.equal(router.external_gateway_info.network_id, outside.id)
    assert.deepEqual(fault(await ask('GET', `${path}/owner`, STRANGER)), [403, 'NotAuthorized'])
    const port = await make('ports', 'port', OWNER, { network_id: id })
    assert.deepEqual(fault(await ask('DELETE', `${path}/owner`, OWNER)), [409, 'NetworkInUse'])
    await ask('DELETE', `ports/${port.id}`, OWNER)
    assert.equal((await ask('DELETE', `${path}/owner`, OWNER)).status, 204)
    assert.equal((await ask('DELETE', `${path}/owner`, OWNER)).status, 204)
    assert.deepEqual((await ask('GET', 'routers', OWNER)).body.routers, [])
    assert.deepEqual((await ask('GET', `networks/${id}`, OWNER)).status, 404)
  })
})
