import { haZones } from '../../store/ha-routers.js'
import { loadPorts } from '../../store/ports.js'
import { loadRouters, type RouterRecord } from '../../store/routers.js'
import type { Db } from '../../store/table.js'
import { standardTail } from '../attributes.js'
import type { Resource } from '../service.js'

/** Routers as the API shows them, in the order of `ids`; absent ones are left out. */
export async function showRouters(db: Db, ids: readonly string[]): Promise<Resource[]> {
  const records = new Map((await loadRouters(db, ids)).map((router) => [router.id, router]))
  const gatewayIds = [...records.values()].flatMap(({ gatewayPortId }) => gatewayPortId ?? [])
  const gateways = new Map((await loadPorts(db, gatewayIds)).map((port) => [port.id, port]))
  const zones = await haZones(
    db,
    [...records.values()].filter(({ ha }) => ha).map(({ id }) => id),
  )
  return ids.flatMap((id) => {
    const router = records.get(id)
    if (!router) return []
    const fixedIps = router.gatewayPortId === null ? [] : gateways.get(router.gatewayPortId)!.fixedIps
    return [showRouter(router, fixedIps, zones.get(id) ?? centralZone(router))]
  })
}

export async function showRouterById(db: Db, id: string): Promise<Resource> {
  return (await showRouters(db, [id]))[0]!
}

const centralZone = ({ central }: RouterRecord) => (central?.availabilityZone ? [central.availabilityZone] : [])

function showRouter(
  router: RouterRecord,
  gatewayIps: readonly { subnetId: string; ip: string }[],
  zones: readonly string[],
): Resource {
  return {
    id: router.id,
    name: router.name,
    tenant_id: router.projectId,
    admin_state_up: router.adminStateUp,
    status: router.status,
    external_gateway_info:
      router.gatewayNetworkId === null
        ? null
        : {
            network_id: router.gatewayNetworkId,
            external_fixed_ips: gatewayIps.map(({ subnetId, ip }) => ({ subnet_id: subnetId, ip_address: ip })),
            enable_snat: router.enableSnat,
            qos_policy_id: router.gatewayQosPolicyId,
          },
    availability_zones: zones,
    distributed: router.distributed,
    ha: router.ha,
    availability_zone_hints: router.availabilityZoneHints,
    routes: router.routes,
    flavor_id: router.flavorId,
    conntrack_helpers: router.conntrackHelpers.map(({ protocol, port, helper }) => ({ protocol, port, helper })),
    enable_ndp_proxy: router.enableNdpProxy,
    ...standardTail(router),
  }
}
