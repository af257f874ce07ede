/** Faults of routers, floating IPs and their scheduling, by Neutron's exception names and with its messages. */
import type { Route } from '../../model/cloud.js'
import type { FaultTypeWith } from '../fault-types.js'
import { Fault } from '../faults.js'

const notFound = (type: FaultTypeWith<404>, message: string) => new Fault(type, 404, message)
const conflict = (type: FaultTypeWith<409>, message: string) => new Fault(type, 409, message)
const bad = (resource: string, message: string) => new Fault('BadRequest', 400, `Bad ${resource} request: ${message}.`)

// ── routers ─────────────────────────────────────────────────────────────────────

export const routerNotFound = (id: string) => notFound('RouterNotFound', `Router ${id} could not be found`)

export const routerInUse = (id: string, reason = 'still has ports') => conflict('RouterInUse', `Router ${id} ${reason}`)

export const deviceNotOwned = (deviceId: string) =>
  conflict(
    'DeviceIDNotOwnedByTenant',
    `The following device_id ${deviceId} is not owned by your tenant or matches another tenants router.`,
  )

export const badRouter = (message: string) => bad('router', message)

export const activeRouterHaChange = () =>
  badRouter('Cannot change HA attribute of active routers. Please set router admin_state_up to False prior to upgrade')

export const noVrIdAvailable = (routerId: string, limit: number) =>
  conflict(
    'NoVRIDAvailable',
    `No more Virtual Router Identifier (VRID) available when creating router ${routerId}. The limit of number of HA Routers per tenant is ${limit}.`,
  )

export const activeRouterConversion = () =>
  badRouter(
    "Cannot change the 'distributed' attribute of active routers. Please set router admin_state_up to False prior to upgrade",
  )

export const notExternal = (networkId: string) => badRouter(`Network ${networkId} is not an external network`)

export const scopesNotJoined = (routerId: string) =>
  badRouter(`Router ${routerId} cannot join subnets of different address scopes`)

export const translatedWithinScope = (routerId: string) =>
  badRouter(`Router ${routerId} needs enable_snat False, its gateway and its interfaces are in one address scope`)

export const externalIpIsGateway = (ip: string) => badRouter(`External IP ${ip} is the same as the gateway IP`)

export const gatewayInUseByFloatingIp = (routerId: string, networkId: string) =>
  conflict(
    'RouterExternalGatewayInUseByFloatingIp',
    `Gateway cannot be updated for router ${routerId}, since a gateway to external network ${networkId} is required by one or more floating IPs.`,
  )

// ── router interfaces ───────────────────────────────────────────────────────────

export const interfaceNeedsOne = () => badRouter('Either subnet_id or port_id must be specified')

export const interfaceNotBoth = () => badRouter('Cannot specify both subnet-id and port-id')

export const subnetNeedsGateway = () => badRouter('Subnet for router interface must have a gateway IP')

export const foreignRouterAdvertisements = (subnetId: string) =>
  badRouter(
    `IPv6 subnet ${subnetId} configured to receive RAs from an external router cannot be added to Neutron Router`,
  )

export const alreadyOnSubnet = (subnetId: string) => badRouter(`Router already has a port on subnet ${subnetId}`)

export const overlappingSubnets = (
  added: { readonly id: string; readonly cidr: string },
  present: { readonly id: string; readonly cidr: string },
) => badRouter(`Cidr ${added.cidr} of subnet ${added.id} overlaps with cidr ${present.cidr} of subnet ${present.id}`)

export const secondIpv6Port = (portId: string, networkId: string) =>
  badRouter(
    `Router already contains IPv6 port ${portId} belonging to network id ${networkId}. Only one IPv6 port from the same network subnet can be connected to a router`,
  )

export const severalIpv4Subnets = () => badRouter('Cannot have multiple IPv4 subnets on router port')

export const portNeedsAddress = () => badRouter('Router port must have at least one fixed IP')

export const interfaceNotFound = (routerId: string, portId: string) =>
  notFound('RouterInterfaceNotFound', `Router ${routerId} does not have an interface with id ${portId}`)

export const interfaceNotFoundForSubnet = (routerId: string, subnetId: string) =>
  notFound('RouterInterfaceNotFoundForSubnet', `Router ${routerId} has no interface on subnet ${subnetId}`)

export const subnetMismatch = (portId: string, subnetId: string) =>
  new Fault('SubnetMismatchForPort', 400, `Subnet on port ${portId} does not match the requested subnet ${subnetId}.`)

export const interfaceInUseByFloatingIp = (routerId: string, subnetId: string) =>
  conflict(
    'RouterInterfaceInUseByFloatingIP',
    `Router interface for subnet ${subnetId} on router ${routerId} cannot be deleted, as it is required by one or more floating IPs.`,
  )

export const interfaceInUseByRoute = (routerId: string, subnetId: string) =>
  conflict(
    'RouterInterfaceInUseByRoute',
    `Router interface for subnet ${subnetId} on router ${routerId} cannot be deleted, as it is required by one or more routes.`,
  )

