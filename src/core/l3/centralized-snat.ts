import { OWNER } from '../../model/owners.js'
import type { RouterRecord } from '../../store/routers.js'
import { routerPorts } from './router-ports.js'
import { addPort, removePort } from './system-ports.js'
import type { Work } from './work.js'

/**
 * A distributed router with a gateway has one more address on each of its subnets: the snat namespace's, to which
 * every host's qrouter sends what has no floating IP. Adds the missing ones, removes those that are in the way.
 */
export async function settleCentralizedPorts(work: Work, router: RouterRecord): Promise<void> {
  const { interfaces, centralized } = await routerPorts(work.tx.db, router.id)
  const wanted = router.distributed && router.gatewayPortId !== null
  const inUse = new Map(interfaces.flatMap((port) => port.fixedIps.map(({ subnetId }) => [subnetId, port.networkId])))
  for (const port of centralized) {
    if (!wanted || port.fixedIps.every(({ subnetId }) => !inUse.has(subnetId))) await removePort(work, port)
  }
  if (!wanted) return
  const present = new Set(centralized.flatMap(({ fixedIps }) => fixedIps.map(({ subnetId }) => subnetId)))
  for (const [subnetId, networkId] of inUse) {
    if (present.has(subnetId)) continue
    await addPort(work, {
      networkId,
      projectId: '',
      deviceId: router.id,
      deviceOwner: OWNER.centralizedSnat,
      fixedIps: [{ subnet_id: subnetId }],
      host: router.central?.host ?? '',
    })
  }
}
