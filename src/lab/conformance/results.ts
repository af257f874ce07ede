import type { SubunitPacket, SubunitStatus } from './subunit.js'
import { SUITE_NAMES, SUITES } from './suites.js'

export type Outcome = 'passed' | 'failed' | 'skipped'

export interface TestResult {
  /** module and class without the suite's own prefix */
  readonly group: string
  readonly test: string
  readonly outcome: Outcome
  /** why it failed or was skipped */
  readonly reason: string | null
  readonly ms: number
}

const OUTCOME: Readonly<Partial<Record<SubunitStatus, Outcome>>> = {
  success: 'passed',
  uxsuccess: 'failed',
  xfail: 'passed',
  skip: 'skipped',
  fail: 'failed',
}

interface Begun {
  readonly since: number | null
  readonly files: ReadonlyMap<string, string>
}

/** Collects what a run tells of its tests. */
export class Results {
  readonly #begun = new Map<string, Begun>()
  readonly #results: TestResult[] = []

  /** The test's result when this packet ends it. */
  add({ testId, status, time, file }: SubunitPacket): TestResult | null {
    if (testId === null) return null
    const { since, files } = this.#begun.get(testId) ?? { since: null, files: new Map<string, string>() }
    const now = file ? new Map(files).set(file.name, (files.get(file.name) ?? '') + file.content.toString()) : files
    this.#begun.set(testId, { since: status === 'inprogress' ? time : since, files: now })
    const outcome = OUTCOME[status]
    if (!outcome) return null
    const reason = outcome === 'passed' ? null : (now.get('reason') ?? lastWords(now.get('traceback') ?? 'no reason'))
    const ms = since === null || time === null ? 0 : Math.round(time - since)
    const result = { ...nameOf(testId), outcome, reason, ms }
    this.#results.push(result)
    this.#begun.delete(testId)
    return result
  }

  /**
   * One result for each test of `listed`, in its order, then the failures of what belongs to no test. A class that was
   * skipped or failed as a whole is that for each of its tests; what was not heard of has failed.
   */
  of(listed: readonly string[]): TestResult[] {
    const tests = listed.map(nameOf)
    const each = tests.map((one): TestResult => {
      const said = this.#results.find(({ group, test }) => group === one.group && test === one.test)
      const whole = this.#results.find(({ group, test }) => group === one.group && test === 'setUpClass')
      if (said) return said
      return { ...one, outcome: whole?.outcome ?? 'failed', reason: whole?.reason ?? 'did not run', ms: 0 }
    })
    const known = new Set(tests.map(({ group, test }) => `${group}.${test}`))
    const beside = this.#results.filter(
      ({ group, test, outcome }) => outcome === 'failed' && test !== 'setUpClass' && !known.has(`${group}.${test}`),
    )
    return [...each, ...beside]
  }
}

const PREFIX = new RegExp(`^(${SUITE_NAMES.map((name) => SUITES[name].module).join('|')})\\.`)

/** `a.b.Class.test_x[id-…,smoke]`, or `setUpClass (a.b.Class)` for what concerns a whole class. */
function nameOf(testId: string): { group: string; test: string } {
  const whole = /^(\w+) \((.*)\)$/.exec(testId)
  const [, group = '', test = testId] = whole ? [null, whole[2], whole[1]] : (/^([^[]*)\.([^.[]*)/.exec(testId) ?? [])
  return { group: group.replace(PREFIX, ''), test }
}

/** The message at the end of a Python traceback, on one line. */
function lastWords(traceback: string): string {
  const lines = traceback.trimEnd().split('\n')
  const code = lines.findLastIndex((line) => /^\s+\S/.test(line))
  return lines
    .slice(code + 1)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ')
}
