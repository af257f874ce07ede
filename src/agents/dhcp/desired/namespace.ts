import type { RouteSpec } from '../../../dataplane/ip/types.js'
import type { NamespaceSpec } from '../../../dataplane/netns/spec.js'
import { WrappedRules } from '../../../dataplane/netns/wrapped-rules.js'
import { qdhcpNs, tapName } from '../../../model/device-names.js'
import { cidrOf } from '../../../model/ip.js'
import type { DhcpSettings } from '../settings.js'
import { type ServedNetwork, servesMetadata } from './served-network.js'

export const METADATA_ADDRESSES = ['169.254.169.254/32', 'fe80::a9fe:a9fe/64'] as const

/** `qdhcp-<network>`: one device with an address in every subnet with DHCP. */
export function dhcpNamespace(served: ServedNetwork, settings: DhcpSettings): NamespaceSpec {
  const { network, port } = served
  const device = tapName(port.id)
  const prefixes = new Map(network.subnets.map(({ id, cidr }) => [id, cidrOf(cidr).prefix]))
  const own = port.fixedIps.filter(({ subnetId }) => prefixes.has(subnetId))
  const addresses = [
    ...own.map(({ subnetId, ip }) => `${ip}/${prefixes.get(subnetId)}`),
    ...(servesMetadata(served, settings) ? METADATA_ADDRESSES : []),
  ]
  return {
    name: qdhcpNs(network.id),
    sysctls: {
      // an address that takes the place of another of its subnet must not go away with it
      'net.ipv4.conf.all.promote_secondaries': '1',
      // addresses are configured, never learned from somebody's router advertisements
      'net.ipv6.conf.default.accept_ra': '0',
      [`net.ipv6.conf.${device}.accept_ra`]: '0',
    },
    devices: [{ name: device, portId: port.id, mac: port.mac, mtu: network.mtu, addresses }],
    veths: [],
    rules: [],
    routes: [...defaultRoutes(served, device), ...onLinkRoutes(served, device)],
    neighbours: [],
    iptables: { ipv4: checksumRules('68', ['mark']).build(), ipv6: checksumRules('546', []).build() },
  }
}

function defaultRoutes({ subnets, port }: ServedNetwork, device: string): RouteSpec[] {
  const here = new Set(port.fixedIps.map(({ subnetId }) => subnetId))
  return ([4, 6] as const).flatMap((family) => {
    const subnet = [...subnets.values()].find(
      ({ id, ipVersion, gatewayIp }) => ipVersion === family && gatewayIp !== null && here.has(id),
    )
    return subnet ? [{ family, destination: 'default', via: subnet.gatewayIp, device, table: null }] : []
  })
}

/** Subnets of the network in which the server has no address are on the same wire all the same, unless it is a routed one. */
function onLinkRoutes({ network, port }: ServedNetwork, device: string): RouteSpec[] {
  const here = new Set(port.fixedIps.map(({ subnetId }) => subnetId))
  const wires = new Set(network.subnets.filter(({ id }) => here.has(id)).map(({ segmentId }) => segmentId))
  return network.subnets
    .filter(({ id, ipVersion, segmentId }) => {
      return ipVersion === 4 && !here.has(id) && (segmentId === undefined || wires.has(segmentId))
    })
    .map(({ cidr }) => ({ family: 4, destination: cidr, via: null, device, table: null }))
}

/** Some guests drop replies whose checksum was left to a network card that is not there. */
function checksumRules(clientPort: string, own: readonly string[]): WrappedRules {
  const rules = new WrappedRules('neutron-dhcp-age')
    .table('mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'], own)
    .table('raw', ['PREROUTING', 'OUTPUT'])
    .filterTable()
    .add('mangle', 'POSTROUTING', `-p udp -m udp --dport ${clientPort} -j CHECKSUM --checksum-fill`)
  for (const chain of own) rules.add('mangle', 'PREROUTING', `-j {${chain}}`)
  return rules
}
