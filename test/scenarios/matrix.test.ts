import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { COMBINATIONS, titleOf } from '../../src/lab/matrix/combination.js'
import { built, SKIP, startLab, type TestLab } from '../lib/lab.js'

describe('project network × external network × router', { skip: SKIP }, () => {
  let lab: TestLab
  let matrix: typeof import('../../src/lab/matrix/matrix.js')

  before(async () => {
    lab = await startLab('t-matrix', 22_000)
    matrix = await built('lab/matrix/matrix.js')
  })
  after(() => lab?.down())

  for (const combination of COMBINATIONS) {
    it(titleOf(combination), async () => {
      const [row] = await matrix.runMatrix(lab.state, [combination], () => {})
      assert.deepEqual(
        row!.cells.filter(({ reason }) => reason !== null).map(({ name, reason }) => `${name}: ${reason}`),
        [],
      )
      assert.deepEqual(
        row!.cells.map(({ name }) => name),
        matrix.COLUMNS,
        'every check was tried',
      )
    })
  }
})
