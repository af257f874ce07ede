import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import Libsql from 'libsql'
import { openTestStore } from '../core/testing/database.js'
import { effectOf, LEAVES, Memory, oldRowsOf } from './memory.js'
import { openStore } from './open.js'
import { quotas } from './quotas.js'
import { remembered } from './session.js'
import type { Store } from './store.js'
import type { Db } from './table.js'

const ACTOR = { requestId: 'req-1', userId: 'user', projectId: 'p' }
const LIMIT = { projectId: 'p', resource: 'port', max: 1 }

const limit = (db: Db) =>
  remembered(db, ['quotas'], 'limit', async () => (await quotas.findOne(db, { projectId: 'p' }))?.max ?? null)
const setLimit = (store: Store, max: number) =>
  store.transaction(ACTOR, async ({ db }) => {
    await quotas.delete(db, { projectId: 'p' })
    await quotas.insert(db, { ...LIMIT, max })
    return limit(db)
  })

describe('memory', () => {
  it('reads again what was written, and only that', async () => {
    const memory = new Memory()
    let reads = 0
    const read = () => memory.get(['a', 'b'], 'key', async () => ++reads)
    assert.deepEqual([await read(), await read()], [1, 1])
    memory.written('c')
    assert.equal(await read(), 1)
    memory.written('b')
    assert.equal(await read(), 2)
    memory.forget()
    assert.equal(await read(), 3)
    const readOld = () => memory.get([oldRowsOf('c')], 'old', async () => ++reads)
    assert.equal(await readOld(), 4)
    memory.written('c', true)
    assert.equal(await readOld(), 4)
    memory.written('c')
    assert.equal(await readOld(), 5)
  })

  it('does not keep what was overtaken by a write, nor a failure', async () => {
    const memory = new Memory()
    const overtaken = async () => {
      memory.written('a')
      return 'old'
    }
    assert.equal(await memory.get(['a'], 'key', overtaken), 'old')
    await assert.rejects(memory.get(['a'], 'key', async () => Promise.reject(new Error('away'))))
    assert.equal(await memory.get(['a'], 'key', async () => 'new'), 'new')
  })

  it('knows from a statement what it may change', () => {
    const effects: readonly (readonly [string, ReturnType<typeof effectOf>])[] = [
      ['select 1 from networks', 'reads'],
      ['insert into "ports" ("id") values (?)', { adds: 'ports' }],
      ['insert into cloud_objects (id) values (?) on conflict (id) do nothing', { writes: 'cloud_objects' }],
      ['update networks set name = ? where id = ?', { writes: 'networks' }],
      ['delete from "ip_allocations" where "port_id" = ?', { writes: 'ip_allocations' }],
      ['update "allocation_pools" set "next_key" = ? where "subnet_id" = ?', 'reads'],
      [
        'update "allocation_pools" set "next_key" = ?, "last_key" = ? where "subnet_id" = ?',
        { writes: 'allocation_pools' },
      ],
      // takes rows of other tables with it
      ['delete from "networks" where "id" = ?', 'anything'],
      ['rollback', 'anything'],
      ['create table x (y)', 'anything'],
      ['with gone as (delete from networks) select 1', 'anything'],
    ]
    for (const [text, effect] of effects) assert.deepEqual(effectOf(text), effect, text)
  })

  it('is told of every table whose rows go with those of another', async () => {
    const store = await openStore('sqlite://')
    const cascades = await store.read(async (db) => {
      const { rows } = await sql<{ child: string; parent: string }>`
        select m.name as child, f."table" as parent from sqlite_master m, pragma_foreign_key_list(m.name) f
        where m.type = 'table' and f.on_delete <> 'NO ACTION'`.execute(db)
      return rows
    })
    assert.ok(cascades.some(({ parent }) => parent === 'networks'))
    // nothing is remembered of these; l3 and port bindings are read anew each time
    const unremembered = [...LEAVES, 'agent_gateways', 'inactive_bindings', 'port_forwardings', 'ndp_proxies']
    for (const { child, parent } of cascades) {
      if (LEAVES.has(parent)) assert.ok(unremembered.includes(child), `${parent} takes ${child} with it`)
    }
    await store.close()
  })
})

describe('remembered reads of a store', () => {
  it('see what their own transaction wrote, and not what was taken back', async () => {
    const store = await openTestStore()
    assert.equal(await store.read(limit), null)
    assert.equal(await setLimit(store, 3), 3)
    assert.equal(await store.read(limit), 3)
    const refused = store.transaction(ACTOR, async ({ db }) => {
      await quotas.update(db, { projectId: 'p' }, { max: 9 })
      assert.equal(await limit(db), 9)
      throw new Error('refused')
    })
    await assert.rejects(refused, /refused/)
    assert.equal(await store.read(limit), 3)
    await store.close()
  })

  it('see what another process wrote to the same file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'eastwest-memory-'))
    const file = join(directory, 'neutron.sqlite')
    const store = await openStore(`sqlite:///${file}`)
    await setLimit(store, 3)
    assert.equal(await store.read(limit), 3)
    const other = new Libsql(file)
    other.exec('update quotas set max = 4')
    other.close()
    assert.equal(await store.read(limit), 4)
    await store.close()
    rmSync(directory, { recursive: true })
  })
})
