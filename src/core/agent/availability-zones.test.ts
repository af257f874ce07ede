import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerL3 } from '../l3/register.js'
import { TestCloud } from '../testing/cloud.js'

test('hints name zones that an agent for such a resource is in', async () => {
  const cloud = await TestCloud.open('', [registerL3])
  await cloud.report('network1', 'L3 agent', { agent_mode: 'dvr_snat' })
  const hints = { availability_zone_hints: ['nova'] }
  assert.deepEqual((await cloud.create('routers', hints)).availability_zone_hints, ['nova'])
  const unknown = (zone: string) => ({
    type: 'AvailabilityZoneNotFound',
    status: 404,
    message: `AvailabilityZone ${zone} could not be found.`,
  })
  await assert.rejects(cloud.create('routers', { availability_zone_hints: ['nova', 'mars'] }), unknown('mars'))
  await assert.rejects(cloud.create('networks', hints), unknown('nova'), 'no DHCP agent is there')
  await cloud.report('network1', 'DHCP agent')
  assert.deepEqual((await cloud.create('networks', hints)).availability_zone_hints, ['nova'])
  await cloud.close()
})
