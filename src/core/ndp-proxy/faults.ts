/** Faults of NDP proxies, with Neutron's names and messages. */
import type { FaultTypeWith } from '../fault-types.js'
import { Fault } from '../faults.js'

const conflict = (type: FaultTypeWith<409>, message: string) => new Fault(type, 409, message)

export const proxyNotFound = (id: string) => new Fault('NDPProxyNotFound', 404, `NDP proxy ${id} could not be found.`)

export const gatewayNotValid = (routerId: string, reason: string) =>
  conflict('RouterGatewayNotValid', `Can not enable ndp proxy no router ${routerId}, ${reason}.`)

export const proxiesNotEnabled = (routerId: string) =>
  conflict(
    'RouterNDPProxyNotEnable',
    `The enable_ndp_proxy parameter of router ${routerId} must be set as True while create ndp proxy entry on it.`,
  )

export const gatewayInUseByProxy = (routerId: string) =>
  conflict(
    'RouterGatewayInUseByNDPProxy',
    `Unable to unset external gateway of router ${routerId}, There are one or more ndp proxies still in use on the router.`,
  )

export const interfaceInUseByProxy = (routerId: string, subnetId: string) =>
  conflict(
    'RouterInterfaceInUseByNDPProxy',
    `Unable to remove subnet ${subnetId} from router ${routerId}, There are one or more ndp proxies still in use on the subnet.`,
  )

export const ipv6GatewayInUse = (routerId: string) =>
  conflict(
    'RouterIPv6GatewayInUse',
    `Can't remove the IPv6 subnet from external gateway of router ${routerId}, the IPv6 subnet in use by the router's ndp proxy.`,
  )

export const portUnreachable = (portId: string, routerId: string) =>
  conflict('PortUnreachableRouter', `The port ${portId} cannot reach the router ${routerId} by IPv6 subnet.`)

export const scopesDiffer = (outside: string | null, inside: string | null) =>
  conflict(
    'AddressScopeConflict',
    `The IPv6 address scope ${shown(outside)} of external network conflict with internal network's IPv6 address scope ${shown(inside)}.`,
  )

/** As Python prints what is not there. */
const shown = (scope: string | null) => scope ?? 'None'

export const invalidAddress = (address: string, reason: string) =>
  new Fault('InvalidAddress', 400, `The address ${address} is invalid, reason: ${reason}.`)

export const portWithoutIpv6 = (portId: string) =>
  new Fault(
    'BadRequest',
    400,
    `Bad ndp_proxy request: Requested port ${portId} must allocate one IPv6 address at least.`,
  )

export const duplicateProxy = (routerId: string, ip: string) =>
  conflict(
    'NeutronDbObjectDuplicateEntry',
    `Failed to create a duplicate NDPProxy: for attribute(s) ['router_id', 'ip_address'] with value(s) ${routerId}-${ip}`,
  )
