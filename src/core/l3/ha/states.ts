import { type AgentRecord, agentOfHost, agents } from '../../../store/agents.js'
import { type HaState, haRouterAgents } from '../../../store/ha-routers.js'
import { lockRouter, type RouterRecord } from '../../../store/routers.js'
import type { Db } from '../../../store/table.js'
import { isAlive } from '../../agent/alive.js'
import type { Core } from '../../core.js'
import { placeRouter } from '../place-router.js'
import type { Work } from '../work.js'

/**
 * Records what a host's L3 agent reports of its part of highly available routers. The ports of a router follow the one
 * that became active; when two say so, the later one.
 */
export async function recordHaStates(
  work: Work,
  host: string,
  states: Readonly<Record<string, HaState>>,
): Promise<void> {
  const { db } = work.tx
  const agent = await agentOfHost(db, 'L3 agent', host)
  if (!agent) return
  for (const { routerId, state: before } of await haRouterAgents.find(db, { agentId: agent.id })) {
    const state = states[routerId]
    if (state === undefined) continue
    const router = (await lockRouter(db, routerId))!
    if (state !== before) await haRouterAgents.update(db, { routerId, agentId: agent.id }, { state })
    const isCentral = router.central?.agentId === agent.id
    if (state === 'active' && !isCentral) await placeRouter(work, router, agent)
    if (state === 'standby' && isCentral) await placeWhereActive(work, router)
  }
}

/** Two were active for a moment, and the one that said so last gave way: the other one goes on without a further word. */
async function placeWhereActive(work: Work, router: RouterRecord): Promise<void> {
  const { db } = work.tx
  const binding = await haRouterAgents.findOne(db, { routerId: router.id, state: 'active' })
  const agent = binding && (await agents.findOne(db, { id: binding.agentId }))
  if (agent) await placeRouter(work, router, agent)
}

/** An agent of a highly available router, and what is known of its part. */
export interface HaAgent {
  readonly agent: AgentRecord
  readonly state: HaState | 'unknown'
}

/**
 * The router's agents with their states, by host name. A dead agent is not active while another one lives that will be
 * or is; when all are dead nobody can tell.
 */
export async function haStatesOf(core: Core, db: Db, routerId: string, now: Date): Promise<HaAgent[]> {
  const bindings = await haRouterAgents.find(db, { routerId })
  const states = new Map(bindings.map(({ agentId, state }) => [agentId, state]))
  const found = await agents.findIn(db, 'id', [...states.keys()])
  const lives = (agent: AgentRecord) => agent.adminStateUp && isAlive(core, agent, now)
  const instead = found.some(lives) ? 'standby' : 'unknown'
  return found
    .sort((a, b) => (a.host < b.host ? -1 : 1))
    .map((agent) => {
      const state = states.get(agent.id)!
      return { agent, state: state === 'active' && !lives(agent) ? instead : state }
    })
}
