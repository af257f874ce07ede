import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'

const PROGRAM = join(import.meta.dirname, '../src/processes/neutron-policy.ts')

it('neutron-policy prints a sample, and finds rules that nothing asks for', () => {
  const directory = mkdtempSync(join(tmpdir(), 'neutron-policy-test-'))
  const run = (...args: string[]) => {
    const argv = ['--import', 'tsx', PROGRAM, '--config-file', join(directory, 'neutron.conf'), ...args]
    return spawnSync(process.execPath, argv, {
      encoding: 'utf8',
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    })
  }
  writeFileSync(join(directory, 'neutron.conf'), '')
  const sample = run('sample')
  assert.equal(sample.status, 0, sample.stderr)
  assert.match(sample.stdout, /^#"create_network": "rule:admin_only or \(role:member and rule:owner\)"$/m)
  const file = join(directory, 'policy.yaml')
  writeFileSync(
    file,
    '"create_network:name": "rule:mine"\n"mine": "role:member and rule:ownr"\n"create_netwrok": "!"\n',
  )
  const checked = run('check', file)
  const problems = ['nothing asks for create_netwrok', "there is no rule ownr: it is taken for 'default'"]
  assert.deepEqual([checked.status, checked.stderr], [1, problems.map((problem) => `${file}: ${problem}\n`).join('')])
  rmSync(directory, { recursive: true })
})
