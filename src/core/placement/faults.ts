/** Faults of what Placement holds for instances, with the messages of Neutron and its library. */
import { Fault } from '../faults.js'
import type { Amounts } from './allocations.js'

/** Neutron writes amounts into its message as Python does. */
const asPython = (amounts: Amounts) =>
  JSON.stringify(amounts).replaceAll('"', "'").replaceAll(':', ': ').replaceAll(',', ', ')

export const noCapacity = (difference: Amounts, consumer: string) =>
  new Fault(
    'QosPlacementAllocationUpdateConflict',
    409,
    `Updating placement allocation with ${asPython(difference)} for consumer ${consumer} failed. The requested resources would exceed the capacity available.`,
  )

export const allocationChanged = (consumer: string) =>
  new Fault(
    'PlacementAllocationGenerationConflict',
    409,
    `Resource allocation has been changed for consumer ${consumer} in Placement while Neutron tried to update it.`,
  )

export const allocationRemoved = (consumer: string) =>
  new Fault('PlacementAllocationRemoved', 400, `Resource allocation is deleted for consumer ${consumer}`)

export const providerNotAllocated = (provider: string, consumer: string) =>
  new Fault('PlacementAllocationRpNotExists', 400, `Resource provider ${provider} for ${consumer} does not exist`)

export const placementRefused = (message: string) =>
  new Fault('PlacementClientError', 500, `Placement Client Error (4xx): ${message}`)
