/** Faults of network logs, with Neutron's messages. */
import { Fault } from '../faults.js'

export const logNotFound = (id: string) =>
  new Fault('LogResourceNotFound', 404, `Log resource ${id} could not be found.`)

export const invalidResourceType = (type: string) =>
  new Fault('InvalidLogResourceType', 400, `Invalid log resource_type: ${type}.`)

export const resourceNotFound = (id: string) => new Fault('ResourceNotFound', 404, `Resource ${id} could not be found.`)

export const targetNotFound = (id: string) =>
  new Fault('TargetResourceNotFound', 404, `Target resource ${id} could not be found.`)

export const typeNotSupported = (type: string, portId: string) =>
  new Fault('LoggingTypeNotSupported', 409, `Logging type ${type} is not supported on port ${portId}.`)

export const notInGroup = (groupId: string, portId: string) =>
  new Fault(
    'InvalidResourceConstraint',
    400,
    `Invalid resource constraint between resource (security_group ${groupId}) and target resource (port ${portId}).`,
  )
