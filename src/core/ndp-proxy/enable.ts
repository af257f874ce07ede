import { ndpProxies, ndpProxyPlaces } from '../../store/ndp-proxies.js'
import { loadNetwork } from '../../store/networks.js'
import { loadPort } from '../../store/ports.js'
import { loadRouter, type RouterRecord, routers } from '../../store/routers.js'
import { loadSubnets, subnetsOfNetwork } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import { settleAgentGateways } from '../l3/agent-gateways.js'
import type { GatewayInfo } from '../l3/gateway.js'
import type { Work } from '../l3/work.js'
import type { Attributes } from '../service.js'
import { gatewayInUseByProxy, gatewayNotValid, ipv6GatewayInUse } from './faults.js'

/** What a request says of `enable_ndp_proxy`; undefined: nothing. */
const askedOf = (attributes: Attributes) => (attributes.enable_ndp_proxy ?? undefined) as boolean | undefined

/** Proxies of a router that is made now and has the gateway that was asked for. */
export async function enableOnCreate(work: Work, routerId: string, item: Attributes): Promise<void> {
  const asked = askedOf(item)
  const router = (await loadRouter(work.tx.db, routerId))!
  if (router.gatewayNetworkId === null) {
    if (asked) throw gatewayNotValid(routerId, 'The request body not contain external gateway information')
    return
  }
  const possible = await networkAllows(work.tx.db, router.gatewayNetworkId)
  if (asked && !possible) {
    const network = `The external network ${router.gatewayNetworkId} don't support IPv6 ndp proxy`
    throw gatewayNotValid(routerId, `${network}, the network has no IPv6 subnets or has no IPv6 address scope`)
  }
  await setEnabled(work, router, asked ?? (possible && work.core.config.DEFAULT.enable_ndp_proxy_by_default))
}

/**
 * Proxies of a router that was changed. Where the request does not say, they stay as they are, except that a gateway
 * that is new has what `enable_ndp_proxy_by_default` says. (Neutron 21 switches them on with any change of a router
 * that could have them, which would shut out prefixes that are routed to it.)
 */
export async function enableOnUpdate(work: Work, before: RouterRecord, changes: Attributes): Promise<void> {
  const asked = askedOf(changes)
  const router = (await loadRouter(work.tx.db, before.id))!
  const isNew = router.gatewayNetworkId !== before.gatewayNetworkId
  if (asked === undefined && !isNew) return
  const possible = await gatewayAllows(work.tx.db, router)
  if (asked && !possible) {
    const unset = changes.external_gateway_info === null
    const lacking =
      'The router has no external gateway or the external gateway port has no IPv6 address or IPv6 address scope'
    throw gatewayNotValid(router.id, unset ? "The router's external gateway will be unset" : lacking)
  }
  await setEnabled(work, router, asked ?? (possible && work.core.config.DEFAULT.enable_ndp_proxy_by_default))
}

async function setEnabled(work: Work, router: RouterRecord, enableNdpProxy: boolean): Promise<void> {
  if (router.enableNdpProxy === enableNdpProxy) return
  const { db } = work.tx
  const before = await ndpProxyPlaces(db, 'router', router.id)
  await routers.update(db, { id: router.id }, { enableNdpProxy })
  work.tx.touch('router', router.id)
  await settleAgentGateways(work, [...before, ...(await ndpProxyPlaces(db, 'router', router.id))])
}

/** An address scope and a subnet, both of IPv6. */
async function networkAllows(db: Db, networkId: string): Promise<boolean> {
  const network = (await loadNetwork(db, networkId))!
  if (network.ipv6AddressScopeId === null) return false
  return (await subnetsOfNetwork(db, networkId)).some(({ ipVersion }) => ipVersion === 6)
}

async function gatewayAllows(db: Db, { gatewayPortId, gatewayNetworkId }: RouterRecord): Promise<boolean> {
  if (gatewayPortId === null || gatewayNetworkId === null) return false
  const port = (await loadPort(db, gatewayPortId))!
  return port.fixedIps.some(({ ip }) => ip.includes(':')) && (await networkAllows(db, gatewayNetworkId))
}

/** Before the gateway port goes: nobody may rely on it. */
export async function checkGatewayUnused(db: Db, routerId: string): Promise<void> {
  if (await ndpProxies.findOne(db, { routerId })) throw gatewayInUseByProxy(routerId)
}

/** The gateway keeps an IPv6 address as long as the router answers for others there. */
export async function checkKeepsIpv6(db: Db, router: RouterRecord, info: GatewayInfo): Promise<void> {
  const wanted = info.external_fixed_ips ?? []
  if (!router.enableNdpProxy || wanted.length === 0) return
  if (wanted.some(({ ip_address }) => ip_address?.includes(':'))) return
  const subnets = await loadSubnets(
    db,
    wanted.flatMap(({ subnet_id }) => subnet_id ?? []),
  )
  if (!subnets.some(({ ipVersion }) => ipVersion === 6)) throw ipv6GatewayInUse(router.id)
}
