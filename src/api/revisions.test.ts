import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ChangeSource } from '../bus/ports.js'
import { Revisions } from './revisions.js'

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('follows what the bus read, once the bus had its turn with it', async () => {
  const source: ChangeSource = {
    load: async () => ({ revision: 3, objects: [] }),
    since: async (revision) => (revision < 5 ? [{ revision: 5, kind: 'network', id: 'n', value: null }] : []),
    onCommit: () => () => {},
  }
  const revisions = new Revisions({ appliedRevisions: () => [], currentRevision: () => 5 })
  revisions.attach(() => ({ compute1: 5 }))
  const watched = revisions.watch(source)
  await watched.load()
  await turn()
  assert.equal(revisions.projected().revision, 3)
  await watched.since(3)
  assert.equal(revisions.projected().revision, 3)
  await turn()
  assert.deepEqual(revisions.projected(), { revision: 5, touched: { compute1: 5 } })
  await watched.since(5)
  await turn()
  assert.equal(revisions.projected().revision, 5)
})
