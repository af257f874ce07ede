import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readEnvelope } from './envelope.js'
import { AGENT_PATIENCE, Link, SERVER_PATIENCE } from './link.js'
import { ownQueue } from './names.js'

function pair() {
  let at = 0
  const side = (own: string, peer: string, patience = SERVER_PATIENCE) =>
    new Link({ session: 's', peer, replyTo: own, sender: own, patience, now: () => at })
  return {
    server: side('server', 'agent'),
    agent: side('agent', 'server', AGENT_PATIENCE),
    pass: (ms: number) => {
      at += ms
    },
  }
}

it('takes what comes in order once, and notices what is missing', () => {
  const { server, agent } = pair()
  const [one, two, three, four] = [1, 2, 3, 4].map(() => agent.next('message'))
  assert.equal(server.take(one!), 'next')
  assert.equal(server.take(two!), 'next')
  assert.equal(server.take(two!), 'repeated')
  assert.equal(server.take(four!), 'lost')
  assert.equal(server.take(three!), 'next')
})

it('takes nothing after a silence in which the other side may have given up', () => {
  const { server, agent, pass } = pair()
  server.take(agent.next('message'))
  pass(SERVER_PATIENCE.silenceMs)
  assert.equal(server.silent, false)
  pass(1)
  assert.equal(server.silent, true)
  assert.equal(server.take(agent.next('message')), 'lost')
})

it('lets a server give up before any of its agents can', () => {
  // the agent heard the server's last ping just before the next one was due, and the server its agent's just now
  assert.ok(SERVER_PATIENCE.silenceMs + SERVER_PATIENCE.pingMs < AGENT_PATIENCE.silenceMs)
  assert.ok(AGENT_PATIENCE.pingMs * 3 < SERVER_PATIENCE.silenceMs)
})

it('reads no envelope from a stranger', () => {
  const own = { type: 'ping', correlationId: 's', messageId: '3', replyTo: 'q', appId: 'p' }
  const read = (properties: object) => readEnvelope({ properties: { ...own, ...properties } as never })
  assert.deepEqual(read({}), { type: 'ping', session: 's', number: 3, replyTo: 'q', sender: 'p' })
  for (const properties of [
    { type: 'notify' },
    { type: undefined },
    { correlationId: undefined },
    { replyTo: '' },
    { appId: 7 },
    { messageId: 'x' },
    { messageId: '-1' },
  ])
    assert.equal(read(properties), null)
})

it('names queues within what AMQP allows', () => {
  assert.match(ownQueue('neutron-l3-agent', 'compute1'), /^neutron-l3-agent\.compute1\.[0-9a-f-]{36}$/)
  assert.ok(Buffer.byteLength(ownQueue('neutron-l3-agent', 'ü'.repeat(200))) <= 255)
})
