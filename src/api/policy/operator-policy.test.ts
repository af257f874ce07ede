import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DEMO, fakeApp, MEMBER, OTHER } from '../app.fake.js'
import { makeContext } from '../context.js'
import { parseRule } from './oslo-language.js'
import { loadPolicy, Policy } from './policy.js'
import { parsePolicyFile } from './policy-file.js'
import type { PolicyTarget } from './rules.js'

const policyOf = (rules: Record<string, string>) => new Policy(new Map(Object.entries(rules)))

describe('the language of policy.yaml', () => {
  const target: PolicyTarget = {
    projectId: DEMO,
    deviceOwner: 'network:dhcp',
    network: { projectId: OTHER, shared: false },
    attributes: { shared: true, device_owner: 'network:dhcp', 'router:external': false, name: 'x' },
  }
  const table: readonly [string, string, boolean][] = [
    ['', 'reader', true],
    ['@', 'reader', true],
    ['!', 'reader', false],
    ['role:member', 'member', true],
    ['role:Member and not role:banned', 'member', true],
    ['role:member and not role:banned', 'member,banned', false],
    ['role:a or role:b and role:c', 'a', true],
    ['(role:a or role:b) and role:c', 'a', false],
    ['rule:owner', 'reader', true],
    ['project_id:%(network:project_id)s', 'reader', false],
    ['tenant_id:%(tenant_id)s', 'reader', true],
    ['user_id:u', 'reader', true],
    ["'x':%(name)s", 'reader', true],
    ['field:networks:shared=True', 'reader', true],
    ['rule:external', 'reader', false],
    ['field:port:device_owner=~^network:', 'reader', true],
    ['user_id:%(nothing)s', 'reader', false],
    ['rule:no_such_rule', 'reader', true],
  ]
  for (const [text, roles, expected] of table) {
    it(`${text || '(empty)'}: ${roles}`, () => {
      const ctx = makeContext({ userId: 'u', projectId: DEMO, roles: roles.split(',') }, 'req-1')
      const [override] = policyOf({ create_network: text }).rule('create_network', ['admin'])
      assert.equal((override as { test: (...args: unknown[]) => boolean }).test(ctx, target), expected)
    })
  }

  it('takes a rule that nobody wrote for `default`, once', () => {
    const ctx = makeContext({ userId: 'u', projectId: DEMO, roles: ['reader'] }, 'req-1')
    const holds = (rules: Record<string, string>) => {
      const [override] = policyOf({ create_network: 'rule:no_such_rule', ...rules }).rule('create_network', ['admin'])
      return (override as { test: (...args: unknown[]) => boolean }).test(ctx, target)
    }
    assert.equal(holds({}), true)
    assert.equal(holds({ default: '!' }), false)
    assert.equal(holds({ default: 'rule:neither_this or role:reader' }), true)
    assert.equal(holds({ default: 'rule:neither_this' }), false)
  })

  it('says what is wrong', () => {
    for (const text of ['role:a and', '(role:a', 'role:a role:b', 'nonsense', 'http://x', 'or role:a', 'field:x'])
      assert.throws(() => parseRule(text), Error, text)
    assert.throws(() => policyOf({ a: 'rule:b', b: 'not rule:a' }), /refers to itself/)
  })
})

describe('policy.yaml', () => {
  it('is read as the generator writes it', () => {
    const text = `# Rule for creating networks
"create_network": "role:member"
#"delete_network": "rule:owner"

'update_network' : 'role:member and ''x'':%(name)s'   # note
get_network:provider:network_type: role:auditor
"empty": ""
`
    assert.deepEqual(
      [...parsePolicyFile(text, 'p')],
      [
        ['create_network', 'role:member'],
        ['update_network', "role:member and 'x':%(name)s"],
        ['get_network:provider:network_type', 'role:auditor'],
        ['empty', ''],
      ],
    )
    assert.deepEqual([...parsePolicyFile('{"a": "role:b"}', 'p')], [['a', 'role:b']])
    for (const wrong of ['"a": >\n  role:b', 'just words', '- a: b', '"a": ["x"]'])
      assert.throws(() => parsePolicyFile(wrong, 'p'), /p:1/, wrong)
  })

  it('is beside neutron.conf; one that was asked for must be there', () => {
    const directory = mkdtempSync(join(tmpdir(), 'policy-test-'))
    const config = join(directory, 'neutron.conf')
    const who = { userId: 'u', projectId: DEMO, roles: ['boss'] }
    assert.equal(loadPolicy('policy.yaml', [config], true).isAdmin(who), false)
    assert.throws(() => loadPolicy('policy.yaml', [config], false), /there is no policy.yaml/)
    writeFileSync(join(directory, 'policy.yaml'), '"context_is_admin": "role:boss"\n')
    assert.equal(loadPolicy('policy.yaml', [config], true).isAdmin(who), true)
    rmSync(directory, { recursive: true })
  })
})

