import type { RouterPort, SubnetView } from '../../../bus/contracts/host-view.js'
import type { HostView } from '../../../bus/contracts/view.js'
import type { AdvertisedInterface, AdvertiserSpec } from '../../../dataplane/radvd/config.js'
import { qrName } from '../../../model/device-names.js'
import { ipVersion } from '../../../model/ip.js'
import type { L3Settings } from '../settings.js'
import type { RouterPart } from './router-part.js'

/** The subnets of this host's networks by id: what a router port does not tell of them. */
export type SubnetIndex = ReadonlyMap<string, SubnetView>

export function subnetIndex(view: HostView): SubnetIndex {
  return new Map(view.all('network').flatMap(({ subnets }) => subnets.map((subnet) => [subnet.id, subnet] as const)))
}

/** Router advertisements of a router: on the interfaces with subnets whose `ipv6_ra_mode` says that we send them. */
export function advertiser({ router }: RouterPart, subnets: SubnetIndex, settings: L3Settings): AdvertiserSpec | null {
  const interfaces = router.interfaces.flatMap((port) => advertisedInterface(port, subnets))
  if (interfaces.length === 0) return null
  const { minAdvertisementInterval: minInterval, maxAdvertisementInterval: maxInterval } = settings
  return { routerId: router.id, interfaces, minInterval, maxInterval }
}

function advertisedInterface({ portId, mtu, addresses }: RouterPort, subnets: SubnetIndex): AdvertisedInterface[] {
  const announced = addresses.filter(({ ipVersion: version, ipv6RaMode }) => version === 6 && ipv6RaMode !== null)
  if (announced.length === 0) return []
  const has = (mode: string) => announced.some(({ ipv6RaMode }) => ipv6RaMode === mode)
  const servers = announced.flatMap(({ subnetId }) => subnets.get(subnetId)?.dnsNameservers ?? [])
  // `::` as the only server stands for none (as in DHCP)
  const dnsServers = [...new Set(servers)].filter((server) => ipVersion(server) === 6 && server !== '::')
  return [
    {
      device: qrName(portId),
      mtu,
      managed: has('dhcpv6-stateful'),
      other: has('dhcpv6-stateless'),
      dnsServers,
      prefixes: announced.map(({ cidr, ipv6RaMode }) => ({ cidr, autonomous: ipv6RaMode !== 'dhcpv6-stateful' })),
    },
  ]
}
