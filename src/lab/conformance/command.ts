import { writeFileSync } from 'node:fs'
import { borrowLab, needRoot } from '../borrow.js'
import type { Services } from '../spec.js'
import type { LabState } from '../state.js'
import type { TestResult } from './results.js'
import { type ConformanceReport, runConformance } from './run.js'
import { SUITE_NAMES, SUITES, type Suite, type SuiteName, suiteIsInstalled } from './suites.js'
import { type Counts, conformanceTable, countsOf } from './table.js'
import { tempestIsInstalled } from './tempest.js'

export interface ConformanceOptions {
  readonly name: string
  readonly portOffset: number
  readonly only: string
  readonly workers: number
  readonly suite: SuiteName | 'all'
  readonly services?: Services
  /** file for the results: counts, time and results; of several suites by their names */
  readonly json?: string
}

const say = (text: string) => process.stdout.write(text)

/** `eastwest conformance`: on the lab of this name if one runs, otherwise on one that is started for it and ended again. */
export async function conformance(options: ConformanceOptions): Promise<void> {
  needRoot()
  const { name, portOffset, only, workers, services, json } = options
  const suites = options.suite === 'all' ? SUITE_NAMES : [options.suite]
  for (const suite of suites) needPackage(SUITES[suite])
  const started = (_state: LabState, seconds: string) =>
    say(`lab '${name}' is up after ${seconds} s; it is ended when the tests are done\n`)
  const projectTypes = suites.map((suite) => SUITES[suite].projectTypes).find((types) => types)
  await borrowLab({ name, portOffset, services, projectTypes, started }, async (state) => {
    const reports = new Map<SuiteName, Counts & ConformanceReport>()
    for (const suite of suites) {
      const { leftOut } = SUITES[suite]
      if (leftOut) say(`  left out ${leftOut.ids}: ${leftOut.why}\n`)
      const { results, ms } = await runConformance(state, { suite: SUITES[suite], only, workers }, tell)
      say(`\n${SUITES[suite].module}\n${conformanceTable(results, ms)}\n`)
      reports.set(suite, { ...countsOf(results), ms, results })
    }
    const all = [...reports.values()]
    if (json)
      writeFileSync(json, `${JSON.stringify(all.length === 1 ? all[0] : Object.fromEntries(reports), null, 2)}\n`)
    if (all.some(({ failed }) => failed > 0)) process.exitCode = 1
  })
}

function needPackage(suite: Suite): void {
  if (!tempestIsInstalled() || !suiteIsInstalled(suite))
    throw new Error(`Debian's ${suite.debian} is needed: apt-get install --no-install-recommends ${suite.debian}`)
}

function tell({ group, test, outcome, reason, ms }: TestResult): void {
  const words = { passed: 'ok     ', failed: 'FAILED ', skipped: 'skipped' }
  say(`  ${words[outcome]} ${group}.${test}${reason === null ? ` (${ms} ms)` : `: ${reason}`}\n`)
}
