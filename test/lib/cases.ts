import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Case, DEFAULT_COMPUTES, DEFAULT_NETWORKS } from '../../src/lab/cases/case.js'
import { CASES } from '../../src/lab/cases/index.js'
import { FAILED_AT_FIRST } from './failed-at-first.js'
import { built, SKIP, startLab, type TestLab } from './lab.js'

/**
 * Cases are judged by single packets and by the clock, on a machine that others use too: one that fails may have met a
 * machine that stood still. One that is at fault fails again.
 */
const TIMES_AGAIN = 2

/** The nodes of a lab for some cases. */
export interface LabOf {
  readonly computes: number
  readonly networks: number
  readonly cases: readonly Case[]
}

/** The named cases, those that need the same nodes together: one lab does for all of them. */
export function casesByNodes(): LabOf[] {
  const groups = new Map<string, LabOf & { readonly cases: Case[] }>()
  for (const one of CASES) {
    const { computes = DEFAULT_COMPUTES, networks = DEFAULT_NETWORKS } = one.needs ?? {}
    const key = `${computes} ${networks}`
    if (!groups.has(key)) groups.set(key, { computes, networks, cases: [] })
    groups.get(key)!.cases.push(one)
  }
  return [...groups.values()]
}

/** A suite that carries out cases one after the other on a lab of this name that it starts for them. */
export function carriesOut({ computes, networks, cases }: LabOf, name: string, portOffset: number): void {
  describe(`named cases on ${computes} compute and ${networks} network nodes`, { skip: SKIP }, () => {
    let lab: TestLab
    let runner: typeof import('../../src/lab/cases/run.js')
    let index: typeof import('../../src/lab/cases/index.js')

    before(async () => {
      // racks do not disturb cases that know of none: where one needs them, all that share its lab have them
      const racks = Math.max(...cases.map(({ needs }) => needs?.racks ?? 0))
      lab = await startLab(name, portOffset, computes, networks, { racks })
      runner = await built('lab/cases/run.js')
      index = await built('lab/cases/index.js')
    })
    after(() => lab?.down())

    for (const one of cases) {
      it(`${one.name} (${one.title})`, async (t) => {
        const carryOut = async () => {
          const [report] = await runner.runCases(lab.state, index.chosenCases([one.name]), () => {})
          for (const [what, value] of Object.entries(report!.measured)) t.diagnostic(`${what}: ${value}`)
          assert.ok(report!.steps.length > 2, 'the case has steps of its own')
          return report!.steps.filter(({ reason }) => reason !== null).map(({ title, reason }) => `${title}: ${reason}`)
        }
        const failed = await carryOut()
        if (failed.length === 0) return
        t.diagnostic(`${FAILED_AT_FIRST}${one.name}: ${failed.join('; ')}`)
        for (let i = 0; i < TIMES_AGAIN; i++) assert.deepEqual(await carryOut(), [])
      })
    }
  })
}

/** Whether the lab is the usual one, which most cases are content with. */
export const isUsual = ({ computes, networks }: LabOf) => computes === DEFAULT_COMPUTES && networks === DEFAULT_NETWORKS
