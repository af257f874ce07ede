import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { SuiteName } from '../../src/lab/conformance/suites.js'
import type { LabState } from '../../src/lab/state.js'
import { built } from './lab.js'

/** Why tempest cannot run here; false when it can. */
export const NO_TEMPEST: string | false = existsSync('/usr/bin/tempest') ? false : 'needs Debian’s python3-tempest'

export const NO_NEUTRON_TEMPEST: string | false =
  NO_TEMPEST ||
  (existsSync('/usr/lib/python3/dist-packages/neutron_tempest_plugin')
    ? false
    : 'needs Debian’s neutron-tempest-plugin')

export interface Expectations {
  /** tests (group, dot, name) that do not pass, and why */
  readonly exceptions?: Readonly<Record<string, string>>
  /** reasons for which tests may be skipped */
  readonly skipped: readonly (string | RegExp)[]
  /** how many pass at least */
  readonly least: number
}

/** All of Debian's tempest.api.network. */
export const TEMPEST: Expectations = {
  // the old alias; the API's tags are those of standard-attr-tag
  skipped: ['tag extension not enabled.'],
  least: 264,
}

/** Runs all of a suite on a lab: it passes but for its exceptions, and the hosts follow. */
export async function expectConformance(state: LabState, name: SuiteName, expected: Expectations): Promise<void> {
  const { runConformance } = await built<typeof import('../../src/lab/conformance/run.js')>('lab/conformance/run.js')
  const { SUITES } = await built<typeof import('../../src/lab/conformance/suites.js')>('lab/conformance/suites.js')
  const { results } = await runConformance(state, { suite: SUITES[name], only: '', workers: 2 }, () => {})
  const { exceptions = {}, skipped, least } = expected
  const named = (outcome: string) =>
    results
      .filter((result) => result.outcome === outcome)
      .map(({ group, test, reason }) => ({ test: `${group}.${test}`, reason }))
  assert.deepEqual(
    named('failed').filter(({ test }) => !Object.hasOwn(exceptions, test)),
    [],
  )
  const passed = named('passed').map(({ test }) => test)
  assert.deepEqual(
    passed.filter((test) => Object.hasOwn(exceptions, test)),
    [],
    'these pass now: take them out of the exceptions',
  )
  assert.deepEqual(
    named('skipped').filter(({ reason }) => !skipped.some((why) => (reason ?? '').match(why)?.[0] === reason)),
    [],
  )
  assert.ok(passed.length >= least, `${passed.length} passed`)
}
