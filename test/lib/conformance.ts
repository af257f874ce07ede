import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { LabState } from '../../src/lab/state.js'
import { built } from './lab.js'

/** Why tempest cannot run here; false when it can. */
export const NO_TEMPEST: string | false = existsSync('/usr/bin/tempest') ? false : 'needs Debian’s python3-tempest'

/** Why tests may be skipped: extensions that are not announced. */
const NOT_ANNOUNCED = [
  // the old alias; the API's tags are those of standard-attr-tag
  'tag extension not enabled.',
]

/** Runs all of Debian's tempest.api.network on a lab: it passes, and the hosts follow. */
export async function expectConformance(state: LabState): Promise<void> {
  const { runConformance } = await built<typeof import('../../src/lab/conformance/run.js')>('lab/conformance/run.js')
  const { results } = await runConformance(state, { only: '', workers: 2 }, () => {})
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
}
