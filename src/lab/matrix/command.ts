import type { DatapathChoice } from '../datapath.js'
import { down } from '../down.js'
import { labSpec } from '../spec.js'
import { isRunning, type LabState, readState } from '../state.js'
import { up } from '../up.js'
import { COMBINATIONS, chosen } from './combination.js'
import { COLUMNS, runMatrix } from './matrix.js'
import { matrixTable } from './table.js'

export interface MatrixOptions {
  readonly name: string
  readonly only?: string
  readonly portOffset: number
  readonly datapath?: DatapathChoice
}

const say = (text: string) => process.stdout.write(text)

/** `eastwest matrix`: on the lab of this name if one runs, otherwise on one that is started for it and ended again. */
export async function matrix({ name, only, portOffset, datapath }: MatrixOptions): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('the lab makes network namespaces and needs root: run it with sudo')
  const combinations = chosen(only)
  const former = readState(name)
  const running = former && Object.values(former.inits).every(isRunning) ? former : null
  const state = running ?? (await start(name, portOffset, datapath))
  try {
    say(`${combinations.length} of ${COMBINATIONS.length} combinations, ${COLUMNS.length} checks each\n`)
    let current = ''
    const rows = await runMatrix(state, combinations, (title, { name: check, ms, reason }) => {
      if (title !== current) say(`${title}\n`)
      current = title
      say(reason === null ? `  ok      ${check} (${ms} ms)\n` : `  FAILED  ${check}: ${reason}\n`)
    })
    say(`\n${matrixTable(rows)}`)
    if (!rows.every(({ ok }) => ok)) process.exitCode = 1
  } finally {
    if (!running) await down(name, () => {})
  }
}

async function start(name: string, portOffset: number, datapath?: DatapathChoice): Promise<LabState> {
  const ports = { identity: 5000 + portOffset, network: 9696 + portOffset, compute: 8774 + portOffset }
  const { state, aliveMs } = await up(labSpec(name, 2, ports), () => {}, datapath)
  say(
    `lab '${name}' (datapath ${state.datapath}) is up after ${(aliveMs / 1000).toFixed(1)} s; it is ended when the matrix is done\n`,
  )
  return state
}
