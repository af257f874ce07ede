import { down } from '../down.js'
import { labSpec } from '../spec.js'
import { isRunning, type LabState, readState } from '../state.js'
import { up } from '../up.js'
import { type Case, DEFAULT_COMPUTES, DEFAULT_NETWORKS } from './case.js'
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
  if (process.getuid?.() !== 0) throw new Error('the lab makes network namespaces and needs root: run it with sudo')
  const cases = chosenCases(wanted)
  const former = readState(name)
  const running = former && Object.values(former.inits).every(isRunning) ? former : null
  const state = running ?? (await start(name, cases, portOffset))
  try {
    let current = ''
    const reports = await runCases(state, cases, (one, { title, ms, reason }) => {
      if (one !== current) say(`${one}\n`)
      current = one
      say(reason === null ? `  ok      ${title} (${ms} ms)\n` : `  FAILED  ${title}: ${reason}\n`)
    })
    say(`\n${caseSummary(reports)}`)
    if (!reports.every(({ ok }) => ok)) process.exitCode = 1
  } finally {
    if (!running) await down(name, () => {})
  }
}

async function start(name: string, cases: readonly Case[], portOffset: number): Promise<LabState> {
  const ports = { identity: 5000 + portOffset, network: 9696 + portOffset, compute: 8774 + portOffset }
  const computes = Math.max(...cases.map(({ needs }) => needs?.computes ?? DEFAULT_COMPUTES))
  const networks = Math.max(...cases.map(({ needs }) => needs?.networks ?? DEFAULT_NETWORKS))
  const { state, aliveMs } = await up(labSpec(name, computes, ports, networks), () => {})
  say(`lab '${name}' is up after ${(aliveMs / 1000).toFixed(1)} s; it is ended when the cases are done\n`)
  return state
}
