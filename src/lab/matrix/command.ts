import { borrowLab, needRoot } from '../borrow.js'
import type { DatapathChoice } from '../datapath.js'
import type { LabState } from '../state.js'
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
  needRoot()
  const combinations = chosen(only)
  const started = (state: LabState, seconds: string) =>
    say(`lab '${name}' (datapath ${state.datapath}) is up after ${seconds} s; it is ended when the matrix is done\n`)
  await borrowLab({ name, portOffset, datapath, started }, async (state) => {
    say(`${combinations.length} of ${COMBINATIONS.length} combinations, ${COLUMNS.length} checks each\n`)
    let current = ''
    const rows = await runMatrix(state, combinations, (title, { name: check, ms, reason }) => {
      if (title !== current) say(`${title}\n`)
      current = title
      say(reason === null ? `  ok      ${check} (${ms} ms)\n` : `  FAILED  ${check}: ${reason}\n`)
    })
    say(`\n${matrixTable(rows)}`)
    if (!rows.every(({ ok }) => ok)) process.exitCode = 1
  })
}
