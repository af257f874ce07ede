import type { Core } from '../core.js'
import type { ResourceService } from '../service.js'
import { portForwardingService, removeForwardingsTo } from './service.js'

/** Forwardings go with the port or the address that they lead to. */
export function registerPortForwardings(core: Core): ResourceService {
  core.hooks.on('port.before-delete', ({ tx, ctx, port }) => removeForwardingsTo({ core, tx, ctx }, port.id, []))
  core.hooks.on('port.after-update', async ({ tx, ctx, before, port }) => {
    if (before.fixedIps === port.fixedIps) return
    const kept = port.fixedIps.map(({ ip }) => ip)
    await removeForwardingsTo({ core, tx, ctx }, port.id, kept)
  })
  return portForwardingService(core)
}
