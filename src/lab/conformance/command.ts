import { writeFileSync } from 'node:fs'
import { down } from '../down.js'
import { labSpec } from '../spec.js'
import { isRunning, type LabState, readState } from '../state.js'
import { up } from '../up.js'
import type { TestResult } from './results.js'
import { runConformance } from './run.js'
import { conformanceTable, countsOf } from './table.js'
import { tempestIsInstalled } from './tempest.js'

export interface ConformanceOptions {
  readonly name: string
  readonly portOffset: number
  readonly only: string
  readonly workers: number
  /** file for the results */
  readonly json?: string
}

const say = (text: string) => process.stdout.write(text)

/** `eastwest conformance`: on the lab of this name if one runs, otherwise on one that is started for it and ended again. */
export async function conformance(options: ConformanceOptions): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('the lab makes network namespaces and needs root: run it with sudo')
  if (!tempestIsInstalled()) throw new Error("Debian's python3-tempest is needed: apt-get install python3-tempest")
  const { name, portOffset, only, workers, json } = options
  const former = readState(name)
  const running = former && Object.values(former.inits).every(isRunning) ? former : null
  const state = running ?? (await start(name, portOffset))
  try {
    const { results, ms } = await runConformance(state, { only, workers }, tell)
    say(`\n${conformanceTable(results, ms)}`)
    if (json) writeFileSync(json, `${JSON.stringify({ ...countsOf(results), ms, results }, null, 2)}\n`)
    if (results.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1
  } finally {
    if (!running) await down(name, () => {})
  }
}

function tell({ group, test, outcome, reason, ms }: TestResult): void {
  const words = { passed: 'ok     ', failed: 'FAILED ', skipped: 'skipped' }
  say(`  ${words[outcome]} ${group}.${test}${reason === null ? ` (${ms} ms)` : `: ${reason}`}\n`)
}

async function start(name: string, portOffset: number): Promise<LabState> {
  const ports = { identity: 5000 + portOffset, network: 9696 + portOffset, compute: 8774 + portOffset }
  const { state, aliveMs } = await up(labSpec(name, 2, ports), () => {})
  say(`lab '${name}' is up after ${(aliveMs / 1000).toFixed(1)} s; it is ended when the tests are done\n`)
  return state
}
