import { writeFileSync } from 'node:fs'
import { borrowLab, needRoot } from '../borrow.js'
import type { Services } from '../spec.js'
import type { LabState } from '../state.js'
import type { TestResult } from './results.js'
import { runConformance } from './run.js'
import { conformanceTable, countsOf } from './table.js'
import { tempestIsInstalled } from './tempest.js'

export interface ConformanceOptions {
  readonly name: string
  readonly portOffset: number
  readonly only: string
  readonly workers: number
  readonly services?: Services
  /** file for the results */
  readonly json?: string
}

const say = (text: string) => process.stdout.write(text)

/** `eastwest conformance`: on the lab of this name if one runs, otherwise on one that is started for it and ended again. */
export async function conformance(options: ConformanceOptions): Promise<void> {
  needRoot()
  if (!tempestIsInstalled()) throw new Error("Debian's python3-tempest is needed: apt-get install python3-tempest")
  const { name, portOffset, only, workers, services, json } = options
  const started = (_state: LabState, seconds: string) =>
    say(`lab '${name}' is up after ${seconds} s; it is ended when the tests are done\n`)
  await borrowLab({ name, portOffset, services, started }, async (state) => {
    const { results, ms } = await runConformance(state, { only, workers }, tell)
    say(`\n${conformanceTable(results, ms)}`)
    if (json) writeFileSync(json, `${JSON.stringify({ ...countsOf(results), ms, results }, null, 2)}\n`)
    if (results.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1
  })
}

function tell({ group, test, outcome, reason, ms }: TestResult): void {
  const words = { passed: 'ok     ', failed: 'FAILED ', skipped: 'skipped' }
  say(`  ${words[outcome]} ${group}.${test}${reason === null ? ` (${ms} ms)` : `: ${reason}`}\n`)
}
