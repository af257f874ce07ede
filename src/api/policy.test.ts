import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEMO, fakeApp, MEMBER, OTHER, READER, SERVICE } from './app.fake.js'
import { makeContext } from './context.js'
import { type Alternative, allowed, type PolicyTarget } from './policy/rules.js'

describe('policy rules', () => {
  const target = (change: Partial<PolicyTarget> = {}): PolicyTarget => ({
    projectId: DEMO,
    deviceOwner: '',
    network: null,
    ...change,
  })
  const network = (projectId: string, shared = false) => target({ network: { projectId, shared } })
  const who = (project: string, ...roles: string[]) => makeContext({ userId: 'u', projectId: project, roles }, 'req-1')
  const table: readonly [Alternative, ReturnType<typeof who>, PolicyTarget, boolean][] = [
    ['admin', who(OTHER, 'admin'), target(), true],
    ['admin', who(DEMO, 'manager'), target(), false],
    ['owner', who(DEMO, 'Member'), target(), true],
    ['owner', who(DEMO, 'reader'), target(), false],
    ['owner', who(OTHER, 'member'), target(), false],
    ['owner', who('', 'member'), target({ projectId: '' }), false],
    ['reader', who(DEMO, 'member'), target(), true],
    ['reader', who(DEMO), target(), false],
    ['manager', who(DEMO, 'manager'), target(), true],
    ['manager', who(DEMO, 'member'), target(), false],
    ['service', who(DEMO, 'service'), target(), true],
    ['service', who(DEMO, 'member'), target(), false],
    ['network-owner', who(DEMO, 'member'), network(DEMO), true],
    ['network-owner', who(DEMO, 'member'), network(OTHER, true), false],
    ['network-owner', who(DEMO, 'member'), target(), false],
    ['network-shared', who(DEMO, 'member'), network(OTHER, true), true],
    ['network-shared', who(DEMO, 'reader'), network(OTHER, true), false],
    ['not-network-device', who(DEMO, 'member'), target({ deviceOwner: 'compute:nova' }), true],
    ['not-network-device', who(DEMO, 'member'), target({ deviceOwner: 'network:dhcp' }), false],
  ]
  for (const [alternative, ctx, subject, expected] of table) {
    it(`${alternative}: ${ctx.roles.join()} of ${ctx.projectId || 'no project'}, ${JSON.stringify(subject)}`, () => {
      assert.equal(allowed([alternative], ctx, subject), expected)
    })
  }
})

