import type { SubnetView } from '../../../bus/contracts/host-view.js'
import { OWNER } from '../../../model/owners.js'
import type { DhcpSettings } from '../settings.js'
import { isIsolated, type ServedNetwork } from './served-network.js'

const METADATA = '169.254.169.254/32'
const EVERYTHING = '0.0.0.0/0'

/** The opts file: options per subnet, then per port (§4). Neutron writes it without a newline at its end. */
export function optsFile(served: ServedNetwork, settings: DhcpSettings): string {
  return [
    ...[...served.subnets.values()].flatMap((subnet) =>
      subnet.ipVersion === 4 ? optionsV4(served, subnet, settings) : optionsV6(subnet, settings),
    ),
    ...portOptions(served),
  ].join('\n')
}

function optionsV4(served: ServedNetwork, subnet: SubnetView, settings: DhcpSettings): string[] {
  const option = (name: string, ...values: string[]) =>
    [`tag:subnet-${subnet.id}`, /^\d+$/.test(name) ? name : `option:${name}`, ...values].join(',')
  const isDefault = ({ destination }: { destination: string }) => destination === EVERYTHING
  const gateway = subnet.gatewayIp ?? subnet.hostRoutes.find(isDefault)?.nexthop ?? null
  const routes = classlessRoutes(served, subnet, gateway, settings)
  return [
    ...dnsServers(served, subnet).map((servers) => option('dns-server', ...servers)),
    ...(routes.length > 0 ? [option('classless-static-route', ...routes), option('249', ...routes)] : []),
    // without a value the option is suppressed: no default route
    gateway === null ? option('router') : option('router', gateway),
  ]
}

/** The option's values; none: dnsmasq names itself. An empty list suppresses the option. */
function dnsServers({ servers }: ServedNetwork, { id, dnsNameservers }: SubnetView): string[][] {
  if (dnsNameservers.length === 1 && (dnsNameservers[0] === '0.0.0.0' || dnsNameservers[0] === '::')) return [[]]
  if (dnsNameservers.length > 0) return [[...dnsNameservers]]
  const several = servers.get(id) ?? []
  return several.length > 1 ? [[...several]] : []
}

function classlessRoutes(
  { network, servers, port }: ServedNetwork,
  subnet: SubnetView,
  gateway: string | null,
  settings: DhcpSettings,
): string[] {
  const others = network.subnets.filter(
    ({ id, ipVersion, segmentId }) => id !== subnet.id && ipVersion === 4 && segmentId === subnet.segmentId,
  )
  const hostRoutes = subnet.hostRoutes.filter(({ destination }) => destination !== EVERYTHING)
  const own = port.fixedIps.find(({ subnetId }) => subnetId === subnet.id)?.ip ?? servers.get(subnet.id)?.[0]
  const isServed = settings.forceMetadata || (settings.enableIsolatedMetadata && isIsolated(subnet))
  const metadata = isServed && own ? own : isIsolated(subnet) ? null : gateway
  const routes = [
    ...others.map(({ cidr }) => [cidr, '0.0.0.0']),
    ...hostRoutes.map(({ destination, nexthop }) => [destination, nexthop]),
    ...(metadata === null ? [] : [[METADATA, metadata]]),
  ]
  // clients that read this option ignore the router option: the default route has to be in it, too
  return [...routes, ...(routes.length > 0 && gateway !== null ? [[EVERYTHING, gateway]] : [])].flat()
}

function optionsV6(subnet: SubnetView, settings: DhcpSettings): string[] {
  const tag = `tag:subnet-${subnet.id}`
  const isSuppressed = subnet.dnsNameservers.length === 1 && subnet.dnsNameservers[0] === '::'
  const servers = isSuppressed ? [] : subnet.dnsNameservers.map((server) => `[${server}]`)
  return [
    ...(subnet.dnsNameservers.length > 0 ? [[tag, 'option6:dns-server', ...servers].join(',')] : []),
    ...(settings.domain === '' ? [] : [`${tag},option6:domain-search,${settings.domain}`]),
  ]
}

function portOptions({ clients }: ServedNetwork): string[] {
  return clients
    .filter(({ deviceOwner }) => deviceOwner !== OWNER.dhcp)
    .flatMap((port) =>
      port.extraDhcpOpts
        .filter(({ name, value }) => isOneLine(name) && isOneLine(value))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, value, ipVersion }) => {
          const prefix = /^\d+$/.test(name) && ipVersion === 4 ? '' : ipVersion === 4 ? 'option:' : 'option6:'
          return `tag:port-${port.id},${prefix}${name}${value === '' ? '' : `,${value}`}`
        }),
    )
}

/** The server refuses others; one that came all the same must not become a line of its own. */
const isOneLine = (text: string) => !/[\r\n\0]/.test(text)
