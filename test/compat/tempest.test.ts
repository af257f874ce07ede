import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { built, SKIP, startLab, type TestLab } from '../lib/lab.js'

const skip = SKIP || (existsSync('/usr/bin/tempest') ? false : 'needs Debian’s python3-tempest')

/** Why tests may be skipped: extensions that are not announced. */
const NOT_ANNOUNCED = [
  'HA routers are not available.',
  // the old alias; the API's tags are those of standard-attr-tag
  'tag extension not enabled.',
]

/** Debian's tempest, as it is installed, against the network API and the identity service of a lab. */
describe('tempest.api.network', { skip }, () => {
  let lab: TestLab

  before(async () => {
    lab = await startLab('t-tempest', 24_500)
  })
  after(() => lab?.down())

  it('passes, and the hosts follow', async () => {
    const { runConformance } = await built<typeof import('../../src/lab/conformance/run.js')>('lab/conformance/run.js')
    const { results } = await runConformance(lab.state, { only: '', workers: 2 }, () => {})
    const named = (outcome: string) =>
      results
        .filter((result) => result.outcome === outcome)
        .map(({ group, test, reason }) => ({ test: `${group}.${test}`, reason }))
    assert.deepEqual(named('failed'), [])
    assert.deepEqual(
      named('skipped').filter(({ reason }) => !NOT_ANNOUNCED.includes(reason ?? '')),
      [],
    )
    assert.ok(named('passed').length >= 264, `${named('passed').length} passed`)
  })
})
