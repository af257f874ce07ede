import { OWNER } from '../../../model/owners.js'
import { type AgentRecord, agents } from '../../../store/agents.js'
import { haRouterAgents, haVrIds } from '../../../store/ha-routers.js'
import { agentLoads, loadRouter, type RouterRecord } from '../../../store/routers.js'
import type { Db } from '../../../store/table.js'
import { chooseAgents, l3Mode, mayHost } from '../choose-agent.js'
import { placeRouter, usableAgents } from '../place-router.js'
import { addPort, removePort } from '../system-ports.js'
import type { Work } from '../work.js'

/** Agents of a highly available router, by host name. */
export async function haAgentsOf(db: Db, routerId: string): Promise<AgentRecord[]> {
  const ids = (await haRouterAgents.find(db, { routerId })).map(({ agentId }) => agentId)
  return (await agents.findIn(db, 'id', ids)).sort((a, b) => (a.host < b.host ? -1 : 1))
}

/** Gives the router as many agents as it may have; `except` is left out. */
export async function fillHaAgents(work: Work, router: RouterRecord, except: string | null = null): Promise<void> {
  const { db } = work.tx
  const taken = await haAgentsOf(db, router.id)
  const usable = await usableAgents(work, except)
  const max = work.core.config.DEFAULT.max_l3_agents_per_router
  for (const agent of chooseAgents(usable, await agentLoads(db), router, taken, max)) {
    await addHaAgent(work, router, agent)
  }
}

/** Agents that may not have the router (any more) lose it; one that has none left gets new ones. */
export async function settleHaAgents(work: Work, router: RouterRecord): Promise<void> {
  const { db } = work.tx
  const unfit = (await haAgentsOf(db, router.id)).filter((agent) => !mayHost(l3Mode(agent), router.distributed))
  for (const { id } of unfit) await removeHaAgent(work, (await loadRouter(db, router.id))!, id)
  if (unfit.length > 0) await fillHaAgents(work, (await loadRouter(db, router.id))!)
}

/** One more agent, with a port on the project's HA network. The first one is taken for active until one says it is. */
export async function addHaAgent(work: Work, router: RouterRecord, agent: AgentRecord): Promise<void> {
  const { tx } = work
  const { networkId } = (await haVrIds.findOne(tx.db, { routerId: router.id }))!
  const port = await addPort(work, {
    networkId,
    name: `HA port tenant ${router.projectId}`,
    projectId: '',
    deviceId: router.id,
    deviceOwner: OWNER.haInterface,
    fixedIps: undefined,
    host: agent.host,
  })
  await haRouterAgents.insert(tx.db, { routerId: router.id, agentId: agent.id, portId: port.id, state: 'standby' })
  tx.touch('router', router.id)
  const now = (await loadRouter(tx.db, router.id))!
  if (now.central === null) await placeRouter(work, now, agent)
}

/** Takes the router off an agent; when that was the active one, its ports go to the one that will be. */
export async function removeHaAgent(work: Work, router: RouterRecord, agentId: string): Promise<void> {
  const { tx } = work
  const binding = await haRouterAgents.findOne(tx.db, { routerId: router.id, agentId })
  if (!binding) return
  await haRouterAgents.delete(tx.db, { routerId: router.id, agentId })
  await removePort(work, { id: binding.portId })
  tx.touch('router', router.id)
  if (router.central?.agentId !== agentId) return
  const left = await haRouterAgents.find(tx.db, { routerId: router.id })
  const next = left.find(({ state }) => state === 'active') ?? left[0]
  const agent = next && (await agents.findOne(tx.db, { id: next.agentId }))
  await placeRouter(work, router, agent ?? null)
}
