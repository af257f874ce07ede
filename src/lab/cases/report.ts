import type { Case } from './case.js'
import type { CaseReport } from './run.js'

/** One line a case: `  name   what it proves`. */
export function caseList(cases: readonly Case[]): string {
  const width = Math.max(...cases.map(({ name }) => name.length))
  return cases.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}\n`).join('')
}

/** One line a case with its result, time and measured values, and a last one that counts. */
export function caseSummary(reports: readonly CaseReport[]): string {
  const width = Math.max(...reports.map(({ name }) => name.length))
  const lines = reports.map(({ name, ok, ms, measured }) => {
    const values = Object.entries(measured).map(([what, value]) => `${what} ${value}`)
    const time = `${(ms / 1000).toFixed(1)} s`
    return [`  ${ok ? 'passed' : 'FAILED'}  ${name.padEnd(width)}  ${time.padStart(7)}`, ...values].join('  ')
  })
  const passed = reports.filter(({ ok }) => ok).length
  return `${lines.join('\n')}\n  ${passed} of ${reports.length} cases passed\n`
}
