import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Results } from './results.js'
import type { SubunitPacket, SubunitStatus } from './subunit.js'
import { conformanceTable } from './table.js'

const packet = (testId: string, status: SubunitStatus, time: number | null = null): SubunitPacket => ({
  testId,
  status,
  time,
  file: null,
})
const attach = (testId: string, name: string, content: string): SubunitPacket => ({
  ...packet(testId, 'none'),
  file: { name, content: Buffer.from(content) },
})

const A = 'tempest.api.network.test_a.ATest'
const B = 'tempest.api.network.test_b.BTest'
const LISTED = [`${A}.test_1[id-1,smoke]`, `${A}.test_2[id-2]`, `${A}.test_3[id-3]`, `${B}.test_1`, `${B}.test_2`]

function run(packets: readonly SubunitPacket[]): Results {
  const results = new Results()
  for (const one of packets) results.add(one)
  return results
}

const TOLD = run([
  packet(LISTED[0]!, 'inprogress', 1000),
  packet(LISTED[0]!, 'success', 1250.4),
  attach(LISTED[1]!, 'traceback', 'Traceback (most recent call last):\n\n  File "x", line 1, in y\n    raise Z()\n\n'),
  attach(LISTED[1]!, 'traceback', 'tempest.lib.exceptions.Conflict: in use\nDetails: a router\n'),
  packet(LISTED[1]!, 'fail'),
  attach(`setUpClass (${B})`, 'reason', 'b extension not enabled.'),
  packet(`setUpClass (${B})`, 'skip'),
  packet(`tearDownClass (${A})`, 'fail'),
])

test('every listed test has a result, and what failed beside them is not lost', () => {
  assert.deepEqual(
    TOLD.of(LISTED).map(({ group, test, outcome, reason, ms }) => [`${group}.${test}`, outcome, reason, ms]),
    [
      ['test_a.ATest.test_1', 'passed', null, 250],
      ['test_a.ATest.test_2', 'failed', 'tempest.lib.exceptions.Conflict: in use Details: a router', 0],
      ['test_a.ATest.test_3', 'failed', 'did not run', 0],
      ['test_b.BTest.test_1', 'skipped', 'b extension not enabled.', 0],
      ['test_b.BTest.test_2', 'skipped', 'b extension not enabled.', 0],
      ['test_a.ATest.tearDownClass', 'failed', 'no reason', 0],
    ],
  )
})

test('the table counts by class and gives each reason once', () => {
  assert.equal(
    conformanceTable(TOLD.of(LISTED), 1234),
    `  class         passed  failed  skipped
  test_a.ATest       1       3        0
  test_b.BTest       0       0        2

  failed   test_a.ATest.test_2: tempest.lib.exceptions.Conflict: in use Details: a router
  failed   test_a.ATest.test_3: did not run
  failed   test_a.ATest.tearDownClass: no reason
  skipped  test_b.BTest (2 tests): b extension not enabled.

  1 of 6 passed, 3 failed, 2 skipped in 1.2 s
`,
  )
})
