import type { Core } from '../core.js'
import type { ResourceService } from '../service.js'
import { ndpProxyService, removeProxiesOf } from './service.js'

/** Proxies go with the port or the address that they stand for. */
export function registerNdpProxies(core: Core): ResourceService {
  core.hooks.on('port.before-delete', ({ tx, ctx, port }) => removeProxiesOf({ core, tx, ctx }, port.id, []))
  core.hooks.on('port.after-update', async ({ tx, ctx, before, port }) => {
    if (before.fixedIps === port.fixedIps) return
    const kept = port.fixedIps.map(({ ip }) => ip)
    await removeProxiesOf({ core, tx, ctx }, port.id, kept)
  })
  return ndpProxyService(core)
}
