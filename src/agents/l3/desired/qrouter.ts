import type { RouterPort } from '../../../bus/contracts/host-view.js'
import type { NeighbourSpec, RouteSpec, RuleSpec } from '../../../dataplane/ip/types.js'
import { qgName, qrName, qrouterNs, rfpName } from '../../../model/device-names.js'
import type { Allocations } from '../allocations.js'
import { addSilence, routerRules, routerRules6, type ScopeDevices } from '../rules/base.js'
import { addCentralNat } from '../rules/central-nat.js'
import { addHelpersOf } from '../rules/conntrack-helpers.js'
import { addFloatingNat } from '../rules/floating-nat.js'
import { addMetadata, METADATA_IP, METADATA_IP6 } from '../rules/metadata.js'
import { addNdpProxies } from '../rules/ndp-proxy.js'
import type { L3Settings } from '../settings.js'
import { advertiser, type SubnetIndex } from './advertisements.js'
import { centralNatOf, centralTranslations, gatewayDevice, outerAddresses } from './central.js'
import { defaultRoutes, portDevice, type Reach } from './devices.js'
import { extraRoutes } from './extra-routes.js'
import { type FipLink, fipLink } from './fip-link.js'
import { limitsAt } from './limits.js'
import { centralProxies, ndpProxySysctls } from './ndp-proxies.js'
import { type NeighbourIndex, routerNeighbours } from './neighbours.js'
import { FLOATING_TABLE, redirectRule } from './policy.js'
import { hasFipLink, type RouterPart } from './router-part.js'
import { followMoves, gatewayAdvertisements, NAMESPACE_SYSCTLS, rpFilterOff } from './sysctls.js'
import type { L3Namespace } from './types.js'

interface Context {
  readonly settings: L3Settings
  readonly allocations: Allocations
  readonly index: NeighbourIndex
  readonly subnets: SubnetIndex
}

/**
 * `qrouter-<id>` of a distributed router: routes between its subnets on every host. The main table has connected
 * subnets only, so that policy rules decide about everything else: by the fip namespace for an address with a
 * floating IP here, by the SNAT port of its subnet for the rest.
 */
export function distributedQrouter(part: RouterPart, { settings, allocations, index, subnets }: Context): L3Namespace {
  const { router, floatingIps } = part
  const link = hasFipLink(part) ? fipLink(router, allocations.links.get(router.id)!) : null
  const devices = router.interfaces.map((port) => portDevice(qrName(port.portId), port))
  const names = devices.map(({ name }) => name)
  const noRedirects = ['all', ...names].map((name) => [`net.ipv4.conf.${name}.send_redirects`, '0'] as const)
  // named also before there is a floating IP, so that the first one changes nothing but NAT
  const external = router.gateway || link ? rfpName(router.id) : null
  const scopes = { external, guardExternal: true }
  const rules = routerRules({ ...scopes, internal: names })
  const rules6 = routerRules6({ ...scopes, internal: withIpv6(part) })
  if (settings.metadataProxy) {
    addMetadata(rules, METADATA_IP, settings.metadataPort)
    addMetadata(rules6, METADATA_IP6, settings.metadataPort)
  }
  if (link) {
    addFloatingNat(rules, link.rfp.name, floatingIps)
    addHelpersOf({ ipv4: rules, ipv6: rules6 }, router, settings)
  }
  return {
    ...identity(part, settings, subnets),
    sysctls: {
      ...NAMESPACE_SYSCTLS,
      ...rpFilterOff([...names, ...(link ? [link.rfp.name] : [])]),
      ...followMoves(names),
      ...Object.fromEntries(noRedirects),
    },
    devices,
    veths: link ? [link.rfp] : [],
    rules: [...redirects(part).map(({ rule }) => rule), ...floatingRules(part, allocations)],
    routes: [
      ...redirects(part).map(({ route }) => route),
      ...(link ? floatingRoutes(link, part) : []),
      ...extraRoutes(router.routes, internalReach(part), null),
    ],
    neighbours: [...routerNeighbours(router, index), ...(link ? linkNeighbours(link, part) : [])],
    ...limitsAt(
      link?.rfp.name ?? null,
      router,
      floatingIps.map(({ floatingIp }) => floatingIp),
    ),
    iptables: { ipv4: rules.build(), ipv6: rules6.build() },
    // An instance may have asked for its gateway just before the interface was there: without an announcement it
    // would ask again only after a second. br-tun keeps it on this host, as it does requests for the gateway.
    announcements: announced(devices),
    translations: floatingIps.map(({ id, floatingIp, fixedIp }) => ({ floatingIpId: id, floatingIp, fixedIp })),
  }
}

