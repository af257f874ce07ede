import type { NeighbourView, NetworkView, PortView, SubnetView } from '../../../bus/contracts/host-view.js'
import type { HostView } from '../../../bus/contracts/view.js'
import { OWNER } from '../../../model/owners.js'
import type { DhcpSettings } from '../settings.js'

export type AnyPort = PortView | NeighbourView

/** A network that this host's DHCP agent serves, with its ports. */
export interface ServedNetwork {
  readonly network: NetworkView
  /** the DHCP server's own port */
  readonly port: PortView
  /** subnets with DHCP, by id */
  readonly subnets: ReadonlyMap<string, SubnetView>
  /** ports that are given addresses, in order of their ids */
  readonly clients: readonly AnyPort[]
  /** all addresses of DHCP servers on the network, by subnet */
  readonly servers: ReadonlyMap<string, readonly string[]>
}

/** Owners whose ports are never DHCP clients; a line for an ordinary router interface does no harm and is useful DNS. */
const NO_CLIENTS: readonly string[] = [OWNER.floatingIp, OWNER.dhcp, OWNER.haRouterInterface, 'network:distributed']

export function servedNetworks(view: HostView): ServedNetwork[] {
  const ports = new Map<string, AnyPort[]>()
  for (const port of [...view.all('port'), ...view.all('neighbour')]) {
    const ofNetwork = ports.get(port.networkId)
    if (ofNetwork) ofNetwork.push(port)
    else ports.set(port.networkId, [port])
  }
  return view
    .all('network')
    .flatMap((network) => {
      const own = network.dhcpPortId === null ? undefined : view.get('port', network.dhcpPortId)
      const subnets = network.subnets.filter(({ enableDhcp }) => enableDhcp)
      if (!own || !network.adminStateUp || subnets.length === 0) return []
      return [served(network, own, subnets, ports.get(network.id) ?? [])]
    })
    .sort((a, b) => (a.network.id < b.network.id ? -1 : 1))
}

function served(network: NetworkView, port: PortView, subnets: SubnetView[], ports: readonly AnyPort[]): ServedNetwork {
  const sorted = [...ports].sort((a, b) => (a.id < b.id ? -1 : 1))
  const servers = new Map<string, string[]>()
  for (const { fixedIps } of sorted.filter(({ deviceOwner }) => deviceOwner === OWNER.dhcp)) {
    for (const { subnetId, ip } of fixedIps) servers.set(subnetId, [...(servers.get(subnetId) ?? []), ip])
  }
  return {
    network,
    port,
    subnets: new Map([...subnets].sort((a, b) => (a.id < b.id ? -1 : 1)).map((subnet) => [subnet.id, subnet])),
    clients: sorted.filter(({ deviceOwner }) => !NO_CLIENTS.includes(deviceOwner)),
    servers,
  }
}

/** No router has the subnet's gateway address. */
export const isIsolated = ({ routed }: SubnetView) => !routed

/** Whether the DHCP server's namespace answers for metadata, too. */
export function servesMetadata({ network }: ServedNetwork, settings: DhcpSettings): boolean {
  return settings.forceMetadata || (settings.enableIsolatedMetadata && network.subnets.some(isIsolated))
}
