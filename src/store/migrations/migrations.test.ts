import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Kysely, Migrator, sql } from 'kysely'
import { openDatabase } from '../dialect/index.js'
import { MIGRATIONS } from './index.js'

it('shared and external networks of an older database are open to everybody by policy', async () => {
  const db = new Kysely<Record<string, never>>({
    dialect: (await openDatabase('sqlite://', { poolSize: 1, log: null })).dialect,
  })
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } })
    assert.equal((await migrator.migrateTo('0002-l3')).error, undefined)
    for (const [id, shared, external] of [
      ['a', 1, 0],
      ['b', 0, 1],
      ['c', 0, 0],
    ] as const) {
      await sql`insert into networks (id, project_id, description, tags, created_at, updated_at, revision_number, name,
        admin_state_up, status, shared, external, is_default, mtu, port_security_enabled, availability_zone_hints,
        dns_domain) values (${id}, 'demo', '', '[]', '', '', 1, '', 1, 'ACTIVE', ${shared}, ${external}, 0, 1500, 1, '[]', '')`.execute(
        db,
      )
    }
    assert.equal((await migrator.migrateToLatest()).error, undefined)
    const { rows } =
      await sql`select object_id, project_id, action, target_project from rbac_policies order by object_id`.execute(db)
    assert.deepEqual(rows, [
      { object_id: 'a', project_id: 'demo', action: 'access_as_shared', target_project: '*' },
      { object_id: 'b', project_id: 'demo', action: 'access_as_external', target_project: '*' },
    ])
  } finally {
    await db.destroy()
  }
})