/** `qrouter-<id>` of a legacy router: the whole router, gateway port and NAT included. */
export function legacyQrouter(part: RouterPart, { settings, subnets }: Context): L3Namespace {
  const { router } = part
  const internal = router.interfaces.map((port) => portDevice(qrName(port.portId), port))
  const names = internal.map(({ name }) => name)
  const gateway = router.gateway && gatewayDevice(router.gateway, part)
  const external = router.gateway && qgName(router.gateway.portId)
  const scopes: Omit<ScopeDevices, 'internal'> = { external, guardExternal: false }
  const rules = routerRules({ ...scopes, internal: names })
  const rules6 = routerRules6({ ...scopes, guardExternal: true, internal: withIpv6(part) })
  if (settings.metadataProxy) {
    addMetadata(rules, METADATA_IP, settings.metadataPort)
    addMetadata(rules6, METADATA_IP6, settings.metadataPort)
  }
  addHelpersOf({ ipv4: rules, ipv6: rules6 }, router, settings)
  const nat = centralNatOf(part)
  if (nat) addCentralNat(rules, nat)
  addNdpProxies(rules6, external, part)
  if (router.ha) addSilence(rules6)
  const reach = [
    ...internalReach(part),
    ...(router.gateway ? [{ device: external!, addresses: router.gateway.addresses }] : []),
  ]
  return {
    ...identity(part, settings, subnets),
    sysctls: {
      ...NAMESPACE_SYSCTLS,
      ...rpFilterOff([...names, ...(external ? [external] : [])]),
      ...followMoves(names),
      ...(router.gateway ? gatewayAdvertisements(external!, router.gateway) : {}),
      ...(router.gateway ? ndpProxySysctls(external!, router.gateway, part.centralProxied !== null) : {}),
    },
    devices: [...internal, ...(gateway ? [gateway] : [])],
    veths: [],
    rules: [],
    routes: [
      ...(router.gateway ? defaultRoutes(external!, router.gateway, null) : []),
      ...extraRoutes(router.routes, reach, null),
    ],
    neighbours: [],
    proxies: centralProxies(external, part),
    ...limitsAt(external, router, outerAddresses(part)),
    iptables: { ipv4: rules.build(), ipv6: rules6.build() },
    announcements: [
      ...announced([...internal, ...(gateway ? [gateway] : [])]),
      ...announced6(external, router.gateway),
      ...centralProxies(external, part),
    ],
    translations: centralTranslations(part),
  }
}

/** The IPv4 addresses of devices, for gratuitous ARP. */
function announced(devices: readonly { readonly name: string; readonly addresses: readonly string[] }[]) {
  return devices.flatMap(({ name, addresses }) =>
    addresses.filter((each) => !each.includes(':')).map((each) => ({ device: name, ip: each.split('/')[0]! })),
  )
}

/**
 * The IPv6 addresses of a gateway port, for neighbour advertisements: another router may have had them a moment ago.
 * Internal interfaces need none, hosts know them by router advertisements.
 */
export function announced6(device: string | null, gateway: RouterPort | null): { device: string; ip: string }[] {
  if (device === null || gateway === null) return []
  return gateway.addresses.filter(({ ipVersion }) => ipVersion === 6).map(({ ip }) => ({ device, ip }))
}

function identity(part: RouterPart, settings: L3Settings, subnets: SubnetIndex) {
  const { router } = part
  return {
    name: qrouterNs(router.id),
    kind: 'qrouter' as const,
    routerIds: [router.id],
    proxyId: settings.metadataProxy ? router.id : null,
    advertiser: advertiser(part, subnets, settings),
  }
}

function withIpv6({ router }: RouterPart): string[] {
  return router.interfaces
    .filter(({ addresses }) => addresses.some(({ ipVersion }) => ipVersion === 6))
    .map(({ portId }) => qrName(portId))
}

function internalReach({ router }: RouterPart): Reach[] {
  return router.interfaces.map(({ portId, addresses }) => ({ device: qrName(portId), addresses }))
}

/** Per address of an internal interface whose subnet has a SNAT port: the rule and route that lead to it. */
function redirects({ router }: RouterPart): { rule: RuleSpec; route: RouteSpec }[] {
  const snatAddresses = router.snatPorts.flatMap(({ addresses }) => addresses)
  return router.interfaces.flatMap(({ portId, addresses }) =>
    addresses.flatMap((address) => {
      const snat = snatAddresses.find(({ subnetId }) => subnetId === address.subnetId)
      if (!snat) return []
      const rule = redirectRule(address)
      const way = { destination: 'default', via: snat.ip, device: qrName(portId), table: rule.table }
      return [{ rule, route: { family: address.ipVersion, ...way } }]
    }),
  )
}

/** What goes outside from here: instances with a floating IP, and those that the host answers for. */
function floatingRules({ floatingIps, proxied }: RouterPart, { priorities }: Allocations): RuleSpec[] {
  const table = FLOATING_TABLE
  return [
    ...floatingIps.map(({ floatingIp, fixedIp }) => {
      return { family: 4 as const, priority: priorities.get(floatingIp)!, from: fixedIp, table }
    }),
    ...proxied.map((ip) => ({ family: 6 as const, priority: priorities.get(ip)!, from: ip, table })),
  ]
}

function floatingRoutes({ fprIp, fprIp6, rfp }: FipLink, { proxied }: RouterPart): RouteSpec[] {
  const way = { destination: 'default', device: rfp.name, table: FLOATING_TABLE }
  return [
    { family: 4, via: fprIp, ...way },
    ...(proxied.length > 0 ? [{ family: 6 as const, via: fprIp6, ...way }] : []),
  ]
}

function linkNeighbours({ fprIp, fprIp6, fpr, rfp }: FipLink, { proxied }: RouterPart): NeighbourSpec[] {
  return [fprIp, ...(proxied.length > 0 ? [fprIp6] : [])].map((ip) => ({ ip, mac: fpr.mac, device: rfp.name }))
}
