/** Faults of port bindings, with Neutron's messages. */
import { Fault } from '../faults.js'

export const bindingNotFound = (portId: string, host: string) =>
  new Fault('PortBindingNotFound', 404, `Binding for port ${portId} for host ${host} could not be found.`)

export const bindingExists = (portId: string, host: string) =>
  new Fault('PortBindingAlreadyExists', 409, `Binding for port ${portId} on host ${host} already exists.`)

export const bindingActive = (portId: string, host: string) =>
  new Fault('PortBindingAlreadyActive', 409, `Binding for port ${portId} on host ${host} is already active.`)

export const bindingFailed = (portId: string, host: string) =>
  new Fault('PortBindingError', 500, `Binding for port ${portId} on host ${host} could not be created or updated.`)

export const ownerWithoutBindings = (operation: string, deviceOwner: string, portId: string) =>
  new Fault(
    'UnsupportedPortDeviceOwner',
    409,
    `Operation ${operation} is not supported for device_owner ${deviceOwner} on port ${portId}.`,
  )
