import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toJson } from './json.js'

test('every number is written as it is, however large', () => {
  const plain = { a: [1, 'x', null], b: { c: true } }
  assert.equal(toJson(plain), JSON.stringify(plain))
  assert.equal(toJson({ total: 2n ** 64n - 2n, list: [1n, '1n'] }), '{"total":18446744073709551614,"list":[1,"1n"]}')
  const ring: { self?: unknown } = {}
  ring.self = ring
  assert.throws(() => toJson(ring), TypeError)
})
