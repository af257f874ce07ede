import { OWNER } from '../../model/owners.js'
import type { PortRecord } from '../../store/ports.js'
import type { RouterRecord } from '../../store/routers.js'
import { attachedPorts, routerPorts } from './router-ports.js'
import { addPort, changeAddresses, removePort } from './system-ports.js'
import type { Work } from './work.js'

/** A subnet of the router, with its place on a `network:router_centralized_snat` port. */
interface Need {
  readonly subnetId: string
  readonly networkId: string
  readonly ipVersion: 4 | 6
}

/**
 * A distributed router with a gateway has one more address on each of its subnets: the snat namespace's, to which
 * every host's qrouter sends what has no floating IP. Adds the missing ones, removes those that are in the way. Each
 * IPv4 subnet has a port of its own, all IPv6 subnets of a network share one, as they do on the router's interface.
 */
export async function settleCentralizedPorts(work: Work, router: RouterRecord): Promise<void> {
  const { interfaces, centralized } = await routerPorts(work.tx.db, router.id)
  const wanted = router.distributed && router.gatewayPortId !== null
  const attached = await attachedPorts(work.tx.db, { interfaces, gateway: null, centralized: [] })
  const needs = attached.flatMap(({ networkId, subnets }) =>
    subnets.map(({ id, ipVersion }): Need => ({ subnetId: id, networkId, ipVersion })),
  )
  const kept = await dropUnneeded(work, centralized, wanted ? needs : [])
  if (!wanted) return
  const present = new Set(kept.flatMap(({ fixedIps }) => fixedIps.map(({ subnetId }) => subnetId)))
  const missing = needs.filter(({ subnetId }) => !present.has(subnetId))
  for (const { networkId, subnetId } of missing.filter(({ ipVersion }) => ipVersion === 4)) {
    await addCentralized(work, router, networkId, [subnetId])
  }
  const ipv6 = missing.filter(({ ipVersion }) => ipVersion === 6)
  for (const networkId of new Set(ipv6.map((need) => need.networkId))) {
    const subnetIds = ipv6.filter((need) => need.networkId === networkId).map(({ subnetId }) => subnetId)
    const port = kept.find((each) => each.networkId === networkId && each.fixedIps.some(({ ip }) => ip.includes(':')))
    if (port) await changeAddresses(work, port, [...named(port), ...subnetIds.map((id) => ({ subnet_id: id }))])
    else await addCentralized(work, router, networkId, subnetIds)
  }
}

const named = ({ fixedIps }: Pick<PortRecord, 'fixedIps'>) =>
  fixedIps.map(({ subnetId, ip }) => ({ subnet_id: subnetId, ip_address: ip }))

/** Takes away addresses that no subnet of the router needs, and ports without any other. Returns what is left. */
async function dropUnneeded(
  work: Work,
  ports: readonly PortRecord[],
  needs: readonly Need[],
): Promise<readonly PortRecord[]> {
  const inUse = new Set(needs.map(({ subnetId }) => subnetId))
  const left: PortRecord[] = []
  for (const port of ports) {
    const fixedIps = port.fixedIps.filter(({ subnetId }) => inUse.has(subnetId))
    if (fixedIps.length === 0) await removePort(work, port)
    else if (fixedIps.length === port.fixedIps.length) left.push(port)
    else left.push(await changeAddresses(work, port, named({ fixedIps })))
  }
  return left
}

async function addCentralized(
  work: Work,
  router: RouterRecord,
  networkId: string,
  subnetIds: readonly string[],
): Promise<void> {
  await addPort(work, {
    networkId,
    projectId: '',
    deviceId: router.id,
    deviceOwner: OWNER.centralizedSnat,
    fixedIps: subnetIds.map((id) => ({ subnet_id: id })),
    host: router.central?.host ?? '',
  })
}
