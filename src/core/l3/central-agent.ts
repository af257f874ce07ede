import { agents } from '../../store/agents.js'
import { haRoutersWithRoom } from '../../store/ha-routers.js'
import {
  agentLoads,
  loadRouter,
  lockRouter,
  type RouterRecord,
  routersOfAgent,
  unboundRouters,
} from '../../store/routers.js'
import { chooseAgent, l3Mode, mayHost } from './choose-agent.js'
import { fillHaAgents, removeHaAgent, settleHaAgents } from './ha/agents.js'
import { placeRouter, usableAgents } from './place-router.js'
import { routerPorts } from './router-ports.js'
import type { Work } from './work.js'

/** Whether the router has a part that is on one host only. */
export async function needsAgent({ tx }: Work, router: RouterRecord): Promise<boolean> {
  if (router.ha || router.gatewayPortId !== null) return true
  return !router.distributed && (await routerPorts(tx.db, router.id)).interfaces.length > 0
}

/**
 * The host of the router's central part, choosing its agent if there is none yet; '' while no agent can take it.
 * Ports the router already has follow.
 */
export async function ensureCentralHost(work: Work, routerId: string, except: string | null = null): Promise<string> {
  const router = (await loadRouter(work.tx.db, routerId))!
  if (router.central) return router.central.host
  if (router.ha) {
    await fillHaAgents(work, router, except)
    return (await loadRouter(work.tx.db, routerId))!.central?.host ?? ''
  }
  const agent = chooseAgent(await usableAgents(work, except), await agentLoads(work.tx.db), router)
  await placeRouter(work, router, agent)
  return agent?.host ?? ''
}

/** Brings the binding in line with what the router is now: none where no central part is, a fitting agent where one is. */
export async function settleCentralAgent(work: Work, routerId: string): Promise<void> {
  const router = (await loadRouter(work.tx.db, routerId))!
  if (!(await needsAgent(work, router))) {
    if (router.central && router.distributed) await placeRouter(work, router, null)
    return
  }
  if (router.ha) await settleHaAgents(work, router)
  else if (router.central) {
    const current = await agents.findOne(work.tx.db, { id: router.central.agentId })
    if (current && !mayHost(l3Mode(current), router.distributed)) await placeRouter(work, router, null)
  }
  await ensureCentralHost(work, routerId)
}

/** Finds an agent for routers that have none; run when an agent appears. */
export async function scheduleWaitingRouters(work: Work): Promise<void> {
  if (!work.core.config.DEFAULT.router_auto_schedule) return
  for (const id of await unboundRouters(work.tx.db)) {
    const router = (await lockRouter(work.tx.db, id))!
    if (await needsAgent(work, router)) await ensureCentralHost(work, id)
  }
  for (const id of await haRoutersWithRoom(work.tx.db, work.core.config.DEFAULT.max_l3_agents_per_router)) {
    await fillHaAgents(work, (await lockRouter(work.tx.db, id))!)
  }
}

/** Another agent for everything the leaving one has; routers that nobody can take wait. */
export async function evacuateAgent(work: Work, agentId: string): Promise<void> {
  for (const id of await routersOfAgent(work.tx.db, agentId)) {
    const router = (await lockRouter(work.tx.db, id))!
    if (router.ha) {
      await removeHaAgent(work, router, agentId)
      await fillHaAgents(work, (await loadRouter(work.tx.db, id))!, agentId)
      continue
    }
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
