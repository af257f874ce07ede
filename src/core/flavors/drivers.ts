import type { Realisation } from '../l3/convert.js'

const PACKAGE = 'neutron.services.l3_router.service_providers'

/** Neutron's names of the ways in which routers are realised. */
export const ROUTER_DRIVERS: Readonly<Record<string, Realisation>> = {
  [`${PACKAGE}.single_node.SingleNodeDriver`]: { distributed: false, ha: false },
  [`${PACKAGE}.ha.HaDriver`]: { distributed: false, ha: true },
  [`${PACKAGE}.dvr.DvrDriver`]: { distributed: true, ha: false },
  [`${PACKAGE}.dvrha.DvrHaDriver`]: { distributed: true, ha: true },
}

export const ROUTER_SERVICE = 'L3_ROUTER_NAT'

/** Neutron's names of the services that a flavor may be of; only a router can be asked for by flavor. */
export const SERVICE_TYPES: readonly string[] = [ROUTER_SERVICE, 'CORE', 'FLAVORS', 'METERING', 'QOS', 'PORTFORWARDING']
