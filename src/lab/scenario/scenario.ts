import type { LabState } from '../state.js'
import { cleanUp } from './clean-up.js'
import { runSteps, type StepResult, Walk } from './runner.js'
import { steps } from './steps.js'

export interface ScenarioReport {
  readonly results: readonly StepResult[]
  readonly ok: boolean
  /** milliseconds of all steps, without the pings' own */
  readonly totalMs: number
  readonly pingMs: number
}

/** Carries out the guide's walk-through on a running lab. What an earlier run left is removed first. */
export async function runScenario(state: LabState, print: (text: string) => void): Promise<ScenarioReport> {
  const walk = new Walk(state, print)
  try {
    if (await cleanUp(walk.admin)) print('removed what an earlier walk-through left\n')
    const results = await runSteps(steps, walk, print)
    return {
      results,
      ok: results.length === steps.length && results.every(({ ok }) => ok),
      totalMs: results.reduce((sum, { ms }) => sum + ms, 0),
      pingMs: results.reduce((sum, { pingMs }) => sum + pingMs, 0),
    }
  } finally {
    walk.close()
  }
}

/** The summary at the end: a line a step, totals, and where to look when something failed. */
export function summary(report: ScenarioReport, labName: string, aliveMs: number | null): string {
  const width = Math.max(...report.results.map(({ title }) => title.length))
  const lines = report.results.map(
    ({ title, ok, ms, pingMs }) =>
      `  ${ok ? 'passed' : 'FAILED'}  ${title.padEnd(width)}  ${String(ms).padStart(6)} ms${pingMs ? `  (+ ${(pingMs / 1000).toFixed(1)} s of pings)` : ''}`,
  )
  const passed = report.results.filter(({ ok }) => ok).length
  if (aliveMs !== null)
    lines.unshift(`  passed  ${'lab up, all agents alive'.padEnd(width)}  ${String(aliveMs).padStart(6)} ms`)
  lines.push(
    '',
    `  ${passed} of ${steps.length} steps passed in ${(report.totalMs / 1000).toFixed(1)} s (pings: ${(report.pingMs / 1000).toFixed(1)} s more)`,
  )
  const failed = report.results.find(({ ok }) => !ok)
  if (failed) {
    lines.push(`  failed: ${failed.title}: ${failed.reason}`)
    lines.push(`  look at: eastwest node NODE --name ${labName} -- sh -c 'tail /var/log/*.log'`)
  }
  return `${lines.join('\n')}\n`
}
