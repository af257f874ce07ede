import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gratuitousArp } from './gratuitous-arp.js'

test('an address is announced by a request and by a reply, to everybody, from its MAC', () => {
  const ethernet = 'ffffffffffff' + 'fa163e0a0b0c' + '0806' + '000108000604'
  const padding = '00'.repeat(18)
  assert.deepEqual(gratuitousArp('fa:16:3e:0a:0b:0c', '203.0.113.103'), [
    `${ethernet}0001fa163e0a0b0ccb007167ffffffffffffcb007167${padding}`,
    `${ethernet}0002fa163e0a0b0ccb007167fa163e0a0b0ccb007167${padding}`,
  ])
})
