import { setTimeout as delay } from 'node:timers/promises'
import type { Conversation } from '../../proof/conversation.js'
import { expect } from '../../proof/expect.js'
import { addRules, changePort, makeGroup, removeRule } from '../../proof/groups.js'
import { bootAll, makeNetwork } from '../../proof/objects.js'
import { talk } from '../../proof/talk.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

const FLOW_MS = 150

/** TCP sessions in which both ends speak all the time, with rules taken away and given back under them. */
export const securityGroupSessions: Case = {
  name: 'security-group-sessions',
  title: 'a removed rule ends the sessions that it let in, in both directions; sessions of other rules go on',
  async run(run) {
    const net = await makeNetwork(run, 'sessions', '192.168.1.0/24')
    const [client, server] = await bootAll(run, [
      { name: 'sessions-client', networkId: net.id, host: 'compute1' },
      { name: 'sessions-server', networkId: net.id, host: 'compute2' },
    ])
    const on = (port: number, more = {}) => ({ protocol: 'tcp', port_range_min: port, port_range_max: port, ...more })
    const friends = await makeGroup(run, 'friends')
    const group = await makeGroup(run, 'sessions')
    const [ssh, , range] = await addRules(run, group, [
      on(22),
      on(80),
      { protocol: 'tcp', port_range_min: 80, port_range_max: 90 },
      on(5000, { remote_group_id: friends }),
    ])
    await changePort(run, client!.portId, { security_groups: [friends] })
    await changePort(run, server!.portId, { security_groups: [group] })
    const sessions = new Map<number, Session>()
    try {
      await run.step('sessions of four rules', async () => {
        for (const port of [22, 80, 85, 5000]) {
          const listener = await talk(run, { instance: server!.id }, 'server', String(port))
          const caller = await talk(run, { instance: client!.id }, 'client', server!.ip, String(port))
          sessions.set(port, { listener, caller })
        }
        await expectFlow(sessions, [22, 80, 85, 5000])
      })
      await run.step('without its rule a session stops', async () => {
        await removeRule(run, ssh!)
        await expectFlow(sessions, [80, 85, 5000])
      })
      await run.step('a session that another rule allows goes on', async () => {
        await removeRule(run, range!)
        await expectFlow(sessions, [80, 5000])
      })
      await run.step('a member that leaves a group loses its sessions', async () => {
        await changePort(run, client!.portId, { security_groups: [await makeGroup(run, 'strangers')] })
        await expectFlow(sessions, [80])
        await changePort(run, client!.portId, { security_groups: [friends] })
      })
      await run.step('when the rule is back, so is the session', async () => {
        await addRules(run, group, [on(22)])
        await settled(run.admin)
        await eventually(run, sessions.get(22)!)
        await expectFlow(sessions, [22, 80], [22, 80, 85])
      })
      await run.step('the last rule ends the last session', async () => {
        await changePort(run, server!.portId, { security_groups: [] })
        await expectFlow(sessions, [])
      })
    } finally {
      for (const { caller, listener } of sessions.values()) await Promise.all([caller.end(), listener.end()])
    }
  },
}

interface Session {
  readonly listener: Conversation
  readonly caller: Conversation
}

/** Bytes that each end has received. */
async function received({ listener, caller }: Session): Promise<[number, number]> {
  return [Number(await listener.ask()), Number(await caller.ask())]
}

/** In exactly these sessions bytes arrive at both ends; `of`: those that are looked at. */
async function expectFlow(sessions: ReadonlyMap<number, Session>, flowing: number[], of?: number[]): Promise<void> {
  for (const [port, session] of sessions) {
    if (of && !of.includes(port)) continue
    if (flowing.includes(port)) await expectSome(port, session)
    else await expectNone(port, session)
  }
}

async function expectSome(port: number, session: Session): Promise<void> {
  const before = await received(session)
  await until(`bytes at both ends of the session on port ${port}`, async () => {
    const after = await received(session)
    return after[0] > before[0] && after[1] > before[1]
  })
}

async function expectNone(port: number, session: Session): Promise<void> {
  // what had arrived before has been read when the end has answered twice
  await received(session)
  const before = await received(session)
  await delay(FLOW_MS)
  const after = await received(session)
  const [up, down] = [after[0] - before[0], after[1] - before[1]]
  expect(up === 0 && down === 0, `session on port ${port}: ${up} bytes up, ${down} down, expected none`)
}

/** A sender that got no answer tries again after growing pauses. */
async function eventually(run: CaseRun, session: Session): Promise<void> {
  const before = await received(session)
  const started = performance.now()
  for (let now = before; now[0] === before[0] || now[1] === before[1]; now = await received(session)) {
    expect(performance.now() - started < 20_000, 'the session did not come back within 20 s')
    await delay(50)
  }
  run.measured('session back after ms', Math.round(performance.now() - started))
}