// ── routes ──────────────────────────────────────────────────────────────────────

export const tooManyRoutes = (routerId: string, max: number) =>
  new Fault(
    'RoutesExhausted',
    400,
    `Unable to complete operation for ${routerId}. The number of routes exceeds the maximum ${max}.`,
  )

export const invalidRoutes = (routes: readonly Route[], reason: string) =>
  new Fault('InvalidRoutes', 400, `Invalid format for routes: ${shownRoutes(routes)}, ${reason}`)

/** As Python prints a list of dictionaries. */
function shownRoutes(routes: readonly Route[]): string {
  return `[${routes.map((route) => `{'destination': '${route.destination}', 'nexthop': '${route.nexthop}'}`).join(', ')}]`
}

// ── floating IPs ────────────────────────────────────────────────────────────────

export const floatingIpNotFound = (id: string) => notFound('FloatingIPNotFound', `Floating IP ${id} could not be found`)

export const badFloatingIp = (message: string) => bad('floatingip', message)

export const notValidExternal = (networkId: string) =>
  badFloatingIp(`Network ${networkId} is not a valid external network`)

export const noIpv4Subnet = (networkId: string) =>
  badFloatingIp(`Network ${networkId} does not contain any IPv4 subnet`)

export const externalAddressesExhausted = (networkId: string) =>
  new Fault('ExternalIpAddressExhausted', 400, `Unable to find any IP address on external network ${networkId}.`)

export const fixedIpNeedsPort = () => badFloatingIp('fixed_ip_address cannot be specified without a port_id')

export const noFixedIpv4 = (portId: string) =>
  badFloatingIp(`Cannot add floating IP to port ${portId} that has no fixed IPv4 addresses`)

export const severalFixedIpv4 = (portId: string) =>
  badFloatingIp(
    `Port ${portId} has multiple fixed IPv4 addresses. Must provide a specific IPv4 address when assigning a floating IP`,
  )

export const notAFixedIp = (portId: string, ip: string) => badFloatingIp(`Port ${portId} does not have fixed ip ${ip}`)

export const notAnIpv4 = (ip: string) =>
  badFloatingIp(`Cannot create floating IP and bind it to ${ip}, since that is not an IPv4 address`)

export const foreignPort = (portId: string) =>
  badFloatingIp(
    `Cannot create floating IP and bind it to port ${portId}, since that port is owned by a different tenant`,
  )

export const externalGatewayNotFound = (networkId: string, subnetId: string, portId: string) =>
  notFound(
    'ExternalGatewayForFloatingIPNotFound',
    `External network ${networkId} is not reachable from subnet ${subnetId}.  Therefore, cannot associate Port ${portId} with a Floating IP.`,
  )

export interface TakenTarget {
  readonly floatingIp: string
  readonly id: string
  readonly portId: string
  readonly fixedIp: string
  readonly networkId: string
}

export const alreadyAssociated = ({ floatingIp, id, portId, fixedIp, networkId }: TakenTarget) =>
  conflict(
    'FloatingIPPortAlreadyAssociated',
    `Cannot associate floating IP ${floatingIp} (${id}) with port ${portId} using fixed IP ${fixedIp}, as that fixed IP already has a floating IP on external network ${networkId}.`,
  )

export const addressHasFloatingIp = (ip: string, portId: string) =>
  bad('port', `Fixed IP ${ip} cannot be removed from port ${portId}, as it is required by one or more floating IPs`)

export const routerPortFixed = (portId: string) =>
  bad('port', `Unable to update the device or the addresses of port ${portId}, as it belongs to a router`)

// ── scheduling ──────────────────────────────────────────────────────────────────

export const invalidL3Agent = (id: string) =>
  notFound('InvalidL3Agent', `Agent ${id} is not a L3 Agent or has been disabled`)

export const routerHosted = (routerId: string, agentId: string) =>
  conflict('RouterHostedByL3Agent', `The router ${routerId} has been already hosted by the L3 Agent ${agentId}.`)

export const routerNotHosted = (routerId: string, agentId: string) =>
  conflict('RouterNotHostedByL3Agent', `The router ${routerId} is not hosted by L3 agent ${agentId}.`)

export const agentMismatch = (routerId: string, routerType: string, agentId: string, mode: string) =>
  conflict('RouterL3AgentMismatch', `Cannot host ${routerType} router ${routerId} on ${mode} L3 agent ${agentId}.`)

export const cannotAssignToDvrAgent = () =>
  conflict('DVRL3CannotAssignToDvrAgent', "Not allowed to manually assign a router to an agent in 'dvr' mode.")

export const cannotRemoveFromDvrAgent = () =>
  conflict('DVRL3CannotRemoveFromDvrAgent', "Not allowed to manually remove a router from an agent in 'dvr' mode.")
