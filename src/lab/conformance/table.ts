import type { Outcome, TestResult } from './results.js'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export function countsOf(results: readonly TestResult[]): Counts {
  const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
}

const COLUMNS = ['passed', 'failed', 'skipped'] as const

/** Results for a terminal: a line per class, then every failure, then why what was skipped. */
export function conformanceTable(results: readonly TestResult[], ms: number): string {
  const groups = [...new Set(results.map(({ group }) => group))].sort()
  const width = Math.max('class'.length, ...groups.map((group) => group.length))
  const header = `  ${'class'.padEnd(width)}  ${COLUMNS.join('  ')}`
  const lines = groups.map((group) => {
    const counts = countsOf(results.filter((result) => result.group === group))
    return `  ${group.padEnd(width)}  ${COLUMNS.map((name) => String(counts[name]).padStart(name.length)).join('  ')}`
  })
  const failures = results
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ group, test, reason }) => `  failed   ${group}.${test}: ${reason}`)
  const { passed, failed, skipped } = countsOf(results)
  const seconds = (ms / 1000).toFixed(1)
  const total = `  ${passed} of ${results.length} passed, ${failed} failed, ${skipped} skipped in ${seconds} s`
  const remarks = [...failures, ...skips(results)]
  return `${[header, ...lines, '', ...(remarks.length > 0 ? [...remarks, ''] : []), total].join('\n')}\n`
}

/** A line per class and reason, with the number of tests. */
function skips(results: readonly TestResult[]): string[] {
  const numbers = new Map<string, number>()
  for (const { group, test, outcome, reason } of results) {
    if (outcome !== 'skipped') continue
    const whole = results.every((other) => other.group !== group || other.reason === reason)
    const line = whole ? `${group}\n${reason}` : `${group}.${test}\n${reason}`
    numbers.set(line, (numbers.get(line) ?? 0) + 1)
  }
  return [...numbers].map(([line, n]) => `  skipped  ${line.replace('\n', ` (${n} test${n === 1 ? '' : 's'}): `)}`)
}
