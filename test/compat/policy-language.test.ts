import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import { makeContext } from '../../src/api/context.js'
import { declaredPolicy } from '../../src/api/policy/declared.js'
import { Policy } from '../../src/api/policy/policy.js'
import type { PolicyTarget } from '../../src/api/policy/rules.js'
import { allowed } from '../../src/api/policy/rules.js'
import { sampleRules } from '../../src/api/policy/sample.js'
import { TestCloud } from '../../src/core/l3/test-cloud.fake.js'
import { runCommand } from '../../src/dataplane/command/host.js'

const ORACLE = resolve(import.meta.dirname, 'libraries/oslo_policy_oracle.py')
const skip = existsSync('/usr/lib/python3/dist-packages/oslo_policy') ? false : 'needs Debian’s python3-oslo.policy'

const ATOMS = [
  '@',
  '!',
  'role:member',
  'role:Reader',
  'role:no-such-role',
  'rule:owner',
  'rule:network_owner',
  'rule:shared',
  'rule:network_device',
  'rule:mine',
  'rule:no_such_rule',
  'project_id:%(project_id)s',
  'tenant_id:%(network:tenant_id)s',
  'user_id:u1',
  "'x':%(name)s",
  "'x':%(nothing)s",
  'project_id:p1',
]

const expression = fc.letrec<{ any: string; one: string; some: string }>((tie) => ({
  any: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constantFrom(...ATOMS), tie('one'), tie('some')),
  one: fc.oneof(
    fc.constantFrom(...ATOMS).map((atom) => `not ${atom}`),
    tie('any').map((inner) => `(${inner})`),
  ),
  some: fc
    .array(fc.tuple(tie('any'), fc.constantFrom(' and ', ' or ', ' AND ')), { minLength: 2, maxLength: 4 })
    .map((parts) => parts.map(([text, word], i) => (i === 0 ? text : word + text)).join('')),
}))

const CALLERS = [
  { userId: 'u1', projectId: 'p1', roles: ['member', 'reader'] },
  { userId: 'u2', projectId: 'p1', roles: ['reader'] },
  { userId: 'u2', projectId: 'p2', roles: ['member', 'reader'] },
  { userId: 'u3', projectId: 'p3', roles: ['service'] },
]

/** An object with its network, as the API's rules see it and as Neutron gives it to oslo.policy. */
const TARGETS = [
  { project: 'p1', network: 'p2', shared: true, attributes: { name: 'x', device_owner: 'network:dhcp' } },
  { project: 'p2', network: 'p1', shared: false, attributes: { name: 'y', device_owner: 'compute:nova' } },
  { project: 'p4', network: 'p4', shared: false, attributes: { name: '', device_owner: '', target_tenant: '*' } },
]
const OWN: readonly PolicyTarget[] = TARGETS.map(({ project, network, shared, attributes }) => ({
  projectId: project,
  deviceOwner: attributes.device_owner,
  sharedWith: attributes.target_tenant ?? '',
  network: { projectId: network, shared },
  attributes,
}))
const THEIRS = TARGETS.map(({ project, network, shared, attributes }) => ({
  project_id: project,
  tenant_id: project,
  'network:project_id': network,
  'network:tenant_id': network,
  shared,
  ...attributes,
}))

it('rules mean what oslo.policy takes them to mean', { skip }, async () => {
  const cloud = await TestCloud.open()
  const sample = sampleRules(declaredPolicy(cloud.services))
  await cloud.close()
  const own = fc.sample(expression.any, { seed: 20_261_122, numRuns: 400 })
  const asked = new Map(own.map((text, i) => [`expression_${i}`, text]))
  const rules = new Map([...sample, ['mine', 'role:reader and not project_id:p2'], ...asked])
  const theirs = await oslo(rules)
  const policy = new Policy(rules)
  for (const [name, text] of rules) {
    const rule = policy.rule(name, [])
    const ours = CALLERS.map((caller) => {
      const ctx = makeContext(caller, 'req-1')
      return OWN.map((target) => allowed(rule, ctx, target))
    })
    assert.deepEqual(ours, theirs[name], `${name}: ${text}`)
  }
})

async function oslo(rules: ReadonlyMap<string, string>): Promise<Record<string, boolean[][]>> {
  const callers = CALLERS.map(({ userId, projectId, roles }) => ({
    user_id: userId,
    project_id: projectId,
    tenant_id: projectId,
    roles,
  }))
  const input = JSON.stringify({ rules: Object.fromEntries(rules), ask: [...rules.keys()], callers, targets: THEIRS })
  const options = { input, timeout: 60_000, env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore' } }
  const { stdout } = await runCommand(['/usr/bin/python3', ORACLE], options)
  return JSON.parse(stdout) as Record<string, boolean[][]>
}
