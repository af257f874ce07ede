import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cookieOf } from './cookie.js'
import { diffFlows } from './diff.js'
import { parseDump } from './dump.js'
import { type Flow, flowTable } from './flow.js'

const flow = (extra: Partial<Flow>): Flow => ({
  table: 0,
  priority: 1,
  match: {},
  actions: [],
  cookie: cookieOf(1),
  why: 'test',
  ...extra,
})

const DUMP = ` cookie=0xea57000100000000, priority=10,arp,in_port=7 actions=goto_table:24
 cookie=0xea57000600000000, table=20, hard_timeout=300, priority=1,vlan_tci=0x0009/0x0fff,dl_dst=fa:16:3e:00:00:01 actions=load:0->NXM_OF_VLAN_TCI[],load:0x7->NXM_NX_TUN_ID[],output:6
 cookie=0xea57000100000000, table=23, priority=0 actions=drop
 cookie=0x5, table=23, reset_counts priority=9 actions=NORMAL
 table=5, actions=drop
 actions=NORMAL
`

test('a dump is read with everything it leaves out', () => {
  assert.deepEqual(
    [...parseDump(DUMP).values()].map(({ key, cookie }) => `${key} ${cookie.toString(16)}`),
    [
      'table=0,priority=10,arp,in_port=7 ea57000100000000',
      'table=20,priority=1,vlan_tci=0x0009/0x0fff,dl_dst=fa:16:3e:00:00:01 ea57000600000000',
      'table=23,priority=0 ea57000100000000',
      'table=23,priority=9 5',
      'table=5,priority=32768 0',
      'table=0,priority=32768 0',
    ],
  )
})

test('what is right stays, strangers and learned flows stay, ours goes strictly and by cookie', () => {
  const desired = flowTable([
    flow({ table: 23, priority: 0 }),
    flow({ priority: 10, match: { proto: 'arp', inPort: 8 }, actions: [{ kind: 'goto', table: 24 }] }),
  ])
  assert.deepEqual(diffFlows(parseDump(DUMP), desired, cookieOf(6)), {
    add: ['add cookie=0xea57000100000000,table=0,priority=10,arp,in_port=8,actions=goto_table:24'],
    remove: ['delete_strict cookie=0xea57000100000000/-1,table=0,priority=10,arp,in_port=7'],
  })
})

test('another action or another cookie is a difference; of two flows in one place the first counts', () => {
  const changed = flowTable([
    flow({ table: 23, priority: 0, actions: [{ kind: 'normal' }] }),
    flow({ table: 23, priority: 0 }),
  ])
  assert.deepEqual(diffFlows(parseDump(DUMP), changed, cookieOf(6)).add, [
    'add cookie=0xea57000100000000,table=23,priority=0,actions=NORMAL',
  ])
})
