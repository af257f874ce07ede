import { isRouterInterface, OWNER } from '../../model/owners.js'
import { findPorts, type PortRecord } from '../../store/ports.js'
import { loadSubnets, type SubnetRecord } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import type { AttachedPort } from './check-subnets.js'
import type { Surroundings } from './routes.js'

/** The ports of one router, each kind oldest first. */
export interface RouterPorts {
  readonly interfaces: readonly PortRecord[]
  readonly gateway: PortRecord | null
  /** `network:router_centralized_snat` */
  readonly centralized: readonly PortRecord[]
}

export async function routerPorts(db: Db, routerId: string): Promise<RouterPorts> {
  const ports = await findPorts(db, { deviceId: routerId })
  return {
    interfaces: ports.filter(({ deviceOwner }) => isRouterInterface(deviceOwner)),
    gateway: ports.find(({ deviceOwner }) => deviceOwner === OWNER.routerGateway) ?? null,
    centralized: ports.filter(({ deviceOwner }) => deviceOwner === OWNER.centralizedSnat),
  }
}

const subnetIdsOf = (ports: readonly PortRecord[]) =>
  ports.flatMap(({ fixedIps }) => fixedIps.map(({ subnetId }) => subnetId))

async function subnetsById(db: Db, ports: readonly PortRecord[]): Promise<ReadonlyMap<string, SubnetRecord>> {
  const ids = [...new Set(subnetIdsOf(ports))]
  return new Map((await loadSubnets(db, ids)).map((subnet) => [subnet.id, subnet]))
}

/** By what ports and subnets the router is connected: its interfaces and its gateway. */
export async function attachedPorts(db: Db, { interfaces, gateway }: RouterPorts): Promise<AttachedPort[]> {
  const ports = gateway ? [...interfaces, gateway] : interfaces
  const subnets = await subnetsById(db, ports)
  return ports.map(({ id, networkId, fixedIps }) => ({
    portId: id,
    networkId,
    subnets: fixedIps.map(({ subnetId }) => subnets.get(subnetId)!),
  }))
}

/** What its routes may name. A distributed router's centralized ports are addresses of it, too. */
export async function surroundings(db: Db, routerId: string): Promise<Surroundings> {
  const { interfaces, gateway, centralized } = await routerPorts(db, routerId)
  const ports = [...interfaces, ...centralized, ...(gateway ? [gateway] : [])]
  const subnets = await subnetsById(db, ports)
  return {
    cidrs: [...subnets.values()].map(({ cidr }) => cidr),
    ips: ports.flatMap(({ fixedIps }) => fixedIps.map(({ ip }) => ip)),
  }
}
