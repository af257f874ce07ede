import { cidrContains, cidrOf } from '../../model/ip.js'
import { isRouterInterface, OWNER } from '../../model/owners.js'
import { floatingIps } from '../../store/floating-ips.js'
import { ndpProxies } from '../../store/ndp-proxies.js'
import { portForwardingsOf } from '../../store/port-forwardings.js'
import { loadPort, type PortRecord } from '../../store/ports.js'
import { loadRouter, type RouterRecord } from '../../store/routers.js'
import { loadSubnet, loadSubnets, type SubnetRecord } from '../../store/subnets.js'
import { requireVisible } from '../collection.js'
import { portInUse } from '../fault-messages.js'
import { interfaceInUseByProxy } from '../ndp-proxy/faults.js'
import { visiblePort } from '../port/collection.js'
import type { Attributes } from '../service.js'
import { subnetCollection } from '../subnet/collection.js'
import { ensureCentralHost, needsAgent, settleCentralAgent } from './central-agent.js'
import { settleCentralizedPorts } from './centralized-snat.js'
import { checkScopes } from './check-scopes.js'
import { checkNewSubnets, checkPortSubnets, checkRouterAdvertisements, ipv6PortOn } from './check-subnets.js'
import {
  interfaceInUseByFloatingIp,
  interfaceInUseByRoute,
  interfaceNeedsOne,
  interfaceNotBoth,
  interfaceNotFound,
  interfaceNotFoundForSubnet,
  portNeedsAddress,
  subnetMismatch,
  subnetNeedsGateway,
} from './faults.js'
import { attachedPorts, routerPorts } from './router-ports.js'
import { addPort, adoptPort, changeAddresses, removePort } from './system-ports.js'
import type { Work } from './work.js'

/** `add_router_interface` and `remove_router_interface` answer with the interface's port and the subnets concerned. */
export interface InterfaceChange {
  readonly port: PortRecord
  readonly subnetIds: readonly string[]
}

const idOf = (body: Attributes, name: string) => (body[name] as string | null | undefined) ?? null

export async function addInterface(work: Work, router: RouterRecord, body: Attributes): Promise<InterfaceChange> {
  const [subnetId, portId] = [idOf(body, 'subnet_id'), idOf(body, 'port_id')]
  if (subnetId !== null && portId !== null) throw interfaceNotBoth()
  if (subnetId === null && portId === null) throw interfaceNeedsOne()
  const added = portId === null ? await addBySubnet(work, router, subnetId!) : await addByPort(work, router, portId)
  await checkScopes(work.tx.db, router.id)
  // a distributed router without a gateway keeps the agent that it was given by hand
  if (await needsAgent(work, router)) await settleCentralAgent(work, router.id)
  await settleCentralizedPorts(work, (await loadRouter(work.tx.db, router.id))!)
  work.tx.touch('router', router.id)
  return added
}

async function addBySubnet(work: Work, router: RouterRecord, subnetId: string): Promise<InterfaceChange> {
  const { db } = work.tx
  await requireVisible(db, subnetCollection, work.ctx, subnetId)
  const subnet = (await loadSubnet(db, subnetId))!
  if (subnet.gatewayIp === null) throw subnetNeedsGateway()
  checkRouterAdvertisements(subnet)
  const attached = await attachedPorts(db, await routerPorts(db, router.id))
  checkNewSubnets(attached, [subnet])
  const wanted = { subnet_id: subnet.id, ip_address: subnet.gatewayIp }
  const ipv6Port = subnet.ipVersion === 6 ? ipv6PortOn(attached, subnet.networkId) : undefined
  if (ipv6Port) {
    // all IPv6 subnets of a network are on one interface: hosts there see one router
    const port = (await loadPort(db, ipv6Port.portId))!
    const kept = port.fixedIps.map(({ subnetId, ip }) => ({ subnet_id: subnetId, ip_address: ip }))
    return { port: await changeAddresses(work, port, [...kept, wanted]), subnetIds: [subnet.id] }
  }
  const port = await addPort(work, {
    networkId: subnet.networkId,
    projectId: router.projectId,
    deviceId: router.id,
    deviceOwner: interfaceOwner(router),
    fixedIps: [wanted],
    host: await interfaceHost(work, router),
  })
  return { port, subnetIds: [subnet.id] }
}

