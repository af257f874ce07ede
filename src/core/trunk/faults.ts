/** Faults of trunks, with Neutron's messages. */
import { Fault } from '../faults.js'

export const trunkNotFound = (id: string) => new Fault('TrunkNotFound', 404, `Trunk ${id} could not be found.`)

export const subportNotFound = (trunkId: string, portId: string) =>
  new Fault('SubPortNotFound', 404, `SubPort on trunk ${trunkId} with parent port ${portId} could not be found.`)

export const trunkPortInUse = (portId: string) =>
  new Fault('TrunkPortInUse', 409, `Port ${portId} is in use by another trunk.`)

export const parentPortInUse = (portId: string) =>
  new Fault('ParentPortInUse', 409, `Port ${portId} is currently in use and is not eligible for use as a parent port.`)

export const duplicateSubport = (type: string, segmentId: number, trunkId: string) =>
  new Fault(
    'DuplicateSubPort',
    409,
    `segmentation_type ${type} and segmentation_id ${segmentId} already in use on trunk ${trunkId}.`,
  )

export const subportMtuTooLarge = (portId: string, portMtu: number, trunkId: string, trunkMtu: number) =>
  new Fault(
    'SubPortMtuGreaterThanTrunkPortMtu',
    409,
    `MTU ${portMtu} of subport ${portId} cannot be greater than MTU ${trunkMtu} of trunk ${trunkId}.`,
  )

export const portIsParent = (portId: string, trunkId: string) =>
  new Fault('PortInUseAsTrunkParent', 409, `Port ${portId} is currently a parent port for trunk ${trunkId}.`)

export const portIsSubport = (portId: string, trunkId: string) =>
  new Fault('PortInUseAsSubPort', 409, `Port ${portId} is currently a subport for trunk ${trunkId}.`)

export const trunkInUse = (id: string) => new Fault('TrunkInUse', 409, `Trunk ${id} is currently in use.`)

export const trunkDisabled = (id: string) => new Fault('TrunkDisabled', 409, `Trunk ${id} is currently disabled.`)

export const trunkInErrorState = (id: string) =>
  new Fault(
    'TrunkInErrorState',
    409,
    `Trunk ${id} is in error state. Attempt to resolve the error condition before proceeding.`,
  )
