/** Faults of local IPs, with Neutron's names and messages. */
import { Fault } from '../faults.js'

export const localIpNotFound = (id: string) => new Fault('LocalIPNotFound', 404, `Local IP ${id} could not be found.`)

export const localIpInUse = (id: string) =>
  new Fault('LocalIPInUse', 409, `Local IP ${id} is still associated with one or more ports.`)

export const noAddress = (portId: string) =>
  new Fault('LocalIPNoIP', 400, `Specified Port ${portId} has no fixed IPs configured.`)

export const addressNotFound = (portId: string, ip: string) =>
  new Fault('LocalIPRequestedIPNotFound', 400, `Specified Port ${portId} does not have requested IP address: ${ip}.`)

export const addressNotNamed = (portId: string) =>
  new Fault(
    'LocalIPNoRequestedIP',
    400,
    `Specified Port ${portId} has several IPs, should specify exact IP address to use for Local IP.`,
  )

export const portOrNetworkRequired = () =>
  new Fault('LocalIPPortOrNetworkRequired', 400, 'Either Port ID or Network ID must be specified for Local IP create.')

export const associationNotFound = (localIpId: string, portId: string) =>
  new Fault(
    'LocalIPAssociationNotFound',
    404,
    `Local IP ${localIpId} association with port ${portId} could not be found.`,
  )

const bad = (resource: string, message: string) => new Fault('BadRequest', 400, `Bad ${resource} request: ${message}.`)

export const portNotThere = (resource: 'local_ip' | 'local_ip_port_association', id: string) =>
  bad(resource, `Port ${id} not found`)

export const noIpv4Subnet = (networkId: string) =>
  bad('local_ip', `Network ${networkId} does not contain any IPv4 subnet`)

export const duplicateAssociation = (localIpId: string, portId: string) =>
  new Fault(
    'NeutronDbObjectDuplicateEntry',
    409,
    `Failed to create a duplicate LocalIPAssociation: for attribute(s) ['local_ip_id', 'fixed_port_id'] with value(s) ${localIpId}-${portId}`,
  )
