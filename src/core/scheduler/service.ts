import { type AgentRecord, agents, dhcpBindings } from '../../store/agents.js'
import { loadNetworks } from '../../store/networks.js'
import type { Db } from '../../store/table.js'
import { showAgent } from '../agent/service.js'
import type { Core } from '../core.js'
import { bindNetwork, DHCP_AGENT, unscheduleNetwork } from '../dhcp/schedule.js'
import {
  agentNotFound,
  invalidDhcpAgent,
  networkHostedByDhcpAgent,
  networkNotHostedByDhcpAgent,
} from '../fault-messages.js'
import { Fault } from '../faults.js'
import { visibleNetwork } from '../network/collection.js'
import { showNetwork } from '../network/shape.js'
import type { SchedulerService } from '../service.js'
import type { L3Scheduling } from './l3-scheduling.js'

/** Which agent serves what, and changing it by hand. */
export function schedulerService(core: Core, l3: L3Scheduling | undefined): SchedulerService {
  return {
    ...(l3 ?? noRouters(core)),

    networksOnAgent: (ctx, agentId) =>
      core.store.read(async (db) => {
        const bound = await dhcpBindings.find(db, { agentId })
        return (
          await loadNetworks(
            db,
            bound.map(({ networkId }) => networkId),
          )
        ).map((network) => showNetwork(network, ctx))
      }),

    agentsOfNetwork: (ctx, networkId) =>
      core.store.read(async (db) => {
        await visibleNetwork(db, ctx, networkId)
        const bound = await dhcpBindings.find(db, { networkId })
        const serving = await agents.findIn(
          db,
          'id',
          bound.map(({ agentId }) => agentId),
        )
        return serving.map((agent) => showAgent(core, agent, new Date()))
      }),

    addNetworkToAgent: (ctx, agentId, networkId) =>
      core.store.transaction(ctx, async (tx) => {
        const agent = await dhcpAgent(tx.db, agentId)
        const network = await visibleNetwork(tx.db, ctx, networkId)
        if (!agent.adminStateUp) throw invalidDhcpAgent(agentId)
        if (network.dhcpHosts.includes(agent.host)) throw networkHostedByDhcpAgent(networkId, agentId)
        await bindNetwork(core, tx, ctx, network, agent)
      }),

    removeNetworkFromAgent: (ctx, agentId, networkId) =>
      core.store.transaction(ctx, async (tx) => {
        const agent = await dhcpAgent(tx.db, agentId)
        const network = await visibleNetwork(tx.db, ctx, networkId)
        if (!network.dhcpHosts.includes(agent.host)) throw networkNotHostedByDhcpAgent(networkId, agentId)
        await unscheduleNetwork(core, tx, ctx, networkId, agent)
      }),
  }
}

async function dhcpAgent(db: Db, id: string): Promise<AgentRecord> {
  const agent = await agents.findOne(db, { id })
  if (!agent) throw agentNotFound(id)
  if (agent.agentType !== DHCP_AGENT) throw invalidDhcpAgent(id)
  return agent
}

/** Without a router service no agent has routers. */
function noRouters(core: Core): L3Scheduling {
  const refuse = async (): Promise<void> => {
    core.log.debug('a router was to be scheduled without a router service')
    throw new Fault('HTTPNotFound', 404, 'The resource could not be found.')
  }
  return {
    routersOnAgent: async () => [],
    agentsOfRouter: async () => [],
    addRouterToAgent: refuse,
    removeRouterFromAgent: refuse,
  }
}