async function addByPort(work: Work, router: RouterRecord, portId: string): Promise<InterfaceChange> {
  const { db } = work.tx
  const port = await visiblePort(db, work.ctx, portId)
  if (port.deviceId !== '') throw portInUse(port.id, port.networkId, port.deviceId)
  if (port.fixedIps.length === 0) throw portNeedsAddress()
  const subnetIds = [...new Set(port.fixedIps.map(({ subnetId }) => subnetId))]
  const attached = await attachedPorts(db, await routerPorts(db, router.id))
  checkPortSubnets(attached, port.networkId, await loadSubnets(db, subnetIds))
  const host = await interfaceHost(work, router)
  const adopted = await adoptPort(work, port, { deviceId: router.id, deviceOwner: interfaceOwner(router), host })
  return { port: adopted, subnetIds }
}

/** Owner of the router's interfaces: what tells the hosts whether they are everywhere or on one. */
export function interfaceOwner({ distributed, ha }: Pick<RouterRecord, 'distributed' | 'ha'>): string {
  if (distributed) return OWNER.distributedRouterInterface
  return ha ? OWNER.haRouterInterface : OWNER.routerInterface
}

/** Where a new interface is bound: distributed ones are on every host of the router, so to none. */
async function interfaceHost(work: Work, router: RouterRecord): Promise<string> {
  return router.distributed ? '' : ensureCentralHost(work, router.id)
}

export async function removeInterface(work: Work, router: RouterRecord, body: Attributes): Promise<InterfaceChange> {
  const { port, subnetIds } = await findInterface(work, router, idOf(body, 'subnet_id'), idOf(body, 'port_id'))
  for (const subnet of await loadSubnets(work.tx.db, subnetIds)) await checkUnused(work, router, subnet)
  const kept = port.fixedIps.filter(({ subnetId }) => !subnetIds.includes(subnetId))
  if (kept.length === 0) await removePort(work, port)
  else
    await changeAddresses(
      work,
      port,
      kept.map(({ subnetId, ip }) => ({ subnet_id: subnetId, ip_address: ip })),
    )
  await settleCentralizedPorts(work, (await loadRouter(work.tx.db, router.id))!)
  work.tx.touch('router', router.id)
  return { port, subnetIds }
}

/** By port: the whole interface. By subnet: its address there, and the interface when it is the last one. */
async function findInterface(
  { tx, ctx }: Work,
  router: RouterRecord,
  subnetId: string | null,
  portId: string | null,
): Promise<InterfaceChange> {
  if (subnetId === null && portId === null) throw interfaceNeedsOne()
  if (portId !== null) {
    const port = await loadPort(tx.db, portId)
    if (!port || port.deviceId !== router.id || !isRouterInterface(port.deviceOwner))
      throw interfaceNotFound(router.id, portId)
    const subnetIds = [...new Set(port.fixedIps.map((fixed) => fixed.subnetId))]
    if (subnetId !== null && !subnetIds.includes(subnetId)) throw subnetMismatch(portId, subnetId)
    return { port, subnetIds }
  }
  await requireVisible(tx.db, subnetCollection, ctx, subnetId!)
  const { interfaces } = await routerPorts(tx.db, router.id)
  const port = interfaces.find(({ fixedIps }) => fixedIps.some((fixed) => fixed.subnetId === subnetId))
  if (!port) throw interfaceNotFoundForSubnet(router.id, subnetId!)
  return { port, subnetIds: [subnetId!] }
}

async function checkUnused({ tx }: Work, router: RouterRecord, subnet: SubnetRecord): Promise<void> {
  const cidr = cidrOf(subnet.cidr)
  const served = await floatingIps.find(tx.db, { routerId: router.id })
  if (served.some(({ fixedIp }) => fixedIp !== null && cidrContains(cidr, fixedIp))) {
    throw interfaceInUseByFloatingIp(router.id, subnet.id)
  }
  const forwardings = await portForwardingsOf(
    tx.db,
    served.map(({ id }) => id),
  )
  if ([...forwardings.values()].flat().some(({ internalIp }) => cidrContains(cidr, internalIp))) {
    throw interfaceInUseByFloatingIp(router.id, subnet.id)
  }
  const proxied = await ndpProxies.find(tx.db, { routerId: router.id })
  if (proxied.some(({ ip }) => cidrContains(cidr, ip))) throw interfaceInUseByProxy(router.id, subnet.id)
  if (router.routes.some(({ nexthop }) => cidrContains(cidr, nexthop)))
    throw interfaceInUseByRoute(router.id, subnet.id)
}
