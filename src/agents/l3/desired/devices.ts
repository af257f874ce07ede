import type { RouterAddress, RouterPort } from '../../../bus/contracts/host-view.js'
import type { RouteSpec } from '../../../dataplane/ip/types.js'
import type { DeviceSpec } from '../../../dataplane/netns/spec.js'
import { cidrContains, cidrOf } from '../../../model/ip.js'

export const prefixed = ({ ip, prefixLength }: RouterAddress) => `${ip}/${prefixLength}`

export function portDevice(name: string, port: RouterPort, extra: readonly string[] = []): DeviceSpec {
  const addresses = [...port.addresses.map(prefixed), ...extra]
  return { name, portId: port.portId, mac: port.mac, mtu: port.mtu, addresses }
}

/** Device and addresses through which next hops can be reached. */
export interface Reach {
  readonly device: string
  readonly addresses: readonly RouterAddress[]
}

/** The device on whose subnet `nexthop` is. */
export function deviceTowards(nexthop: string, reach: readonly Reach[]): string | null {
  const found = reach.find(({ addresses }) => addresses.some(({ cidr }) => cidrContains(cidrOf(cidr), nexthop)))
  return found?.device ?? null
}

/**
 * Default routes over a gateway port, one per family: the first subnet with a gateway. A gateway outside its subnet
 * gets an on-link route first.
 */
export function defaultRoutes(device: string, port: RouterPort, table: number | null): RouteSpec[] {
  return ([4, 6] as const).flatMap((family) => {
    const address = port.addresses.find((each) => each.ipVersion === family && each.gatewayIp !== null)
    if (!address) return []
    const via = address.gatewayIp!
    const onLink = { family, destination: via, via: null, device, table }
    const isInside = cidrContains(cidrOf(address.cidr), via)
    return [...(isInside ? [] : [onLink]), { family, destination: 'default', via, device, table }]
  })
}
