import { fgName, fipNs } from '../../../model/device-names.js'
import { ipToInt } from '../../../model/ip.js'
import type { Allocations } from '../allocations.js'
import { plainRules, plainRules6 } from '../rules/base.js'
import { defaultRoutes, portDevice } from './devices.js'
import { extraRoutes } from './extra-routes.js'
import { fipLink } from './fip-link.js'
import type { RouterPart } from './router-part.js'
import { NAMESPACE_SYSCTLS, rpFilterOff } from './sysctls.js'
import type { L3Namespace } from './types.js'

/**
 * `fip-<external network>`: the way in and out for all floating IPs of a host on one external network, shared by its
 * routers (§5). `fg` answers ARP for every floating IP because a route leads to it by another interface. What comes
 * from a router goes by a table of its own, so that routers can have different routes to the outside.
 *
 * @param parts routers with a floating IP here, all with a gateway on this network
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
    },
    devices: [portDevice(fg, port)],
    veths: links.map(({ link }) => link.fpr),
    rules: links.map(({ link }) => ({
      family: 4,
      priority: Number(ipToInt(link.fprIp)),
      iif: link.fpr.name,
      table: Number(ipToInt(link.fprIp)),
    })),
    routes: links.flatMap(({ router, floatingIps: own, link }) => {
      const table = Number(ipToInt(link.fprIp))
      return [
        ...defaultRoutes(fg, port, table).filter(({ family }) => family === 4),
        ...extraRoutes(router.routes, reach, table),
        ...own.map(({ floatingIp }) => ({
          family: 4 as const,
          destination: floatingIp,
          via: link.rfpIp,
          device: link.fpr.name,
          table: null,
        })),
      ]
    }),
    neighbours: links.map(({ link }) => ({ ip: link.rfpIp, mac: link.rfp.mac, device: link.fpr.name })),
    iptables: { ipv4: rules.build(), ipv6: plainRules6().build() },
    announcements: [...ownAddresses, ...floatingIps].map((ip) => ({ device: fg, ip })),
    translations: [],
  }
}
