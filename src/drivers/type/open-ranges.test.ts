import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { SegmentRangeRecord } from '../../store/segment-ranges.js'
import { openRanges } from './open-ranges.js'

const CONFIGURED = [{ networkType: 'vxlan', physicalNetwork: null, minimum: 1, maximum: 50 }] as const

/** Up to four ranges that do not overlap, each shared or of one of two projects. */
const ranges = fc
  .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 0, maxLength: 8 })
  .chain((ends) => {
    const sorted = ends.toSorted((a, b) => a - b)
    const pairs = Array.from({ length: Math.floor(sorted.length / 2) }, (_, i) => [sorted[2 * i]!, sorted[2 * i + 1]!])
    return fc.tuple(
      ...pairs.map((pair) => fc.record({ pair: fc.constant(pair), owner: fc.constantFrom('', 'a', 'b') })),
    )
  })
  .map((made) =>
    made.map(
      ({ pair: [minimum, maximum], owner }) =>
        ({
          networkType: 'vxlan',
          physicalNetwork: null,
          minimum,
          maximum,
          shared: owner === '',
          projectId: owner,
        }) as unknown as SegmentRangeRecord,
    ),
  )

it('gives a project every id that is configured, shared or its own, and none of others', () => {
  fc.assert(
    fc.property(ranges, (made) => {
      const has = (id: number, wanted: (range: SegmentRangeRecord) => boolean) =>
        made.some((range) => wanted(range) && range.minimum <= id && id <= range.maximum)
      const open = openRanges(CONFIGURED, made, 'a')
      for (let id = 1; id <= 61; id++) {
        const mine = has(id, ({ projectId }) => projectId === 'a')
        const theirs = has(id, ({ projectId }) => projectId === 'b')
        const shared = id <= 50 || has(id, (range) => range.shared)
        const given = open.some(({ minimum, maximum }) => minimum <= id && id <= maximum)
        assert.equal(given, mine || (shared && !theirs), `${id} of ${JSON.stringify(made)}`)
      }
    }),
  )
})

it('begins with what is the project’s own', () => {
  const own = {
    ...CONFIGURED[0],
    minimum: 40,
    maximum: 41,
    shared: false,
    projectId: 'a',
  } as unknown as SegmentRangeRecord
  assert.deepEqual(
    openRanges(CONFIGURED, [own], 'a').map(({ minimum, maximum }) => [minimum, maximum]),
    [
      [40, 41],
      [1, 50],
    ],
  )
  assert.deepEqual(
    openRanges(CONFIGURED, [own], 'b').map(({ minimum, maximum }) => [minimum, maximum]),
    [
      [1, 39],
      [42, 50],
    ],
  )
})
