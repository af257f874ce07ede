import { OWNER } from '../../model/owners.js'
import { type AgentRecord, agents } from '../../store/agents.js'
import type { PortRecord } from '../../store/ports.js'
import {
  agentLoads,
  loadRouter,
  lockRouter,
  type RouterRecord,
  routerBindings,
  routersOfAgent,
  unboundRouters,
} from '../../store/routers.js'
import { isAlive } from '../agent/alive.js'
import { chooseAgent, l3Mode, mayHost } from './choose-agent.js'
import { routerPorts } from './router-ports.js'
import { movePort } from './system-ports.js'
import type { Work } from './work.js'

/** L3 agents that may be given routers: alive and not disabled; `except` leaves one out. */
async function usableAgents({ core, tx }: Work, except: string | null): Promise<AgentRecord[]> {
  const all = await agents.find(tx.db, { agentType: 'L3 agent', adminStateUp: true })
  return all.filter((agent) => agent.id !== except && isAlive(core, agent, tx.date))
}

/** Whether the router has a part that is on one host only. */
async function needsAgent({ tx }: Work, router: RouterRecord): Promise<boolean> {
  if (router.gatewayPortId !== null) return true
  return !router.distributed && (await routerPorts(tx.db, router.id)).interfaces.length > 0
}

/**
 * The host of the router's central part, choosing its agent if there is none yet; '' while no agent can take it.
 * Ports the router already has follow.
 */
export async function ensureCentralHost(work: Work, routerId: string, except: string | null = null): Promise<string> {
  const router = (await loadRouter(work.tx.db, routerId))!
  if (router.central) return router.central.host
  const agent = chooseAgent(await usableAgents(work, except), await agentLoads(work.tx.db), router)
  await placeRouter(work, router, agent)
  return agent?.host ?? ''
}

/** Gives the router's central part to `agent` (null: to nobody), and moves its ports there. */
export async function placeRouter(work: Work, router: RouterRecord, agent: AgentRecord | null): Promise<void> {
  const { tx } = work
  await routerBindings.delete(tx.db, { routerId: router.id })
  if (agent) await routerBindings.insert(tx.db, { routerId: router.id, agentId: agent.id })
  tx.touch('router', router.id)
  for (const port of await centralPorts(work, router)) await movePort(work, port, agent?.host ?? '')
}

/** Ports that are where the router's central part is. */
async function centralPorts({ tx }: Work, router: RouterRecord): Promise<PortRecord[]> {
  const { interfaces, gateway, centralized } = await routerPorts(tx.db, router.id)
  const legacy = interfaces.filter(({ deviceOwner }) => deviceOwner !== OWNER.distributedRouterInterface)
  return [...legacy, ...centralized, ...(gateway ? [gateway] : [])]
}

/** Brings the binding in line with what the router is now: none where no central part is, a fitting agent where one is. */
export async function settleCentralAgent(work: Work, routerId: string): Promise<void> {
  const router = (await loadRouter(work.tx.db, routerId))!
  if (!(await needsAgent(work, router))) {
    if (router.central && router.distributed) await placeRouter(work, router, null)
    return
  }
  const current = router.central ? await agents.findOne(work.tx.db, { id: router.central.agentId }) : undefined
  if (current && !mayHost(l3Mode(current), router.distributed)) await placeRouter(work, router, null)
  await ensureCentralHost(work, routerId)
}

/** Finds an agent for routers that have none; run when an agent appears. */
export async function scheduleWaitingRouters(work: Work): Promise<void> {
  if (!work.core.config.DEFAULT.router_auto_schedule) return
  for (const id of await unboundRouters(work.tx.db)) {
    const router = (await lockRouter(work.tx.db, id))!
    if (await needsAgent(work, router)) await ensureCentralHost(work, id)
  }
}

/** Another agent for everything the leaving one has; routers that nobody can take wait. */
export async function evacuateAgent(work: Work, agentId: string): Promise<void> {
  for (const id of await routersOfAgent(work.tx.db, agentId)) {
    const router = (await lockRouter(work.tx.db, id))!
    await placeRouter(work, router, null)
    await ensureCentralHost(work, id, agentId)
  }
}

/** Routers of an agent that started in another mode may have to go elsewhere. */
export async function resettleAgent(work: Work, agentId: string): Promise<void> {
  for (const id of await routersOfAgent(work.tx.db, agentId)) {
    await lockRouter(work.tx.db, id)
    await settleCentralAgent(work, id)
  }
}
