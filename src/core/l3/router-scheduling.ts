import { type AgentRecord, agents } from '../../store/agents.js'
import { loadRouter, type RouterRecord, routersOfAgent } from '../../store/routers.js'
import type { Db } from '../../store/table.js'
import { showAgent } from '../agent/service.js'
import type { Core } from '../core.js'
import { agentNotFound } from '../fault-messages.js'
import type { L3Scheduling } from '../scheduler/l3-scheduling.js'
import { l3Mode, mayHost } from './choose-agent.js'
import {
  agentMismatch,
  cannotAssignToDvrAgent,
  cannotRemoveFromDvrAgent,
  invalidL3Agent,
  routerHosted,
  routerNotFound,
  routerNotHosted,
} from './faults.js'
import { addHaAgent, haAgentsOf, removeHaAgent } from './ha/agents.js'
import { haStatesOf } from './ha/states.js'
import { placeRouter } from './place-router.js'
import { hostsReached, routersReaching } from './reach.js'
import { writableRouter } from './router-service.js'
import { showRouters } from './router-shape.js'
import type { Work } from './work.js'

/** Which L3 agents have which routers, and moving a router's central part by hand. */
export function routerScheduling(core: Core): L3Scheduling {
  return {
    routersOnAgent: (_ctx, agentId) =>
      core.store.read(async (db) => {
        const agent = await l3Agent(db, agentId)
        const bound = await routersOfAgent(db, agentId)
        const brought = l3Mode(agent) === 'legacy' ? [] : await routersReaching(db, agent.host)
        return showRouters(db, [...new Set([...bound, ...brought])].sort())
      }),

    agentsOfRouter: (_ctx, routerId) =>
      core.store.read(async (db) => {
        const router = await loadRouter(db, routerId)
        if (!router) throw routerNotFound(routerId)
        const now = new Date()
        const states = router.ha ? await haStatesOf(core, db, routerId, now) : []
        const ha = new Map(states.map(({ agent, state }) => [agent.id, state]))
        return (await agentsOf(db, router)).map((agent) => ({
          ...showAgent(core, agent, now),
          ...(ha.has(agent.id) && { ha_state: ha.get(agent.id) }),
        }))
      }),

    addRouterToAgent: (ctx, agentId, routerId) =>
      core.store.transaction(ctx, async (tx) => {
        const router = await writableRouter(tx.db, ctx, routerId)
        const agent = await l3Agent(tx.db, agentId)
        if (!agent.adminStateUp) throw invalidL3Agent(agentId)
        checkFits(router, agent)
        if (router.ha) return void (await addToHaAgent({ core, tx, ctx }, router, agent))
        if (router.central?.agentId === agentId) return
        if (router.central) throw routerHosted(routerId, router.central.agentId)
        await placeRouter({ core, tx, ctx }, router, agent)
      }),

    removeRouterFromAgent: (ctx, agentId, routerId) =>
      core.store.transaction(ctx, async (tx) => {
        const router = await writableRouter(tx.db, ctx, routerId)
        const agent = await l3Agent(tx.db, agentId)
        if (l3Mode(agent) === 'dvr') throw cannotRemoveFromDvrAgent()
        if (router.ha && (await haAgentsOf(tx.db, routerId)).some(({ id }) => id === agentId))
          return removeHaAgent({ core, tx, ctx }, router, agentId)
        if (router.central?.agentId !== agentId) throw routerNotHosted(routerId, agentId)
        await placeRouter({ core, tx, ctx }, router, null)
      }),
  }
}

async function l3Agent(db: Db, id: string): Promise<AgentRecord> {
  const agent = await agents.findOne(db, { id })
  if (!agent) throw agentNotFound(id)
  if (agent.agentType !== 'L3 agent') throw invalidL3Agent(id)
  return agent
}

function checkFits(router: RouterRecord, agent: AgentRecord): void {
  const mode = l3Mode(agent)
  if (mode === 'dvr') throw cannotAssignToDvrAgent()
  if (mayHost(mode, router.distributed)) return
  throw agentMismatch(router.id, router.distributed ? 'distributed' : 'legacy', agent.id, mode)
}

/** One more agent for a highly available router, also beyond the number that it gets by itself. */
async function addToHaAgent(work: Work, router: RouterRecord, agent: AgentRecord): Promise<void> {
  const present = await haAgentsOf(work.tx.db, router.id)
  if (!present.some(({ id }) => id === agent.id)) await addHaAgent(work, router, agent)
}

async function centralAgentsOf(db: Db, router: RouterRecord): Promise<AgentRecord[]> {
  if (router.ha) return haAgentsOf(db, router.id)
  return router.central ? agents.find(db, { id: router.central.agentId }) : []
}

/** The agents of the central part, and those of hosts with instances behind a distributed router. */
async function agentsOf(db: Db, router: RouterRecord): Promise<AgentRecord[]> {
  const bound = await centralAgentsOf(db, router)
  const ids = new Set(bound.map(({ id }) => id))
  if (!router.distributed) return bound
  const hosts = await hostsReached(db, router.id)
  const there = (await agents.findIn(db, 'host', hosts)).filter(
    (agent) => agent.agentType === 'L3 agent' && l3Mode(agent) !== 'legacy' && !ids.has(agent.id),
  )
  return [...bound, ...there.sort((a, b) => (a.host < b.host ? -1 : 1))]
}
