import type { RouteSpec } from '../../../dataplane/ip/types.js'
import type { Route } from '../../../model/cloud.js'
import { cidrBits, cidrOf, formatCidr, intToIp } from '../../../model/ip.js'
import { deviceTowards, type Reach } from './devices.js'

/** A router's `routes` as far as their next hops are on one of the given links; each namespace takes its share. */
export function extraRoutes(routes: readonly Route[], reach: readonly Reach[], table: number | null): RouteSpec[] {
  return routes.flatMap(({ destination, nexthop }) => {
    const device = deviceTowards(nexthop, reach)
    if (device === null) return []
    return [{ family: cidrOf(destination).version, destination: routeTarget(destination), via: nexthop, device, table }]
  })
}

/** As iproute2 prints it: no length for a single address, `default` for everything. */
function routeTarget(destination: string): string {
  const cidr = cidrOf(destination)
  if (cidr.prefix === 0) return 'default'
  return cidr.prefix === cidrBits(cidr.version) ? intToIp(cidr.network, cidr.version) : formatCidr(cidr)
}
