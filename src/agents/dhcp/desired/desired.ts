import type { HostView } from '../../../bus/contracts/view.js'
import type { DnsmasqSpec } from '../../../dataplane/dnsmasq/dnsmasq.js'
import type { LeaseSpec } from '../../../dataplane/dnsmasq/settle-leases.js'
import type { ProxySpec } from '../../../dataplane/haproxy/config.js'
import type { NamespaceSpec } from '../../../dataplane/netns/spec.js'
import { qdhcpNs, tapName } from '../../../model/device-names.js'
import type { DhcpSettings } from '../settings.js'
import { addnHostsFile, hostFile, leaseHolders } from './files.js'
import { dhcpNamespace } from './namespace.js'
import { optsFile } from './options.js'
import { ranges } from './ranges.js'
import { type ServedNetwork, servedNetworks, servesMetadata } from './served-network.js'

/** One network's part on this host. */
export interface DhcpNetwork {
  readonly networkId: string
  readonly namespace: NamespaceSpec
  readonly dnsmasq: DnsmasqSpec
  readonly proxy: ProxySpec | null
  /** ports that are served as soon as dnsmasq has read its files */
  readonly portIds: readonly string[]
  readonly subnets: number
}

/** The networks that this host serves, by id. Depends on what the view says now and on nothing else. */
export function desired(view: HostView, settings: DhcpSettings): DhcpNetwork[] {
  return servedNetworks(view).map((served) => ({
    networkId: served.network.id,
    namespace: dhcpNamespace(served, settings),
    dnsmasq: dnsmasqSpec(served, settings),
    proxy: servesMetadata(served, settings) ? proxySpec(served) : null,
    portIds: served.clients.map(({ id }) => id),
    subnets: served.subnets.size,
  }))
}

function dnsmasqSpec(served: ServedNetwork, settings: DhcpSettings): DnsmasqSpec {
  const { domain, dnsServers, configFile, leaseDuration, leaseMax } = settings
  return {
    networkId: served.network.id,
    netns: qdhcpNs(served.network.id),
    device: tapName(served.port.id),
    settings: {
      ranges: ranges(served),
      mtu: served.network.mtu,
      domain,
      dnsServers,
      configFile,
      leaseDuration,
      leaseMax,
    },
    host: hostFile(served, domain),
    addnHosts: addnHostsFile(served, domain),
    opts: optsFile(served, settings),
    leases: leaseSpec(served, leaseDuration),
  }
}

function leaseSpec(served: ServedNetwork, leaseDuration: number): LeaseSpec {
  const { network, port, subnets, servers } = served
  return {
    netns: qdhcpNs(network.id),
    holders: leaseHolders(served),
    servers: port.fixedIps.flatMap(({ subnetId, ip }) => {
      const subnet = subnets.get(subnetId)
      return subnet?.ipVersion === 4 ? [{ cidr: subnet.cidr, ip }] : []
    }),
    shared: [...servers.values()].some((addresses) => addresses.length > 1),
    leaseDuration,
  }
}

function proxySpec({ network, port }: ServedNetwork): ProxySpec {
  return {
    id: network.id,
    idHeader: 'X-Neutron-Network-ID',
    binds: ['169.254.169.254:80', `fe80::a9fe:a9fe:80 interface ${tapName(port.id)}`],
  }
}
