import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Revisions } from './revisions.js'

test('tells what was committed, sent and applied', () => {
  const applied = [{ host: 'compute1', binary: 'neutron-l3-agent', revision: 4, errors: [] }]
  const reports = { appliedRevisions: () => applied, currentRevision: () => 5 }
  const bus = { touched: () => ({ compute1: 4 }), projected: () => 5 }
  const revisions = new Revisions(reports, bus)
  assert.equal(revisions.current(), 5)
  assert.deepEqual(revisions.applied(), applied)
  assert.deepEqual(revisions.projected(), { revision: 5, touched: { compute1: 4 } })
})