describe('policy of requests', () => {
  const provider = { 'provider:network_type': 'vxlan', 'provider:segmentation_id': 1 }

  it('hides attributes that only an admin or a service reads', async () => {
    const { ask, core } = fakeApp()
    core.collections.networks!.add({ id: 'n', project_id: DEMO, name: 'x', ...provider })
    core.collections.routers!.add({ id: 'r', project_id: DEMO, distributed: true, ha: false })
    core.collections.ports!.add({ id: 'p', project_id: DEMO, 'binding:host_id': 'c1', 'binding:vnic_type': 'normal' })
    const keys = async (url: string, headers?: Record<string, string>) =>
      Object.keys(Object.values((await ask('GET', url, undefined, headers)).body)[0] as object)
    assert.ok((await keys('/v2.0/networks/n')).includes('provider:segmentation_id'))
    assert.ok(!(await keys('/v2.0/networks/n', MEMBER)).some((key) => key.startsWith('provider:')))
    assert.deepEqual(
      (await keys('/v2.0/routers/r', MEMBER)).filter((key) => key === 'distributed' || key === 'ha'),
      [],
    )
    assert.deepEqual(
      (await keys('/v2.0/ports/p', MEMBER)).filter((key) => key.startsWith('binding:')),
      ['binding:vnic_type'],
    )
    assert.ok((await keys('/v2.0/routers/r')).includes('distributed'))
  })

  it('names the rules that were asked, in Neutron’s notation', async () => {
    const { ask } = fakeApp()
    const reply = await ask('POST', '/v2.0/networks', { network: { name: 'x', shared: true, ...provider } }, MEMBER)
    assert.deepEqual(
      [reply.status, reply.body.NeutronError],
      [
        403,
        {
          type: 'PolicyNotAuthorized',
          message:
            '(((rule:create_network and rule:create_network:shared) and rule:create_network:provider:network_type) ' +
            'and rule:create_network:provider:segmentation_id) is disallowed by policy',
          detail: '',
        },
      ],
    )
    const snat = { external_gateway_info: { network_id: '893aebb9-1c1e-48be-8908-6b947f3237b3', enable_snat: false } }
    const router = await ask('POST', '/v2.0/routers', { router: snat }, MEMBER)
    assert.match(
      router.body.NeutronError.message,
      /rule:create_router:external_gateway_info:enable_snat\)+ is disallowed/,
    )
  })

  it('asks nothing for values that are the default', async () => {
    const { ask } = fakeApp()
    const reply = await ask(
      'POST',
      '/v2.0/networks',
      { network: { shared: false, 'router:external': 'False' } },
      MEMBER,
    )
    assert.equal(reply.status, 201)
    assert.equal((await ask('POST', '/v2.0/networks', { network: {} }, READER)).status, 403)
  })

  it('404 for what the caller cannot see, 403 for what it only sees', async () => {
    const { ask, core } = fakeApp()
    core.collections.networks!.add({ id: 'hidden', project_id: OTHER })
    core.collections.networks!.add({ id: 'shared', project_id: OTHER, shared: true })
    for (const [method, body] of [
      ['PUT', { network: { name: 'x' } }],
      ['DELETE', undefined],
    ] as const) {
      const hidden = await ask(method, '/v2.0/networks/hidden', body, MEMBER)
      assert.deepEqual([hidden.status, hidden.body.NeutronError.type], [404, 'NetworkNotFound'])
      const shared = await ask(method, '/v2.0/networks/shared', body, MEMBER)
      assert.deepEqual([shared.status, shared.body.NeutronError.type], [403, 'PolicyNotAuthorized'])
    }
  })

  it('ports: the network decides, a service may bind', async () => {
    const { ask, core } = fakeApp()
    const own = core.collections.networks!.add({ project_id: DEMO }).id
    const shared = core.collections.networks!.add({ project_id: OTHER, shared: true }).id
    const outside = core.collections.networks!.add({ project_id: OTHER, 'router:external': true }).id
    const post = (network_id: string, port: object, headers = MEMBER) =>
      ask('POST', '/v2.0/ports', { port: { network_id, ...port } }, headers).then(({ status }) => status)
    assert.equal(await post(own, { fixed_ips: [{ ip_address: '192.168.1.9' }], mac_address: 'fa:16:3e:00:00:01' }), 201)
    assert.equal(await post(shared, {}), 201)
    assert.equal(await post(shared, { fixed_ips: [{ subnet_id: own }] }), 201)
    assert.equal(await post(shared, { fixed_ips: [{ ip_address: '192.168.1.9' }] }), 403)
    assert.equal(await post(outside, {}), 403)
    assert.equal(await post(own, { 'binding:host_id': 'compute1' }), 403)
    assert.equal(await post(shared, { device_owner: 'network:dhcp' }), 403)
    const service = { ...SERVICE, 'x-project-id': DEMO }
    assert.equal(await post(own, { 'binding:host_id': 'compute1', device_owner: 'compute:nova' }, service), 201)
  })

  it('subnets: the owner of the network', async () => {
    const { ask, core } = fakeApp()
    const own = core.collections.networks!.add({ project_id: DEMO }).id
    const shared = core.collections.networks!.add({ project_id: OTHER, shared: true }).id
    const post = (network_id: string) =>
      ask('POST', '/v2.0/subnets', { subnet: { network_id, ip_version: 4, cidr: '192.168.1.0/24' } }, MEMBER)
    assert.equal((await post(own)).status, 201)
    assert.equal((await post(shared)).body.NeutronError.message, 'rule:create_subnet is disallowed by policy')
  })

  it('agents are an admin’s: others see none', async () => {
    const { ask, core } = fakeApp()
    core.collections.agents!.add({ id: 'a', project_id: DEMO })
    assert.equal((await ask('GET', '/v2.0/agents')).body.agents.length, 1)
    assert.deepEqual((await ask('GET', '/v2.0/agents', undefined, MEMBER)).body, { agents: [] })
    assert.equal((await ask('GET', '/v2.0/agents/a', undefined, MEMBER)).status, 404)
    assert.equal((await ask('PUT', '/v2.0/agents/a', { agent: { description: 'x' } }, MEMBER)).status, 404)
    assert.equal((await ask('GET', '/v2.0/agents/a/l3-routers', undefined, MEMBER)).status, 403)
  })
})
