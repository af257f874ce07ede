/** Faults of port forwardings, with Neutron's messages. */
import { Fault } from '../faults.js'

const bad = (message: string) => new Fault('BadRequest', 400, `Bad port_forwarding request: ${message}.`)

export const portForwardingNotFound = (id: string) =>
  new Fault('PortForwardingNotFound', 404, `Port Forwarding ${id} could not be found.`)

export const floatingIpForwards = (id: string) =>
  new Fault('FipInUseByPortForwarding', 409, `Floating IP ${id} in use by Port Forwarding resources.`)

export const portHasForwarding = (portId: string) =>
  new Fault(
    'PortHasPortForwarding',
    400,
    `Cannot associate floating IP to port ${portId} because it already has a Port Forwarding binding.`,
  )

export const duplicateForwarding = (values: string) =>
  bad(`A duplicate port_forwarding entry with same attributes already exists, conflicting values are ${values}`)

export const portRequired = (side: string) => bad(`Either ${side}_port or ${side}_port_range must be specified`)

export const portNotTwice = (side: string) => bad(`Only one of ${side}_port and ${side}_port_range can be specified`)

export const rangesDiffer = () =>
  bad(
    'Invalid ranges of internal and/or external ports. The relation between internal and external ports must be N-N or 1-N',
  )

export const noInternalIpv4 = (portId: string) =>
  bad(`Requested internal port ${portId} does not have a fixed IPv4 address`)

export const notAnInternalIp = (portId: string, ip: string) =>
  bad(`The internal_ip_address ${ip} is not a fixed IPv4 address of port ${portId}`)

export const otherRouter = (floatingIpId: string, routerId: string, portId: string) =>
  bad(
    `The Floating IP ${floatingIpId} had been set on router ${routerId}, the internal Neutron port ${portId} can not reach it`,
  )
