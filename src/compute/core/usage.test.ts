import assert from 'node:assert/strict'
import { test } from 'node:test'
import { projectUsage, serverUsage, type Used, usedIn } from './usage.js'

const at = (time: string) => Date.parse(`2026-01-01T${time}Z`)
const used = (id: string, launched: string, ended: string | null): Used => ({
  id,
  name: id,
  projectId: 'p',
  flavorId: '2',
  vmState: 'active',
  launched: `2026-01-01T${launched}Z`,
  ended: ended && `2026-01-01T${ended}Z`,
})
const period = { start: at('10:00:00'), stop: at('12:00:00') }

test('those count that ran at any time of the period', () => {
  const all = [
    used('later', '12:00:00', null),
    used('earlier', '08:00:00', '09:00:00'),
    used('b-runs', '08:00:00', null),
    used('a-ended', '11:00:00', '11:30:00'),
  ]
  assert.deepEqual(
    usedIn(all, period).map(({ id }) => id),
    ['a-ended', 'b-runs'],
  )
})

test('hours are those of the period, the uptime is the whole', () => {
  const runs = serverUsage(used('runs', '08:00:00', null), period, at('12:30:00'))
  assert.equal(runs.hours, 2)
  assert.equal(runs.uptime, 4.5 * 3600)
  assert.equal(runs.state, 'active')
  const ended = serverUsage(used('ended', '11:00:00', '11:30:00'), period, at('12:30:00'))
  assert.equal(ended.hours, 0.5)
  assert.equal(ended.state, 'terminated')
  assert.equal(ended.ended_at, '2026-01-01T11:30:00.000000')
  const sums = projectUsage([runs, ended], period, false)
  assert.equal(sums.total_hours, 2.5)
  assert.equal(sums.total_memory_mb_usage, 2.5 * 2048)
  assert.equal('server_usages' in sums, false)
})
