import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { admin, TestCloud } from '../core/testing/cloud.js'
import { prune } from './manage.js'
import { openStore } from './open.js'
import { pruneAll, pruneBatch, pruneTime } from './prune.js'
import { keepLogShort } from './retention.js'
import type { Store } from './store.js'

const ACTOR = { requestId: 'r', userId: 'u', projectId: 'p' }

/** Records as old as so many days, up to a revision. */
function age(store: Store, upTo: number, days: number): Promise<unknown> {
  const time = pruneTime(days)
  return store.transaction(ACTOR, (tx) =>
    tx.db.updateTable('change_log').set({ time }).where('revision', '<=', upTo).execute(),
  )
}

const revisions = async (store: Store) =>
  (await store.read((db) => db.selectFrom('change_log').select('revision').orderBy('revision').execute())).map(
    ({ revision }) => Number(revision),
  )

describe('old records of the change log', () => {
  it('go, the younger ones and the last one stay, and the log goes on', async () => {
    const cloud = await TestCloud.open()
    const { network } = await cloud.network()
    for (let i = 0; i < 5; i++) await cloud.port(network.id)
    const { store } = cloud
    const all = await revisions(store)
    await age(store, 3, 100)
    assert.equal(await store.prune(101), 0)
    assert.equal(await store.prune(90), 3)
    assert.deepEqual(await revisions(store), all.slice(3))
    await age(store, store.revision, 100)
    assert.equal(await store.prune(90), all.length - 4)
    assert.deepEqual([await revisions(store), await store.prune(90)], [[store.revision], 0])
    const before = store.revision
    const { id } = await cloud.port(network.id)
    assert.deepEqual(
      (await store.since(before)).map((change) => change.id),
      [id],
    )
    assert.equal((await store.load()).objects.filter(({ kind }) => kind === 'port').length, 6)
    await cloud.collection('ports').delete(admin, id)
    await cloud.close()
  })

  it('go in batches, up to the first that is young', async () => {
    const cloud = await TestCloud.open()
    const { network } = await cloud.network()
    for (let i = 0; i < 6; i++) await cloud.port(network.id)
    const { store } = cloud
    await age(store, 7, 2)
    const counts: number[] = []
    const total = await pruneAll(async () => {
      counts.push(await store.transaction(ACTOR, (tx) => pruneBatch(tx.db, pruneTime(1), 3)))
      return counts.at(-1)!
    })
    assert.deepEqual([total, counts], [7, [3, 3, 1, 0]])
    await cloud.close()
  })

  it('are deleted by the server in the background, and by hand beside it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'eastwest-prune-'))
    const connection = `sqlite:///${directory}/neutron.sqlite`
    const cloud = TestCloud.on(await openStore(connection))
    const { store } = cloud
    try {
      const { network } = await cloud.network()
      await age(store, store.revision, 10)
      const log = pino({ level: 'silent' })
      const stop = keepLogShort(store, { maxDays: 5, log, firstMs: 0, everyMs: 5 })
      while ((await revisions(store)).length > 1) await new Promise((resolve) => setImmediate(resolve))
      await stop()
      await cloud.port(network.id)
      await age(store, store.revision, 10)
      const left = (await revisions(store)).length
      assert.equal(await prune(connection, { poolSize: 1, log: null }, 20), 0)
      assert.equal(await prune(connection, { poolSize: 1, log: null }, 5), left - 1)
      await cloud.port(network.id)
      assert.deepEqual(await revisions(store), [store.revision - 1, store.revision])
    } finally {
      await cloud.close()
      rmSync(directory, { recursive: true })
    }
  })

  it('are kept for ever where no days are given', async () => {
    const never = { prune: () => assert.fail('not asked for') } as unknown as Store
    const stop = keepLogShort(never, { maxDays: 0, log: pino({ level: 'silent' }), firstMs: 0 })
    await new Promise((resolve) => setTimeout(resolve, 5))
    await stop()
  })
})
