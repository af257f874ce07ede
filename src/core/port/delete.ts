import { isRouterInterface, OWNER } from '../../model/owners.js'
import { loadPort, type PortRecord, ports } from '../../store/ports.js'
import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
import { portNotFound, servicePortInUse } from '../fault-messages.js'
import { releaseAddresses } from '../ipam/addresses.js'
import type { RequestContext } from '../service.js'
import { isBound } from './binding.js'

/** Ports that belong to a router or a floating IP go when that goes. */
const OF_A_SERVICE: readonly string[] = [
  OWNER.routerGateway,
  OWNER.floatingIp,
  OWNER.centralizedSnat,
  OWNER.haInterface,
  OWNER.agentGateway,
]

/** Deletes a port inside a transaction. `byApi`: on a client's request for this very port. */
export async function deletePort(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  id: string,
  byApi = false,
): Promise<void> {
  const port = await loadPort(tx.db, id)
  if (!port) throw portNotFound(id)
  if (byApi) checkMayGo(port)
  await core.hooks.run('port.before-delete', { tx, ctx, port, byApi })
  await releaseAddresses(tx.db, id, port.fixedIps)
  await ports.delete(tx.db, { id })
  tx.touch('port', id)
  await core.hooks.run('port.after-delete', { tx, ctx, port, byApi })
  if (isBound(port)) await core.hooks.run('port.unbound', { tx, ctx, port, host: port.hostId })
}

function checkMayGo({ id, deviceOwner }: PortRecord): void {
  if (isRouterInterface(deviceOwner) || OF_A_SERVICE.includes(deviceOwner)) {
    throw servicePortInUse(id, `has device owner ${deviceOwner}`)
  }
}
