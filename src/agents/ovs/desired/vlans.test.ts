import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allocateVlans } from './vlans.js'

test('networks keep their VLAN, others get the lowest free one, the last one too many fails', () => {
  const kept = allocateVlans(
    new Map([
      ['b', 1],
      ['x', 2],
    ]),
    ['a', 'b', 'c'],
  )
  assert.deepEqual([...kept.vlans].sort(), [
    ['a', 2],
    ['b', 1],
    ['c', 3],
  ])
  const many = Array.from({ length: 4095 }, (_, i) => `n${String(i).padStart(4, '0')}`)
  assert.deepEqual(allocateVlans(new Map(), many).failed, ['n4094'])
})

test('of two networks that claim one VLAN only one gets it, and no VLAN is out of range', () => {
  const { vlans } = allocateVlans(
    new Map([
      ['a', 7],
      ['b', 7],
      ['c', 4095],
    ]),
    ['a', 'b', 'c'],
  )
  assert.equal(vlans.get('a'), 7)
  assert.equal(new Set(vlans.values()).size, 3)
  assert.ok([...vlans.values()].every((vlan) => vlan >= 1 && vlan <= 4094))
})
