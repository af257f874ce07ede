import type { HostView } from '../../../bus/contracts/view.js'
import type { Allocations } from '../allocations.js'
import type { L3Settings } from '../settings.js'
import { subnetIndex } from './advertisements.js'
import { fipNamespace } from './fip.js'
import { neighbourIndex } from './neighbours.js'
import { distributedQrouter, legacyQrouter } from './qrouter.js'
import { hasFipLink, type RouterPart, routerParts } from './router-part.js'
import { snatNamespace } from './snat.js'
import type { L3Namespace } from './types.js'
import { withVrrp } from './vrrp.js'

/**
 * The namespaces of this host's routers, by name. Depends on what the view says now and on nothing else;
 * `allocations` has to cover its routers and floating IPs (see `allocationNeeds`). `active`: ids of the highly available
 * routers that this host has taken.
 */
export function desired(
  view: HostView,
  settings: L3Settings,
  allocations: Allocations,
  active: ReadonlySet<string> = new Set(),
): L3Namespace[] {
  const parts = routerParts(view, settings)
  const context = { settings, allocations, index: neighbourIndex(view), subnets: subnetIndex(view) }
  const central = (namespace: L3Namespace, part: RouterPart) =>
    withVrrp(namespace, part, settings, active.has(part.router.id))
  const routers = parts.map((part) =>
    part.router.distributed ? distributedQrouter(part, context) : central(legacyQrouter(part, context), part),
  )
  const snats = parts.filter(({ hasSnat }) => hasSnat).map((part) => central(snatNamespace(part, settings), part))
  const fips = [...byExternalNetwork(parts)].map(([id, sharing]) => fipNamespace(id, sharing, allocations))
  return [...routers, ...snats, ...fips].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function byExternalNetwork(parts: readonly RouterPart[]): Map<string, RouterPart[]> {
  const groups = new Map<string, RouterPart[]>()
  for (const part of parts) {
    if (!hasFipLink(part)) continue
    const id = part.router.externalNetworkId!
    groups.set(id, [...(groups.get(id) ?? []), part])
  }
  return groups
}
