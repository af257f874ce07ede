import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fakeApp } from './app.fake.js'
import { RateLimit } from './rate-limit.js'

it('lets a project through as often as the limit says, after a burst of two seconds', () => {
  let now = 0
  const limit = new RateLimit(10, () => now)
  const passed = (count: number, projectId = 'a') =>
    Array.from({ length: count }, () => limit.take({ projectId, isService: false })).filter((wait) => wait === 0).length
  assert.equal(passed(50), 20)
  assert.equal(limit.take({ projectId: 'a', isService: false }), 1)
  assert.equal(passed(50, 'b'), 20, 'another project has its own')
  assert.equal(limit.take({ projectId: 'a', isService: true }), 0)
  now += 500
  assert.equal(passed(50), 5)
  now += 3_600_000
  assert.equal(passed(50), 20)
})

it('answers 429 with Retry-After', async () => {
  const { ask } = fakeApp({ rateLimit: new RateLimit(1, () => 0) })
  const asMember = () => ask('GET', '/v2.0/networks', undefined, { 'x-project-id': 'p', 'x-roles': 'member' })
  assert.deepEqual([(await asMember()).status, (await asMember()).status], [200, 200])
  const refused = await asMember()
  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '1'])
  assert.equal(refused.body.NeutronError.type, 'HTTPTooManyRequests')
})
