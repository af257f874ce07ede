import { isComputeOwner, isTrustedOwner, OWNER } from '../../model/owners.js'
import { agents, dhcpBindings } from '../../store/agents.js'
import { loadPort, type PortRecord, wiredPorts } from '../../store/ports.js'
import { loadSubnets } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import { isAlive } from '../agent/alive.js'
import type { Core } from '../core.js'
import type { RequestContext } from '../service.js'
import { isBound } from './binding.js'
import { portChanged } from './changed.js'

/** Status of a port that no agent has reported yet. */
export function firstStatus(deviceOwner: string): string {
  return deviceOwner === OWNER.floatingIp ? 'N/A' : 'DOWN'
}

/** `settleStatus` for a port that may be gone. */
export async function updateStatus(core: Core, tx: Transaction, ctx: RequestContext, id: string): Promise<void> {
  const port = await loadPort(tx.db, id)
  if (port) await settleStatus(core, tx, ctx, port)
}

/**
 * Brings the status in line with what agents reported. ACTIVE: wired on its host and, for an instance with DHCP,
 * known to a DHCP server. Losing the DHCP server later does not take an instance down. Resolves to the port as it is then.
 */
export async function settleStatus(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  port: PortRecord,
): Promise<PortRecord> {
  const status = port.deviceOwner === OWNER.floatingIp ? port.status : await statusOf(core, tx.db, port)
  if (status === port.status) return port
  await portChanged(tx, port, { status })
  const changed = { ...port, status, revisionNumber: port.revisionNumber + 1, updatedAt: tx.now }
  await core.hooks.run('port.status-changed', { tx, ctx, port: changed, from: port.status })
  return changed
}

async function statusOf(core: Core, db: Db, port: PortRecord): Promise<string> {
  if (!port.adminStateUp) return 'DOWN'
  if (port.deviceOwner === OWNER.distributedRouterInterface) {
    return (await wiredPorts.findOne(db, { portId: port.id })) ? 'ACTIVE' : 'DOWN'
  }
  if (!isBound(port) || !(await wiredPorts.findOne(db, { portId: port.id, host: port.hostId }))) return 'DOWN'
  if (port.status === 'ACTIVE' || port.dhcpReady || !(await waitsForDhcp(core, db, port))) return 'ACTIVE'
  return 'BUILD'
}

async function waitsForDhcp(core: Core, db: Db, port: PortRecord): Promise<boolean> {
  if (!isComputeOwner(port.deviceOwner) || !(await usesDhcp(db, port))) return false
  const serving = await dhcpBindings.find(db, { networkId: port.networkId })
  const servers = await agents.findIn(
    db,
    'id',
    serving.map(({ agentId }) => agentId),
  )
  const now = new Date()
  return servers.some((agent) => isAlive(core, agent, now))
}

/** A port that is not the service's own, with an address of a subnet with DHCP: some client may ask for it. */
export async function usesDhcp(db: Db, port: Pick<PortRecord, 'deviceOwner' | 'fixedIps'>): Promise<boolean> {
  if (isTrustedOwner(port.deviceOwner) || port.fixedIps.length === 0) return false
  const subnets = await loadSubnets(db, [...new Set(port.fixedIps.map(({ subnetId }) => subnetId))])
  return subnets.some(({ enableDhcp }) => enableDhcp)
}
