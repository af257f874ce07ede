import { fgName, fipNs } from '../../../model/device-names.js'
import { ipToInt } from '../../../model/ip.js'
import type { Allocations } from '../allocations.js'
import { plainRules, plainRules6 } from '../rules/base.js'
import { defaultRoutes, portDevice } from './devices.js'
import { extraRoutes } from './extra-routes.js'
import { fipLink } from './fip-link.js'
import { ndpProxySysctls } from './ndp-proxies.js'
import type { RouterPart } from './router-part.js'
import { gatewayAdvertisements, NAMESPACE_SYSCTLS, rpFilterOff } from './sysctls.js'
import type { L3Namespace } from './types.js'

/**
 * `fip-<external network>`: the way in and out for all floating IPs of a host on one external network, shared by its
 * routers (§5). `fg` answers ARP for every floating IP because a route leads to it by another interface. What comes
 * from a router goes by a table of its own, so that routers can have different routes to the outside. IPv6 addresses
 * that have a proxy take the same way, untranslated; for those `fg` answers because it is told to.
 *
 * @param parts routers with a floating IP or a proxied address here, all with a gateway on this network
 */
export function fipNamespace(
  externalNetworkId: string,
  parts: readonly RouterPart[],
  allocations: Allocations,
): L3Namespace {
  const port = parts[0]!.router.agentGateway!
  const fg = fgName(port.portId)
  const links = parts.map((part) => ({ ...part, link: fipLink(part.router, allocations.links.get(part.router.id)!) }))
  const reach = [{ device: fg, addresses: port.addresses }]
  const rules = plainRules().add('raw', 'PREROUTING', '-j CT --notrack').add('nat', 'snat', '-j {float-snat}')
  const floatingIps = parts.flatMap((part) => part.floatingIps.map(({ floatingIp }) => floatingIp))
  const proxies = parts.flatMap(({ proxied }) => proxied.map((ip) => ({ ip, device: fg })))
  const ownAddresses = port.addresses.filter(({ ipVersion }) => ipVersion === 4).map(({ ip }) => ip)
  return {
    name: fipNs(externalNetworkId),
    kind: 'fip',
    routerIds: parts.map(({ router }) => router.id),
    proxyId: null,
    advertiser: null,
    sysctls: {
      ...NAMESPACE_SYSCTLS,
      ...rpFilterOff([fg, ...links.map(({ link }) => link.fpr.name)]),
      // gratuitous ARP is sent for addresses that are not configured here
      'net.ipv4.ip_nonlocal_bind': '1',
      [`net.ipv4.conf.${fg}.proxy_arp`]: '1',
      // answer at once; the kernel's default waits up to 0.8 s
      [`net.ipv4.neigh.${fg}.proxy_delay`]: '0',
      ...gatewayAdvertisements(fg, port),
      ...ndpProxySysctls(fg, port, proxies.length > 0),
    },
    devices: [portDevice(fg, port)],
    veths: links.map(({ link }) => link.fpr),
    rules: links.flatMap(({ link, proxied }) =>
      familiesOf(proxied).map((family) => ({
        family,
        priority: Number(ipToInt(link.fprIp)),
        iif: link.fpr.name,
        table: Number(ipToInt(link.fprIp)),
      })),
    ),
    routes: links.flatMap(({ router, floatingIps: own, proxied, link }) => {
      const table = Number(ipToInt(link.fprIp))
      return [
        ...defaultRoutes(fg, port, table).filter(({ family }) => familiesOf(proxied).includes(family)),
        ...extraRoutes(router.routes, reach, table),
        ...own.map(({ floatingIp }) => ({
          family: 4 as const,
          destination: floatingIp,
          via: link.rfpIp,
          device: link.fpr.name,
          table: null,
        })),
        ...proxied.map((ip) => {
          return { family: 6 as const, destination: ip, via: link.rfpIp6, device: link.fpr.name, table: null }
        }),
      ]
    }),
    neighbours: links.flatMap(({ link, proxied }) =>
      [link.rfpIp, ...(proxied.length > 0 ? [link.rfpIp6] : [])].map((ip) => {
        return { ip, mac: link.rfp.mac, device: link.fpr.name }
      }),
    ),
    proxies,
    iptables: { ipv4: rules.build(), ipv6: plainRules6().build() },
    announcements: [...[...ownAddresses, ...floatingIps].map((ip) => ({ device: fg, ip })), ...proxies],
    translations: [],
  }
}

/** Families that go outside by this namespace. */
const familiesOf = (proxied: readonly string[]): (4 | 6)[] => (proxied.length > 0 ? [4, 6] : [4])
