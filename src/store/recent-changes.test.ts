import assert from 'node:assert/strict'
import { it } from 'node:test'
import { RecentChanges } from './recent-changes.js'

const change = (revision: number) => ({ revision, kind: 'network' as const, id: `n${revision}`, value: null })
const revisions = (recent: RecentChanges, since: number, last: number) =>
  recent.since(since, last)?.map(({ revision }) => revision) ?? null

it('gives the records behind a revision, as long as all of them are this server’s', () => {
  const recent = new RecentChanges()
  assert.equal(recent.since(0, 1), null)
  recent.add([change(4), change(5)])
  recent.add([change(6)])
  assert.deepEqual(revisions(recent, 4, 6), [5, 6])
  assert.deepEqual(revisions(recent, 3, 6), [4, 5, 6])
  assert.equal(revisions(recent, 2, 6), null, 'revision 3 is not here')
  assert.equal(revisions(recent, 5, 7), null, 'revision 7 is another server’s')
  recent.add([change(8)])
  assert.equal(revisions(recent, 6, 8), null, 'nor is it when this server goes on')
  assert.deepEqual(revisions(recent, 7, 8), [8])
})

it('does not keep everything', () => {
  const recent = new RecentChanges()
  for (let i = 1; i <= 5000; i++) recent.add([change(i)])
  assert.equal(recent.since(3000, 5000), null)
  assert.deepEqual(revisions(recent, 4998, 5000), [4999, 5000])
})
