import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RouterView } from '../../bus/contracts/host-view.js'
import { HostView } from '../../bus/contracts/view.js'
import { AllocationFiles } from './allocation-files.js'
import { allocate, NO_ALLOCATIONS } from './allocations.js'
import { routerWithFloatingIp } from './scenario-view.fake.js'

const INTERVALS = {
  minAdvertisementInterval: 30,
  maxAdvertisementInterval: 100,
  vrrp: { advertInterval: 2, authentication: null },
}
const SETTINGS = { mode: 'dvr', metadataProxy: true, metadataPort: 9697, ...INTERVALS } as const

function router(id: string, ...floatingIps: string[]): RouterView {
  const views = floatingIps.map((floatingIp) => ({ id: floatingIp, floatingIp, fixedIp: '192.168.1.3', portId: '' }))
  return routerWithFloatingIp({ id, floatingIps: views })
}

test('users keep what they have, new ones get the lowest free, others are released', () => {
  const first = allocate(
    HostView.of([router('a', '203.0.113.7', '203.0.113.8'), router('b', '203.0.113.9')]),
    SETTINGS,
    NO_ALLOCATIONS,
  )
  assert.deepEqual(
    [...first.priorities],
    [
      ['203.0.113.7', 32768],
      ['203.0.113.8', 32769],
      ['203.0.113.9', 32770],
    ],
  )
  assert.deepEqual(
    [...first.links],
    [
      ['a', '169.254.64.0/31'],
      ['b', '169.254.64.2/31'],
    ],
  )
  const second = allocate(HostView.of([router('b', '203.0.113.9'), router('0', '203.0.113.1')]), SETTINGS, first)
  assert.deepEqual([...second.priorities].sort(), [
    ['203.0.113.1', 32768],
    ['203.0.113.9', 32770],
  ])
  assert.deepEqual([...second.links].sort(), [
    ['0', '169.254.64.0/31'],
    ['b', '169.254.64.2/31'],
  ])
})

test('numbers outside the pools, and those given twice, are given anew', () => {
  const odd = {
    priorities: new Map([
      ['203.0.113.7', 5],
      ['203.0.113.8', 40000],
      ['203.0.113.9', 40000],
    ]),
    links: new Map([['a', '10.0.0.0/31']]),
  }
  const { priorities, links } = allocate(
    HostView.of([router('a', '203.0.113.7', '203.0.113.8', '203.0.113.9')]),
    SETTINGS,
    odd,
  )
  assert.deepEqual([...priorities].sort(), [
    ['203.0.113.7', 32768],
    ['203.0.113.8', 40000],
    ['203.0.113.9', 32769],
  ])
  assert.deepEqual([...links], [['a', '169.254.64.0/31']])
})

test("the files are Neutron's", (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'allocations-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const files = new AllocationFiles(directory)
  assert.deepEqual(files.load(), NO_ALLOCATIONS)
  const allocations = { priorities: new Map([['203.0.113.102', 57481]]), links: new Map([['r', '169.254.64.0/31']]) }
  files.save(allocations)
  assert.equal(readFileSync(join(directory, 'fip-priorities'), 'utf8'), '203.0.113.102,57481\n')
  assert.equal(readFileSync(join(directory, 'fip-linklocal-networks'), 'utf8'), 'r,169.254.64.0/31\n')
  assert.deepEqual(files.load(), allocations)
  writeFileSync(join(directory, 'fip-priorities'), 'nonsense\n203.0.113.102,x\n203.0.113.3,40000\n')
  assert.deepEqual([...files.load().priorities], [['203.0.113.3', 40000]])
})
