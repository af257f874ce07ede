import { localIps } from '../../store/local-ips.js'
import type { Core } from '../core.js'
import { servicePortInUse } from '../fault-messages.js'
import type { CorePart } from '../part.js'
import { localIpAssociationService, removeAssociationsOf } from './association-service.js'
import { localIpService } from './service.js'

/** Associations go with the port or the address that they name; the port that has the address itself stays. */
export function registerLocalIps(core: Core): CorePart {
  core.hooks.on('port.before-delete', async ({ tx, ctx, port }) => {
    if (await localIps.findOne(tx.db, { localPortId: port.id }))
      throw servicePortInUse(port.id, 'still referenced by Local IPs')
    await removeAssociationsOf({ core, tx, ctx }, port.id, [])
  })
  core.hooks.on('port.after-update', async ({ tx, ctx, before, port }) => {
    if (before.fixedIps === port.fixedIps) return
    const kept = port.fixedIps.map(({ ip }) => ip)
    await removeAssociationsOf({ core, tx, ctx }, port.id, kept)
  })
  return { collections: { local_ips: localIpService(core), port_associations: localIpAssociationService(core) } }
}
