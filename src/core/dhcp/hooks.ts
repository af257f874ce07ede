import { OWNER } from '../../model/owners.js'
import type { Core } from '../core.js'
import { usesDhcp } from '../port/status.js'
import { DHCP_AGENT, scheduleNetwork, syncDhcpPorts, unservedNetworks } from './schedule.js'

/**
 * A network gets its DHCP agent with the first port that may ask it (an instance's, or one that is nobody's yet), after
 * that port's own address was allocated; or later, when an agent appears.
 */
export function registerDhcp(core: Core): void {
  core.hooks.on('port.after-create', async ({ tx, ctx, port }) => {
    if (await usesDhcp(tx.db, port)) await scheduleNetwork(core, tx, ctx, port.networkId)
  })
  core.hooks.on('port.after-update', async ({ tx, ctx, port }) => {
    if (await usesDhcp(tx.db, port)) await scheduleNetwork(core, tx, ctx, port.networkId)
  })
  core.hooks.on('subnet.after-create', ({ tx, ctx, subnet }) => syncDhcpPorts(core, tx, ctx, subnet.networkId))
  core.hooks.on('subnet.after-update', async ({ tx, ctx, before, subnet }) => {
    if (before.enableDhcp === subnet.enableDhcp && before.segmentId === subnet.segmentId) return
    await syncDhcpPorts(core, tx, ctx, subnet.networkId)
    if ((await unservedNetworks(core, tx.db)).includes(subnet.networkId)) {
      await scheduleNetwork(core, tx, ctx, subnet.networkId)
    }
  })
  core.hooks.on('port.after-delete', async ({ tx, ctx, port, byApi }) => {
    // its agent still has the network
    if (byApi && port.deviceOwner === OWNER.dhcp) await syncDhcpPorts(core, tx, ctx, port.networkId)
  })
  core.hooks.on('host.reported', async ({ tx, ctx, agent }) => {
    if (agent.agentType !== DHCP_AGENT) return
    for (const networkId of await unservedNetworks(core, tx.db)) await scheduleNetwork(core, tx, ctx, networkId)
  })
}
