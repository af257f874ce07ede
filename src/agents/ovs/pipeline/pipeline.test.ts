import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pipeline } from './pipeline.js'

const example = pipeline([
  ['FIRST', 0, 'entry'],
  ['SECOND', 7, 'middle'],
  ['THIRD', 20, 'exit'],
])

test('names become numbers, the feature becomes the cookie', () => {
  const flow = example.flow({
    table: 'SECOND',
    priority: 3,
    actions: [{ kind: 'goto', table: 'THIRD' }],
    feature: 'dvr',
    why: 'test',
  })
  assert.deepEqual([flow.table, flow.actions, flow.cookie], [7, [{ kind: 'goto', table: 20 }], 0xea57000300000000n])
})

test('a goto that does not lead forward does not compile', () => {
  const base = { priority: 0, feature: 'base', why: 'test' } as const
  // @ts-expect-error a packet cannot go back
  example.flow({ ...base, table: 'SECOND', actions: [{ kind: 'goto', table: 'FIRST' }] })
  // @ts-expect-error nor stay in its table
  example.flow({ ...base, table: 'SECOND', actions: [{ kind: 'goto', table: 'SECOND' }] })
  example.flow({ ...base, table: 'FIRST', actions: [{ kind: 'goto', table: 'THIRD' }] })
})
