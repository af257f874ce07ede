import { OWNER } from '../../model/owners.js'
import { type AgentRecord, agents } from '../../store/agents.js'
import type { PortRecord } from '../../store/ports.js'
import { type RouterRecord, routerBindings } from '../../store/routers.js'
import { isAlive } from '../agent/alive.js'
import { routerPorts } from './router-ports.js'
import { movePort } from './system-ports.js'
import type { Work } from './work.js'

/** L3 agents that may be given routers: alive and not disabled; `except` leaves one out. */
export async function usableAgents({ core, tx }: Work, except: string | null): Promise<AgentRecord[]> {
  const all = await agents.find(tx.db, { agentType: 'L3 agent', adminStateUp: true })
  return all.filter((agent) => agent.id !== except && isAlive(core, agent, tx.date))
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
