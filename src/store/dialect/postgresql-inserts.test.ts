import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WaitingInserts } from './postgresql-inserts.js'

const GROUPS = 'insert into "port_security_groups" ("port_id", "security_group_id") values ($1, $2)'

describe('inserts that wait', () => {
  it('are written together, those that are referred to first', () => {
    const inserts = new WaitingInserts()
    for (const id of ['a', 'b', 'c']) {
      assert.ok(inserts.add(GROUPS, [id, 'default']))
      assert.ok(inserts.add('insert into "ports" ("id") values ($1)', [id]))
    }
    assert.deepEqual(inserts.take(), [
      { text: 'insert into "ports" ("id") values ($1), ($2)', values: ['a', 'b'] },
      { text: 'insert into "ports" ("id") values ($1)', values: ['c'] },
      {
        text: 'insert into "port_security_groups" ("port_id", "security_group_id") values ($1, $2), ($3, $4)',
        values: ['a', 'default', 'b', 'default'],
      },
      { text: GROUPS, values: ['c', 'default'] },
    ])
    assert.deepEqual(inserts.take(), [])
  })

  it('are written before a statement that could meet them', () => {
    const inserts = new WaitingInserts()
    assert.equal(inserts.concern('select * from "ports"'), false)
    inserts.add(GROUPS, ['a', 'default'])
    const concerned = [
      'select port_id from port_security_groups',
      'select 1 from networks n where exists (select 1 from "port_security_groups")',
      'delete from "ports" where "id" = $1',
      'update networks set name = $1',
      'with x as (select 1) select 1',
    ]
    for (const text of concerned) assert.equal(inserts.concern(text), true, text)
    assert.equal(inserts.concern('select * from "networks"'), false)
    inserts.drop()
    assert.equal(inserts.concern(concerned[0]!), false)
  })

  it('are plain ones into tables of many rows', () => {
    const others = [
      'insert into "networks" ("id") values ($1)',
      'insert into "ports" ("id") values ($1) on conflict do nothing',
      'insert into "ports" ("id") values ($1) returning id',
      'insert into "ports" ("id") select id from x',
    ]
    for (const text of others) assert.equal(new WaitingInserts().add(text, ['a']), false, text)
  })
})