describe('an operator’s rules', () => {
  const wire = { 'provider:network_type': 'vxlan', 'provider:segmentation_id': 1 }

  it('give and take what the declared ones do not', async () => {
    const { ask } = fakeApp({
      policy: policyOf({
        'create_network:shared': 'role:member',
        'create_network:provider:network_type': 'rule:create_network:shared',
        'create_network:name': "'allowed':%(name)s or rule:admin_only",
        create_subnetpool: '!',
      }),
    })
    const post = async (network: object, headers = MEMBER) =>
      (await ask('POST', '/v2.0/networks', { network }, headers)).status
    assert.equal(await post({ shared: true, name: 'allowed' }), 201)
    assert.equal(await post({ name: 'other' }), 403)
    assert.equal(await post({ 'provider:network_type': 'vxlan', name: 'allowed' }), 201)
    assert.equal(await post({ ...wire, name: 'allowed' }), 403, 'the segmentation id is still an administrator’s')
  })

  it('decide object by object what is read', async () => {
    const { ask, core } = fakeApp({
      policy: policyOf({
        get_network: "rule:owner and not 'secret':%(name)s",
        'get_network:provider:network_type': 'rule:owner',
      }),
    })
    core.collections.networks!.add({ id: 'own', project_id: DEMO, name: 'own', ...wire })
    core.collections.networks!.add({ id: 'secret', project_id: DEMO, name: 'secret', ...wire })
    core.collections.networks!.add({ id: 'shared', project_id: OTHER, name: 'shared', shared: true, ...wire })
    const { networks } = (await ask('GET', '/v2.0/networks', undefined, MEMBER)).body
    assert.deepEqual(
      networks.map((network: Record<string, unknown>) => [network.id, network['provider:network_type']]),
      [['own', 'vxlan']],
    )
    assert.equal(networks[0]['provider:segmentation_id'], undefined)
    assert.equal((await ask('GET', '/v2.0/networks/secret', undefined, MEMBER)).status, 404)
    assert.equal((await ask('DELETE', '/v2.0/networks/secret', undefined, MEMBER)).status, 404)
    assert.equal((await ask('GET', '/v2.0/networks')).body.networks.length, 3, 'an administrator passes every rule')
  })

  it('reach limits, schedulers, tags, bindings, flavors and topologies', async () => {
    const { ask, core } = fakeApp({
      policy: policyOf({
        get_quota: 'role:auditor or rule:owner',
        update_quota: 'role:manager and rule:owner',
        'get_l3-agents': 'role:auditor',
        'create_l3-router': 'role:auditor',
        get_networks_tags: 'not role:blind',
        update_networks_tags: 'role:tagger',
        delete_networks_tags: '!',
        get_service_provider: '!',
        get_rule_type: '!',
      }),
    })
    core.collections.networks!.add({ id: 'n', project_id: DEMO, tags: ['a'] })
    const as = (roles: string) => ({ ...MEMBER, 'x-roles': roles })
    const status = async (method: string, path: string, roles: string, body?: unknown) =>
      (await ask(method, `/v2.0/${path}`, body, as(roles))).status
    assert.equal(await status('GET', `quotas/${OTHER}`, 'member'), 403)
    assert.equal(await status('GET', `quotas/${OTHER}`, 'auditor'), 200)
    assert.equal(await status('GET', 'quotas', 'auditor'), 200)
    const limits = { quota: { network: 5 } }
    assert.equal(await status('PUT', `quotas/${DEMO}`, 'manager', limits), 200)
    assert.equal(await status('PUT', `quotas/${OTHER}`, 'manager', limits), 403)
    assert.equal(await status('DELETE', `quotas/${DEMO}`, 'manager'), 403)
    assert.equal(await status('GET', 'routers/r/l3-agents', 'member'), 403)
    assert.equal(await status('GET', 'routers/r/l3-agents', 'auditor'), 200)
    assert.notEqual(await status('POST', 'agents/a/l3-routers', 'auditor', { router_id: OTHER }), 403)
    assert.equal(await status('GET', 'networks/n/tags', 'member'), 200)
    assert.equal(await status('GET', 'networks/n/tags', 'member,blind'), 404)
    assert.equal(await status('PUT', 'networks/n/tags', 'member', { tags: ['b'] }), 403)
    assert.equal(await status('PUT', 'networks/n/tags', 'reader,tagger', { tags: ['b'] }), 200)
    assert.equal(await status('DELETE', 'networks/n/tags/b', 'member,tagger'), 403)
    assert.equal(await status('DELETE', 'networks/n/tags/b', 'admin'), 204)
    const providers = (await ask('GET', '/v2.0/service-providers', undefined, as('member'))).body
    assert.deepEqual(providers, { service_providers: [] })
  })

  it('may differ for a key inside a value between create and update', async () => {
    const { ask, core } = fakeApp({
      policy: policyOf({ 'update_router:external_gateway_info:enable_snat': 'rule:owner' }),
    })
    core.collections.routers!.add({ id: 'r', project_id: DEMO })
    const router = { external_gateway_info: { network_id: OTHER, enable_snat: false } }
    assert.equal((await ask('POST', '/v2.0/routers', { router }, MEMBER)).status, 403)
    assert.equal((await ask('PUT', '/v2.0/routers/r', { router }, MEMBER)).status, 200)
  })

  it('ask whether the network of a port is shared', async () => {
    const { ask, core } = fakeApp({ policy: policyOf({ 'create_port:mac_address': 'rule:shared' }) })
    core.collections.networks!.add({ id: OTHER, project_id: OTHER, shared: true })
    core.collections.networks!.add({ id: DEMO, project_id: DEMO, shared: false })
    const on = async (network_id: string) =>
      (await ask('POST', '/v2.0/ports', { port: { network_id, mac_address: 'fa:16:3e:00:00:01' } }, MEMBER)).status
    assert.deepEqual([await on(OTHER), await on(DEMO)], [201, 403])
  })

  it('say who is an administrator', async () => {
    const { ask, core } = fakeApp({ policy: policyOf({ context_is_admin: 'role:boss' }) })
    core.collections.networks!.add({ id: 'hidden', project_id: OTHER })
    const as = (roles: string) => ({ ...MEMBER, 'x-roles': roles })
    assert.equal((await ask('GET', '/v2.0/networks/hidden', undefined, as('boss'))).status, 200)
    assert.equal((await ask('GET', '/v2.0/networks/hidden', undefined, as('admin'))).status, 404)
  })
})
