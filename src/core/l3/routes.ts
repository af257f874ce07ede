import type { Route } from '../../model/cloud.js'
import { cidrContains, cidrOf } from '../../model/ip.js'
import { invalidRoutes, tooManyRoutes } from './faults.js'

/** What a router is connected to: CIDRs of its ports' subnets, and its own addresses. */
export interface Surroundings {
  readonly cidrs: readonly string[]
  readonly ips: readonly string[]
}

/** Next hops must be neighbours on a connected subnet; a router cannot be its own next hop. */
export function checkRoutes(
  routerId: string,
  routes: readonly Route[],
  max: number,
  { cidrs, ips }: Surroundings,
): void {
  if (routes.length > max) throw tooManyRoutes(routerId, max)
  for (const { nexthop } of routes) {
    const connected = cidrs.some((cidr) => cidrContains(cidrOf(cidr), nexthop))
    if (!connected) throw invalidRoutes(routes, 'the nexthop is not connected with router')
    if (ips.includes(nexthop)) throw invalidRoutes(routes, 'the nexthop is used by router')
  }
}

/** `routes` with the `added` ones that it lacks. */
export function withRoutes(routes: readonly Route[], added: readonly Route[]): Route[] {
  const known = new Set(routes.map(keyOf))
  const result = [...routes]
  for (const route of added) {
    if (known.has(keyOf(route))) continue
    known.add(keyOf(route))
    result.push({ destination: route.destination, nexthop: route.nexthop })
  }
  return result
}

/** `routes` without the `removed` ones; absent ones do not matter. */
export function withoutRoutes(routes: readonly Route[], removed: readonly Route[]): Route[] {
  const gone = new Set(removed.map(keyOf))
  return routes.filter((route) => !gone.has(keyOf(route)))
}

const keyOf = ({ destination, nexthop }: Route) => `${destination} ${nexthop}`
