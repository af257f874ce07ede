import { qgName, sgName, snatNs } from '../../../model/device-names.js'
import { addSilence, routerRules, routerRules6 } from '../rules/base.js'
import { addCentralNat } from '../rules/central-nat.js'
import { addHelpersOf } from '../rules/conntrack-helpers.js'
import { addNdpProxies } from '../rules/ndp-proxy.js'
import type { L3Settings } from '../settings.js'
import { centralAddresses, centralNatOf, centralTranslations, gatewayDevice, outerAddresses } from './central.js'
import { defaultRoutes, portDevice } from './devices.js'
import { extraRoutes } from './extra-routes.js'
import { limitsAt } from './limits.js'
import { centralProxies, ndpProxySysctls } from './ndp-proxies.js'
import type { RouterPart } from './router-part.js'
import { followMoves, gatewayAdvertisements, NAMESPACE_SYSCTLS, rpFilterOff } from './sysctls.js'
import type { L3Namespace } from './types.js'

/**
 * `snat-<router>` on the one network node of a distributed router (§6): source NAT for instances without a
 * floating IP. Replies go from the `sg` port straight to the instance.
 */
export function snatNamespace(part: RouterPart, settings: L3Settings): L3Namespace {
  const { router } = part
  const gateway = router.gateway!
  const external = qgName(gateway.portId)
  const internal = router.snatPorts.map((port) => portDevice(sgName(port.portId), port))
  const names = internal.map(({ name }) => name)
  const names6 = router.snatPorts
    .filter(({ addresses }) => addresses.some(({ ipVersion }) => ipVersion === 6))
    .map(({ portId }) => sgName(portId))
  const rules = routerRules({ internal: names, external, guardExternal: false })
  const rules6 = routerRules6({ internal: names6, external, guardExternal: true })
  addHelpersOf({ ipv4: rules, ipv6: rules6 }, router, settings)
  addCentralNat(rules, centralNatOf(part)!)
  addNdpProxies(rules6, external, part)
  if (router.ha) addSilence(rules6)
  const reach = [
    ...router.snatPorts.map(({ portId, addresses }) => ({ device: sgName(portId), addresses })),
    { device: external, addresses: gateway.addresses },
  ]
  const ownAddresses = gateway.addresses.map(({ ip }) => ip)
  return {
    name: snatNs(router.id),
    kind: 'snat',
    routerIds: [router.id],
    proxyId: null,
    advertiser: null,
    sysctls: {
      ...NAMESPACE_SYSCTLS,
      ...rpFilterOff([...names, external]),
      ...followMoves(names),
      ...gatewayAdvertisements(external, gateway),
      ...ndpProxySysctls(external, gateway, part.centralProxied !== null),
      'net.ipv4.ip_nonlocal_bind': '1',
      // a connection is translated from its first packet on, or not at all
      'net.netfilter.nf_conntrack_tcp_loose': '0',
    },
    devices: [...internal, gatewayDevice(gateway, part)],
    veths: [],
    rules: [],
    routes: [...defaultRoutes(external, gateway, null), ...extraRoutes(router.routes, reach, null)],
    neighbours: [],
    proxies: centralProxies(external, part),
    ...limitsAt(external, router, outerAddresses(part)),
    iptables: { ipv4: rules.build(), ipv6: rules6.build() },
    announcements: [
      ...[...ownAddresses, ...centralAddresses(part)].map((ip) => ({ device: external, ip })),
      ...centralProxies(external, part),
    ],
    translations: centralTranslations(part),
  }
}
