import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pickHost } from './scheduler.js'

const host = (name: string, instances: number, extra: object = {}) => ({
  host: name,
  up: true,
  enabled: true,
  instances,
  ...extra,
})

test('fewest instances first, then by name; only enabled hosts that are up', () => {
  assert.equal(pickHost([host('compute2', 0), host('compute1', 0)], null), 'compute1')
  assert.equal(pickHost([host('compute1', 1), host('compute2', 0)], null), 'compute2')
  assert.equal(pickHost([host('compute1', 0, { up: false }), host('compute2', 5)], null), 'compute2')
  assert.equal(pickHost([host('compute1', 0, { enabled: false })], null), null)
})

test('a chosen host is taken even if disabled, but not when it is down or unknown', () => {
  const hosts = [host('compute1', 0), host('compute2', 9, { enabled: false }), host('compute3', 0, { up: false })]
  assert.equal(pickHost(hosts, 'compute2'), 'compute2')
  assert.equal(pickHost(hosts, 'compute3'), null)
  assert.equal(pickHost(hosts, 'elsewhere'), null)
})
