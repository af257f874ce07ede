import { borrowLab, needRoot } from '../borrow.js'
import type { LabState } from '../state.js'
import { DEFAULT_COMPUTES, DEFAULT_NETWORKS } from './case.js'
import { CASES, chosenCases } from './index.js'
import { caseList, caseSummary } from './report.js'
import { runCases } from './run.js'

const say = (text: string) => process.stdout.write(text)

/** `eastwest scenario --list`. */
export function listCases(): void {
  say(caseList(CASES))
}

/** `eastwest scenario --case NAME`: on the lab of this name if one runs, otherwise on one that is started for it and ended again. */
export async function runNamedCases(name: string, wanted: readonly string[], portOffset: number): Promise<void> {
  needRoot()
  const cases = chosenCases(wanted)
  const wish = {
    name,
    portOffset,
    computes: Math.max(...cases.map(({ needs }) => needs?.computes ?? DEFAULT_COMPUTES)),
    networks: Math.max(...cases.map(({ needs }) => needs?.networks ?? DEFAULT_NETWORKS)),
    racks: Math.max(...cases.map(({ needs }) => needs?.racks ?? 0)),
    started: (_state: LabState, seconds: string) =>
      say(`lab '${name}' is up after ${seconds} s; it is ended when the cases are done\n`),
  }
  await borrowLab(wish, async (state) => {
    let current = ''
    const reports = await runCases(state, cases, (one, { title, ms, reason }) => {
      if (one !== current) say(`${one}\n`)
      current = one
      say(reason === null ? `  ok      ${title} (${ms} ms)\n` : `  FAILED  ${title}: ${reason}\n`)
    })
    say(`\n${caseSummary(reports)}`)
    if (!reports.every(({ ok }) => ok)) process.exitCode = 1
  })
}
