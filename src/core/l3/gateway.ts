import { OWNER } from '../../model/owners.js'
import { floatingIps } from '../../store/floating-ips.js'
import { findPorts, loadPort } from '../../store/ports.js'
import { loadRouter, type RouterRecord, routers } from '../../store/routers.js'
import { loadSubnets, type SubnetRecord, subnetsOfNetwork } from '../../store/subnets.js'
import { hasAutoAddresses } from '../ipam/subnet-facts.js'
import { checkGatewayUnused, checkKeepsIpv6 } from '../ndp-proxy/enable.js'
import { visibleNetwork } from '../network/collection.js'
import { askedPolicy } from '../qos/attach.js'
import { ensureCentralHost, settleCentralAgent } from './central-agent.js'
import { settleCentralizedPorts } from './centralized-snat.js'
import { checkScopes } from './check-scopes.js'
import { checkNewSubnets } from './check-subnets.js'
import { externalIpIsGateway, gatewayInUseByFloatingIp, notExternal } from './faults.js'
import { attachedPorts, routerPorts } from './router-ports.js'
import { addPort, changeAddresses, removePort, type WantedIp } from './system-ports.js'
import type { Work } from './work.js'

/** `external_gateway_info` as a client sends it. */
export interface GatewayInfo {
  readonly network_id: string
  readonly enable_snat?: boolean
  readonly external_fixed_ips?: readonly WantedIp[]
  /** null: none; absent: as it is */
  readonly qos_policy_id?: string | null
}

/** Sets, changes or (null) clears the router's gateway. */
export async function applyGateway(work: Work, router: RouterRecord, info: GatewayInfo | null): Promise<void> {
  if (info === null) return clearGateway(work, router)
  await checkGateway(work, router, info)
  const { qosPolicyId } = await askedPolicy(work.tx.db, work.ctx, { qos_policy_id: info.qos_policy_id })
  if (router.gatewayNetworkId === info.network_id) await checkKeepsIpv6(work.tx.db, router, info)
  if (router.gatewayNetworkId === info.network_id) await changeAddressesOf(work, router, info)
  else {
    await clearGatewayPort(work, router)
    await addGatewayPort(work, router.id, info)
  }
  await routers.update(
    work.tx.db,
    { id: router.id },
    {
      enableSnat: info.enable_snat ?? true,
      ...(qosPolicyId !== undefined && { gatewayQosPolicyId: qosPolicyId }),
    },
  )
  await checkScopes(work.tx.db, router.id)
  work.tx.touch('router', router.id)
  await settleCentralizedPorts(work, (await loadRouter(work.tx.db, router.id))!)
}

async function checkGateway({ tx, ctx }: Work, router: RouterRecord, info: GatewayInfo): Promise<void> {
  const network = await visibleNetwork(tx.db, ctx, info.network_id)
  if (!network.external) throw notExternal(network.id)
  const subnets = await subnetsOfNetwork(tx.db, network.id)
  for (const { ip_address } of info.external_fixed_ips ?? []) {
    if (subnets.some(({ gatewayIp }) => gatewayIp !== null && gatewayIp === ip_address))
      throw externalIpIsGateway(ip_address!)
  }
  if (router.gatewayNetworkId === network.id) return
  const { interfaces } = await routerPorts(tx.db, router.id)
  checkNewSubnets(await attachedPorts(tx.db, { interfaces, gateway: null, centralized: [] }), subnets)
}

async function changeAddressesOf(work: Work, router: RouterRecord, info: GatewayInfo): Promise<void> {
  if (!info.external_fixed_ips || info.external_fixed_ips.length === 0) return
  await changeAddresses(work, (await loadPort(work.tx.db, router.gatewayPortId!))!, info.external_fixed_ips)
}

async function addGatewayPort(work: Work, routerId: string, info: GatewayInfo): Promise<void> {
  const host = await ensureCentralHost(work, routerId)
  const wanted = info.external_fixed_ips ?? []
  const port = await addPort(work, {
    networkId: info.network_id,
    projectId: '',
    deviceId: routerId,
    deviceOwner: OWNER.routerGateway,
    fixedIps: wanted.length > 0 ? wanted : undefined,
    host,
  })
  await routers.update(work.tx.db, { id: routerId }, { gatewayPortId: port.id, gatewayNetworkId: port.networkId })
}

async function clearGateway(work: Work, router: RouterRecord): Promise<void> {
  if (router.gatewayPortId === null) return
  await clearGatewayPort(work, router)
  await routers.update(work.tx.db, { id: router.id }, { enableSnat: true, gatewayQosPolicyId: null })
  await settleCentralizedPorts(work, (await loadRouter(work.tx.db, router.id))!)
  await settleCentralAgent(work, router.id)
}

/** The port and what names it; the router's agent is left as it is. */
async function clearGatewayPort(work: Work, router: RouterRecord): Promise<void> {
  if (router.gatewayPortId === null) return
  const networkId = router.gatewayNetworkId!
  const inUse = await floatingIps.findOne(work.tx.db, { routerId: router.id, floatingNetworkId: networkId })
  if (inUse) throw gatewayInUseByFloatingIp(router.id, networkId)
  await checkGatewayUnused(work.tx.db, router.id)
  const port = (await loadPort(work.tx.db, router.gatewayPortId))!
  await routers.update(
    work.tx.db,
    { id: router.id },
    { gatewayPortId: null, gatewayNetworkId: null, enableNdpProxy: false },
  )
  work.tx.touch('router', router.id)
  await removePort(work, port)
}

/**
 * A subnet that is new on an external network: ports there, of routers and of hosts, that have no address of its IP
 * version get one. (On a subnet with automatic addresses the gateway port makes its own, like every host.)
 */
export async function followExternalSubnet(work: Work, subnet: SubnetRecord): Promise<void> {
  const { db } = work.tx
  if (hasAutoAddresses(subnet)) return
  const ports = [OWNER.routerGateway, OWNER.agentGateway].map((deviceOwner) =>
    findPorts(db, { networkId: subnet.networkId, deviceOwner }),
  )
  for (const port of (await Promise.all(ports)).flat()) {
    const others = await loadSubnets(db, [...new Set(port.fixedIps.map(({ subnetId }) => subnetId))])
    if (others.some((other) => other.ipVersion === subnet.ipVersion && !hasAutoAddresses(other))) continue
    const kept = port.fixedIps.map(({ subnetId, ip }) => ({ subnet_id: subnetId, ip_address: ip }))
    await changeAddresses(work, port, [...kept, { subnet_id: subnet.id }])
    if (port.deviceOwner === OWNER.routerGateway) work.tx.touch('router', port.deviceId)
  }
}
