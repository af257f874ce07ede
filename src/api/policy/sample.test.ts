import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestCloud } from '../../core/l3/test-cloud.fake.js'
import { makeContext } from '../context.js'
import { ServiceApp } from '../service-app.fake.js'
import { declaredPolicy } from './declared.js'
import { Policy } from './policy.js'
import { parsePolicyFile } from './policy-file.js'
import { allowed, type PolicyTarget } from './rules.js'
import { samplePolicyFile, sampleRules } from './sample.js'

const ROLES = ['admin', 'manager', 'member', 'reader', 'service', 'service,member', 'nobody']
const PROJECTS = ['own', 'other', '']

/** Objects of every kind of fact that rules look at. */
const TARGETS: readonly PolicyTarget[] = ['own', ''].flatMap((projectId) =>
  ['', 'compute:nova', 'network:dhcp'].flatMap((deviceOwner) =>
    [null, { projectId: 'own', shared: false }, { projectId: 'third', shared: true }].flatMap((network) =>
      ['*', 'other'].map((sharedWith) => ({
        projectId,
        deviceOwner,
        network,
        sharedWith,
        attributes: { project_id: projectId, device_owner: deviceOwner, target_tenant: sharedWith },
      })),
    ),
  ),
)

it('an operator lets others look at agents', async () => {
  const cloud = await TestCloud.scenario()
  const app = new ServiceApp(cloud.services, new Policy(new Map([['get_agent', 'role:auditor']])))
  const seen = async (roles: string) =>
    (await app.ask('GET', 'agents', { 'x-project-id': 'p', 'x-roles': roles })).body.agents.length
  assert.equal(await seen('member'), 0)
  assert.ok((await seen('auditor')) > 0)
  await app.close()
  await cloud.close()
})

describe('the sample of policy.yaml', () => {
  let cloud: TestCloud
  let declared: Policy
  before(async () => {
    cloud = await TestCloud.open()
    declared = declaredPolicy(cloud.services)
  })
  after(() => cloud.close())

  it('means what the declared rules mean, for every caller and object', () => {
    const texts = new Map(sampleRules(declared))
    const sample = new Policy(texts)
    for (const [name, rule] of declared.declared()) {
      const written = sample.rule(name, [])
      for (const roles of ROLES) {
        for (const project of PROJECTS) {
          const ctx = makeContext({ userId: 'u', projectId: project, roles: roles.split(',') }, 'req-1')
          for (const target of TARGETS) {
            const label = `${name}: ${texts.get(name)}, ${roles} of ${project}, ${JSON.stringify(target)}`
            assert.equal(allowed(written, ctx, target), allowed(rule, ctx, target), label)
          }
        }
      }
    }
  })

  it('is a file of comments that reads as no rule, and as these when they are not comments', () => {
    const text = samplePolicyFile(declared)
    assert.equal(parsePolicyFile(text, 'sample').size, 0)
    const rules = parsePolicyFile(text.replaceAll(/^#/gm, ''), 'sample')
    assert.deepEqual([...rules], [...sampleRules(declared)])
  })

  it('has every name, with its default', () => {
    const rules = new Map(sampleRules(declared))
    const own = 'rule:admin_only or (role:member and rule:owner)'
    const admin = 'rule:admin_only'
    const service = 'rule:admin_only or rule:service_api'
    const expected: Readonly<Record<string, string>> = {
      create_network: own,
      'create_network:shared': admin,
      'create_network:provider:network_type': admin,
      'get_network:provider:segmentation_id': admin,
      get_networks_tags: 'rule:admin_only or role:reader or rule:service_api',
      update_networks_tags: own,
      delete_networks_tags: own,
      'create_port:fixed_ips:ip_address': `${service} or (role:member and rule:network_owner)`,
      'update_port:binding:host_id': service,
      create_port_binding: service,
      activate: service,
      'create_router:external_gateway_info:enable_snat': admin,
      'update_router:external_gateway_info:external_fixed_ips': admin,
      add_router_interface: own,
      'create_floatingip:floating_ip_address': 'rule:admin_only or (role:manager and rule:owner)',
      create_floatingip_port_forwarding: own,
      create_policy_bandwidth_limit_rule: admin,
      update_alias_dscp_marking_rule: admin,
      get_rule_type: 'rule:admin_only or role:reader or rule:service_api',
      create_flavor: admin,
      create_flavor_service_profile: admin,
      get_service_profile: admin,
      get_agent: admin,
      'create_dhcp-network': admin,
      'delete_l3-router': admin,
      'get_l3-agents': admin,
      get_quota: 'rule:admin_only or rule:owner',
      update_quota: admin,
      delete_quota: admin,
      get_auto_allocated_topology: 'rule:admin_only or (role:reader and rule:owner)',
      'create_rbac_policy:target_tenant': 'rule:admin_only or rule:restrict_wildcard',
      get_network_ip_availability: admin,
    }
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, rules.get(name)])), expected)
    assert.ok(rules.size > 200)
  })
})
