import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentRecord } from '../../store/agents.js'
import { chooseAgent, type L3Mode } from './choose-agent.js'
import { withoutRoutes, withRoutes } from './routes.js'

function agent(host: string, mode: L3Mode, availabilityZone = 'nova'): AgentRecord {
  const times = { createdAt: '', startedAt: '', heartbeatAt: '' }
  const words = {
    resourcesSynced: null,
    agentType: 'L3 agent',
    binary: '',
    topic: '',
    description: null,
    adminStateUp: true,
  }
  return { id: `agent-${host}`, host, availabilityZone, configurations: { agent_mode: mode }, ...words, ...times }
}

test('the least loaded agent in a fitting mode and zone gets the router', () => {
  const agents = [agent('c', 'dvr'), agent('n2', 'dvr_snat'), agent('n1', 'dvr_snat', 'far'), agent('l', 'legacy')]
  const choose = (loads: [string, number][], distributed: boolean, availabilityZoneHints: string[] = []) =>
    chooseAgent(agents, new Map(loads), { distributed, availabilityZoneHints })?.host ?? null
  assert.equal(choose([], true), 'n1')
  assert.equal(choose([['agent-n1', 1]], true), 'n2')
  assert.equal(
    choose(
      [
        ['agent-n1', 1],
        ['agent-n2', 1],
      ],
      false,
    ),
    'l',
  )
  assert.equal(choose([], true, ['nova']), 'n2')
  assert.equal(choose([], true, ['nowhere']), null)
})

test('adding routes twice is adding them once, removing absent ones removes nothing', () => {
  const [a, b] = [
    { destination: '10.0.0.0/8', nexthop: '192.168.1.9' },
    { destination: '10.0.0.0/8', nexthop: '192.168.1.8' },
  ]
  assert.deepEqual(withRoutes([a], [a, b, b]), [a, b])
  assert.deepEqual(withoutRoutes([a], [b]), [a])
  assert.deepEqual(withoutRoutes([a, b], [a]), [b])
})
