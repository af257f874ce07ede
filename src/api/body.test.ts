import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEMO, fakeApp, MEMBER, OTHER } from './app.fake.js'

const UUID = '893aebb9-1c1e-48be-8908-6b947f3237b3'

describe('request bodies', () => {
  it('fills defaults, leaves to core what core chooses, and shows attributes in declared order', async () => {
    const { ask, core } = fakeApp()
    const reply = await ask('POST', '/v2.0/networks', {
      network: { name: 'demo-net', 'provider:network_type': 'vxlan' },
    })
    assert.equal(reply.status, 201)
    assert.deepEqual(core.collections.networks!.lastCreate, [
      {
        name: 'demo-net',
        tenant_id: OTHER,
        admin_state_up: true,
        shared: false,
        availability_zone_hints: [],
        'router:external': false,
        description: '',
        port_security_enabled: true,
        dns_domain: '',
        is_default: false,
        project_id: OTHER,
        'provider:network_type': 'vxlan',
      },
    ])
    const keys = Object.keys(reply.body.network)
    assert.deepEqual(keys.slice(0, 4), ['id', 'name', 'tenant_id', 'admin_state_up'])
    assert.deepEqual(keys.slice(-2), ['project_id', 'provider:network_type'])
  })

  it('creates in bulk under the plural key, wrapped or bare, all checked before any is made', async () => {
    const { ask, core } = fakeApp()
    const reply = await ask('POST', '/v2.0/networks', { networks: [{ name: 'a' }, { network: { name: 'b' } }] })
    assert.equal(reply.status, 201)
    assert.deepEqual(
      reply.body.networks.map((n: { name: string }) => n.name),
      ['a', 'b'],
    )
    const bad = await ask('POST', '/v2.0/networks', { networks: [{ name: 'c' }, { nonsense: 1 }] })
    assert.equal(bad.status, 400)
    assert.equal(core.collections.networks!.objects.size, 2)
  })

  const refusals: readonly [string, string, unknown, string, string][] = [
    ['no body', '/v2.0/networks', undefined, 'HTTPBadRequest', 'Resource body required'],
    ['no JSON', '/v2.0/networks', '{nope', 'HTTPBadRequest', 'Body contains invalid data'],
    ['no wrapper', '/v2.0/networks', { name: 'x' }, 'HTTPBadRequest', "Unable to find 'network' in request body"],
    ['empty bulk', '/v2.0/networks', { networks: [] }, 'HTTPBadRequest', 'Resources required'],
    ['unknown', '/v2.0/networks', { network: { x: 1 } }, 'HTTPBadRequest', "Unrecognized attribute(s) 'x'"],
    [
      'prefix delegation',
      '/v2.0/subnets',
      { subnet: { network_id: UUID, ip_version: 6, subnetpool_id: 'prefix_delegation' } },
      'HTTPBadRequest',
      'Invalid input for subnetpool_id. Reason: IPv6 prefix delegation is not supported.',
    ],
    [
      'proto',
      '/v2.0/networks',
      '{"network":{"__proto__":{}}}',
      'HTTPBadRequest',
      "Unrecognized attribute(s) '__proto__'",
    ],
    [
      'read-only',
      '/v2.0/networks',
      { network: { status: 'UP' } },
      'HTTPBadRequest',
      "Attribute 'status' not allowed in POST",
    ],
    [
      'required',
      '/v2.0/ports',
      { port: {} },
      'HTTPBadRequest',
      "Failed to parse request. Required attribute 'network_id' not specified",
    ],
    [
      'mtu',
      '/v2.0/networks',
      { network: { mtu: -1 } },
      'HTTPBadRequest',
      "Invalid input for mtu. Reason: '-1' is too small - must be at least '0'.",
    ],
    [
      'boolean',
      '/v2.0/networks',
      { network: { shared: 'maybe' } },
      'InvalidInput',
      "Invalid input for operation: 'maybe' cannot be converted to boolean.",
    ],
    [
      'integer',
      '/v2.0/networks',
      { network: { mtu: 'big' } },
      'InvalidInput',
      "Invalid input for operation: 'big' is not an integer.",
    ],
    [
      'uuid',
      '/v2.0/subnets',
      { subnet: { network_id: 'abc', ip_version: 4, cidr: '10.0.0.0/24' } },
      'HTTPBadRequest',
      "Invalid input for network_id. Reason: 'abc' is not a valid UUID.",
    ],
    [
      'cidr without length',
      '/v2.0/subnets',
      { subnet: { network_id: UUID, ip_version: 4, cidr: '10.0.2.0' } },
      'HTTPBadRequest',
      "Invalid input for cidr. Reason: '10.0.2.0' isn't a recognized IP subnet cidr, '10.0.2.0/32' is recommended.",
    ],
    [
      'ip version',
      '/v2.0/subnets',
      { subnet: { network_id: UUID, ip_version: 5, cidr: '10.0.2.0/24' } },
      'HTTPBadRequest',
      "Invalid input for ip_version. Reason: '5' is not in [4, 6].",
    ],
    [
      'two projects',
      '/v2.0/networks',
      { network: { tenant_id: DEMO, project_id: OTHER } },
      'HTTPBadRequest',
      "'project_id' and 'tenant_id' do not match",
    ],
    [
      'pool',
      '/v2.0/subnets',
      { subnet: { network_id: UUID, ip_version: 4, cidr: '10.0.2.0/24', allocation_pools: [{ start: '10.0.2.1' }] } },
      'HTTPBadRequest',
      "Invalid input for allocation_pools. Reason: Invalid data format for IP pool: '{'start': '10.0.2.1'}'.",
    ],
    [
      'router interface',
      `/v2.0/routers/${UUID}/add_router_interface`,
      {},
      'BadRequest',
      'Bad router request: Either subnet_id or port_id must be specified.',
    ],
  ]
  for (const [what, url, body, type, message] of refusals) {
    it(`refuses: ${what}`, async () => {
      const { ask } = fakeApp()
      const reply = await ask(url.includes('/add_') ? 'PUT' : 'POST', url, body)
      assert.deepEqual([reply.status, reply.body], [400, { NeutronError: { type, message, detail: '' } }])
    })
  }

  it('takes tenant_id for project_id, of others only from an admin', async () => {
    const { ask, core } = fakeApp()
    await ask('POST', '/v2.0/networks', { network: { tenant_id: DEMO } })
    assert.equal(core.collections.networks!.lastCreate[0]!.project_id, DEMO)
    const reply = await ask('POST', '/v2.0/networks', { network: { tenant_id: OTHER } }, MEMBER)
    assert.deepEqual([reply.status, reply.body.NeutronError.type], [400, 'HTTPBadRequest'])
  })

  it('converts what old clients send as text', async () => {
    const { ask, core } = fakeApp()
    await ask('POST', '/v2.0/subnets', {
      subnet: { network_id: UUID, ip_version: '4', cidr: '10.0.2.0/24', enable_dhcp: 'False', gateway_ip: null },
    })
    const made = core.collections.subnets!.lastCreate[0]!
    assert.deepEqual([made.ip_version, made.enable_dhcp, made.gateway_ip, made.dns_nameservers], [4, false, null, []])
    assert.ok(!('allocation_pools' in made))
  })

  it('refuses read-only attributes on update and passes only what was given', async () => {
    const { ask, core } = fakeApp()
    const { id } = core.collections.routers!.add({ project_id: OTHER, name: 'r' })
    const refused = await ask('PUT', `/v2.0/routers/${id}`, { router: { status: 'DOWN' } })
    assert.equal(refused.body.NeutronError.message, 'Cannot update read-only attribute status')
    const reply = await ask('PUT', `/v2.0/routers/${id}`, { router: { external_gateway_info: {} } })
    assert.equal(reply.status, 200)
    assert.deepEqual(core.collections.routers!.lastUpdate!.changes, { external_gateway_info: null })
  })

  it('hands If-Match on and refuses a malformed one', async () => {
    const { ask, core } = fakeApp()
    const { id } = core.collections.networks!.add({ project_id: OTHER })
    const put = (match: string) =>
      ask('PUT', `/v2.0/networks/${id}`, { network: { name: 'n' } }, { 'x-project-id': OTHER, 'if-match': match })
    assert.equal((await put('revision_number=1')).status, 200)
    assert.equal(core.collections.networks!.lastUpdate!.ifRevision, 1)
    assert.equal((await put('revision_number=7')).status, 412)
    assert.equal((await put('"abc"')).status, 400)
  })
})

