import { agents, dhcpBindings } from '../../store/agents.js'
import { loadNetwork } from '../../store/networks.js'
import { isAlive } from '../agent/alive.js'
import type { Core } from '../core.js'
import { systemContext } from '../system-context.js'
import { bindNetwork, candidates, DHCP_AGENT, servedSegment, unscheduleNetwork } from './schedule.js'

/** Moves networks of dead DHCP agents to living ones (`allow_automatic_dhcp_failover`); without one they stay. */
export async function moveNetworksOfDeadAgents(core: Core): Promise<void> {
  const ctx = systemContext('dhcp-failover')
  const dead = (await core.store.read((db) => agents.find(db, { agentType: DHCP_AGENT }))).filter(
    (agent) => !isAlive(core, agent, new Date()),
  )
  for (const agent of dead) {
    const bound = await core.store.read((db) => dhcpBindings.find(db, { agentId: agent.id }))
    for (const { networkId } of bound) {
      await core.store.transaction(ctx, async (tx) => {
        const network = await loadNetwork(tx.db, networkId)
        // another server may have moved it meanwhile
        if (!network?.dhcpHosts.includes(agent.host)) return
        const segmentId = await servedSegment(core, tx.db, agent.host, networkId)
        const [heir] = await candidates(core, tx.db, network, segmentId)
        if (!heir) return
        core.log.warn(
          { network: networkId, from: agent.host, to: heir.host },
          'the DHCP agent is dead, the network moves',
        )
        await unscheduleNetwork(core, tx, ctx, networkId, agent)
        await bindNetwork(core, tx, ctx, network, heir)
      })
    }
  }
}

/** Looks for dead agents regularly; returns the function that ends it. */
export function watchDhcpAgents(core: Core): () => void {
  if (!core.config.DEFAULT.allow_automatic_dhcp_failover) return () => {}
  const period = Math.max(10_000, (core.config.DEFAULT.agent_down_time * 1000) / 2)
  const timer = setInterval(() => {
    moveNetworksOfDeadAgents(core).catch((err) =>
      core.log.error({ err }, 'could not move networks of dead DHCP agents'),
    )
  }, period)
  timer.unref()
  return () => clearInterval(timer)
}
