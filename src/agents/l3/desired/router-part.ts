import type { FloatingIpView, PortForwardingView, RouterView } from '../../../bus/contracts/host-view.js'
import type { HostView } from '../../../bus/contracts/view.js'
import type { L3Settings } from '../settings.js'

/** The routers of the view that this agent realises, with their part on this host worked out. */
export interface RouterPart {
  readonly router: RouterView
  /** floating IPs translated in this host's qrouter, reached through its fip namespace */
  readonly floatingIps: readonly FloatingIpView[]
  /** floating IPs translated beside the gateway port: a legacy router's, or those without a DVR host */
  readonly centralFloatingIps: readonly FloatingIpView[]
  /** IPv6 addresses for which this host's fip namespace answers, reached through it */
  readonly proxied: readonly string[]
  /** IPv6 addresses for which the gateway port answers, and the only ones that it lets in; null: it lets all in */
  readonly centralProxied: readonly string[] | null
  readonly hasSnat: boolean
  /** ports of floating IPs translated beside the gateway port */
  readonly portForwardings: readonly PortForwardingView[]
}

export function routerParts(view: HostView, { mode }: L3Settings): RouterPart[] {
  return view
    .all('router')
    .filter((router) => router.adminStateUp && isOurs(router, mode))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((router) => partOf(router, mode))
}

function isOurs(router: RouterView, mode: L3Settings['mode']): boolean {
  if (router.interfaces.length === 0 && router.gateway === null) return false
  if (router.distributed) return mode !== 'legacy'
  return router.central && (mode === 'legacy' || mode === 'dvr_snat')
}

function partOf(router: RouterView, mode: L3Settings['mode']): RouterPart {
  const hasSnat = router.distributed && router.central && router.gateway !== null && mode === 'dvr_snat'
  const portForwardings = router.portForwardings ?? []
  if (!router.distributed) {
    return {
      router,
      floatingIps: [],
      centralFloatingIps: sorted(router.floatingIps),
      proxied: [],
      centralProxied: router.ndpProxies?.central ?? null,
      hasSnat,
      portForwardings,
    }
  }
  // without an agent gateway there is no way in: those floating IPs wait for it
  const hasWay = router.agentGateway !== null && router.externalNetworkId !== null && mode !== 'dvr_no_external'
  return {
    router,
    floatingIps: hasWay ? sorted(router.floatingIps) : [],
    centralFloatingIps: hasSnat ? sorted(router.centralFloatingIps) : [],
    proxied: hasWay ? (router.ndpProxies?.here ?? []) : [],
    centralProxied: router.ndpProxies?.central ?? null,
    hasSnat,
    portForwardings: hasSnat ? portForwardings : [],
  }
}

/** Whether the router has a way outside from this host, by its fip namespace. */
export const hasFipLink = ({ floatingIps, proxied }: RouterPart): boolean => floatingIps.length + proxied.length > 0

const sorted = (list: readonly FloatingIpView[]) => [...list].sort((a, b) => (a.floatingIp < b.floatingIp ? -1 : 1))