describe('security group rules', () => {
  const group = { security_group_id: UUID, direction: 'ingress' }
  const cases: readonly [Record<string, unknown>, string][] = [
    [{ protocol: 'tcp', port_range_min: 30, port_range_max: 20 }, 'SecurityGroupInvalidPortRange'],
    [{ protocol: 'tcp', port_range_min: 30 }, 'SecurityGroupInvalidPortRange'],
    [{ protocol: 'tcp', port_range_min: 1, port_range_max: 70000 }, 'SecurityGroupInvalidPortValue'],
    [{ port_range_min: 1, port_range_max: 2 }, 'SecurityGroupProtocolRequiredWithPorts'],
    [{ protocol: 'gre', port_range_min: 1, port_range_max: 2 }, 'SecurityGroupInvalidProtocolForPortRange'],
    [{ protocol: 'icmp', port_range_min: 300 }, 'SecurityGroupInvalidIcmpValue'],
    [{ protocol: 'icmp', port_range_max: 3 }, 'SecurityGroupMissingIcmpType'],
    [{ protocol: 'nonsense' }, 'SecurityGroupRuleInvalidProtocol'],
    [{ protocol: 256 }, 'SecurityGroupRuleInvalidProtocol'],
    [{ protocol: 'icmpv6' }, 'SecurityGroupEthertypeConflictWithProtocol'],
    [{ protocol: 43 }, 'SecurityGroupEthertypeConflictWithProtocol'],
    [{ ethertype: 'IPv5' }, 'SecurityGroupRuleInvalidEtherType'],
    [{ remote_ip_prefix: '2001:db8::/64' }, 'SecurityGroupRuleParameterConflict'],
    [{ remote_ip_prefix: '10.0.0.0/8', remote_group_id: UUID }, 'SecurityGroupRemoteGroupAndRemoteIpPrefix'],
    [{ remote_address_group_id: UUID, remote_group_id: UUID }, 'SecurityGroupMultipleRemoteEntites'],
  ]
  for (const [rule, type] of cases) {
    it(`refuses ${JSON.stringify(rule)}`, async () => {
      const reply = await fakeApp().ask('POST', '/v2.0/security-group-rules', {
        security_group_rule: { ...group, ...rule },
      })
      assert.deepEqual([reply.status, reply.body.NeutronError.type], [400, type])
    })
  }

  it('accepts numbers, case and ICMP without code', async () => {
    const { ask, core } = fakeApp()
    const rules = [
      { ...group, protocol: 6, port_range_min: '22', port_range_max: '22', ethertype: 'ipv4' },
      { ...group, protocol: 'ICMP', port_range_min: 8 },
    ]
    assert.equal((await ask('POST', '/v2.0/security-group-rules', { security_group_rules: rules })).status, 201)
    const [tcp, icmp] = core.collections.security_group_rules!.lastCreate
    assert.deepEqual([tcp!.protocol, tcp!.port_range_min, tcp!.ethertype, icmp!.protocol], ['6', 22, 'IPv4', 'icmp'])
  })

  it('has no update, and one group per request', async () => {
    const { ask } = fakeApp()
    const put = await ask('PUT', `/v2.0/security-group-rules/${UUID}`, { security_group_rule: {} })
    assert.deepEqual([put.status, put.body.NeutronError.type], [405, 'HTTPMethodNotAllowed'])
    const two = { security_group_rules: [group, { ...group, security_group_id: UUID.replace('8', '9') }] }
    const reply = await ask('POST', '/v2.0/security-group-rules', two)
    assert.equal(reply.body.NeutronError.type, 'SecurityGroupNotSingleGroupRules')
  })
})
