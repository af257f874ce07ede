import { agents } from '../../../store/agents.js'
import { haRouterAgents } from '../../../store/ha-routers.js'
import { loadRouter, type RouterRecord } from '../../../store/routers.js'
import { l3Mode, mayHost } from '../choose-agent.js'
import { removePort } from '../system-ports.js'
import type { Work } from '../work.js'
import { addHaAgent, fillHaAgents } from './agents.js'
import { joinHaNetwork, leaveHaNetwork } from './network.js'

/** What a highly available router has beside an ordinary one; an agent that has it already stays the active one. */
export async function beginHa(work: Work, router: RouterRecord): Promise<void> {
  const { db } = work.tx
  await joinHaNetwork(work, router)
  const current = router.central ? await agents.findOne(db, { id: router.central.agentId }) : undefined
  if (current && mayHost(l3Mode(current), router.distributed)) await addHaAgent(work, router, current)
  await fillHaAgents(work, (await loadRouter(db, router.id))!)
}

/** Takes that away again; the agent that was active keeps the router. */
export async function endHa(work: Work, router: RouterRecord): Promise<void> {
  const { db } = work.tx
  const bindings = await haRouterAgents.find(db, { routerId: router.id })
  await haRouterAgents.delete(db, { routerId: router.id })
  for (const { portId } of bindings) await removePort(work, { id: portId })
  await leaveHaNetwork(work, router)
  work.tx.touch('router', router.id)
}
