import type { MeteringLabelView, RouterView } from '../../bus/contracts/host-view.js'
import type { HostView } from '../../bus/contracts/view.js'
import type { RuleSet } from '../../dataplane/iptables/types.js'
import { qgName, qrouterNs, rfpName, snatNs } from '../../model/device-names.js'
import { isOfVersion, meterRules, NO_METERS } from './rules.js'

/** A router's namespace with an external device, and the labels that count what passes it. */
export interface MeteredNamespace {
  readonly name: string
  readonly routerId: string
  readonly labels: readonly { readonly id: string; readonly projectId: string }[]
  readonly ipv4: RuleSet
  readonly ipv6: RuleSet
}

interface Place {
  readonly namespace: string
  readonly device: string
  readonly ipv6: boolean
}

/** Where this host counts what, by namespace. Empty without labels. */
export function meteredNamespaces(view: HostView): MeteredNamespace[] {
  const labels = view.all('metering_label').sort(byId)
  if (labels.length === 0) return []
  return view
    .all('router')
    .sort(byId)
    .flatMap((router) => {
      const own = labels.filter(({ projectId, shared }) => shared || projectId === router.projectId)
      return own.length === 0 ? [] : placesOf(router).map((place) => metered(router, place, own))
    })
}

/** Every packet from or to outside passes one of these: with a distributed router's floating IP beside its instance, otherwise centrally. */
function placesOf(router: RouterView): Place[] {
  if (!router.gateway || !router.adminStateUp) return []
  const central = { device: qgName(router.gateway.portId), ipv6: true }
  if (!router.distributed) return router.central ? [{ namespace: qrouterNs(router.id), ...central }] : []
  const floating = { namespace: qrouterNs(router.id), device: rfpName(router.id), ipv6: false }
  return [
    ...(router.floatingIps.length > 0 ? [floating] : []),
    ...(router.central ? [{ namespace: snatNs(router.id), ...central }] : []),
  ]
}

function metered(router: RouterView, place: Place, labels: readonly MeteringLabelView[]): MeteredNamespace {
  const labels6 = labels.filter(({ rules }) => rules.some((rule) => isOfVersion(rule, 6)))
  return {
    name: place.namespace,
    routerId: router.id,
    labels: labels.map(({ id, projectId }) => ({ id, projectId })),
    ipv4: meterRules(labels, place.device, 4),
    ipv6: place.ipv6 ? meterRules(labels6, place.device, 6) : NO_METERS,
  }
}

const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1)
