import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { DEFAULT_COMPUTES, DEFAULT_NETWORKS } from '../../src/lab/cases/case.js'
import { CASES } from '../../src/lab/cases/index.js'
import { built, SKIP, startLab, type TestLab } from '../lib/lab.js'

type Nodes = readonly [computes: number, networks: number]
const nodesOf = ({ needs }: (typeof CASES)[number]): Nodes => [
  needs?.computes ?? DEFAULT_COMPUTES,
  needs?.networks ?? DEFAULT_NETWORKS,
]
const keyOf = (one: (typeof CASES)[number]) => nodesOf(one).join()

/** Racks do not disturb cases that know of none: where one needs them, all that share its lab have them. */
const racksOf = (key: string) =>
  Math.max(...CASES.filter((one) => keyOf(one) === key).map(({ needs }) => needs?.racks ?? 0))

// one lab for all cases that can share it
for (const [key, [computes, networks]] of new Map(CASES.map((one) => [keyOf(one), nodesOf(one)]))) {
  describe(`named cases on ${computes} compute and ${networks} network nodes`, { skip: SKIP }, () => {
    let lab: TestLab
    let runner: typeof import('../../src/lab/cases/run.js')
    let index: typeof import('../../src/lab/cases/index.js')

    before(async () => {
      lab = await startLab('t-cases', 23_000, computes, networks, undefined, undefined, racksOf(key))
      runner = await built('lab/cases/run.js')
      index = await built('lab/cases/index.js')
    })
    after(() => lab?.down())

    for (const one of CASES.filter((candidate) => keyOf(candidate) === key)) {
      it(`${one.name}: ${one.title}`, async (t) => {
        const [report] = await runner.runCases(lab.state, index.chosenCases([one.name]), () => {})
        for (const [what, value] of Object.entries(report!.measured)) t.diagnostic(`${what}: ${value}`)
        assert.deepEqual(
          report!.steps.filter(({ reason }) => reason !== null).map(({ title, reason }) => `${title}: ${reason}`),
          [],
        )
        assert.ok(report!.steps.length > 2, 'the case has steps of its own')
      })
    }
  })
}
