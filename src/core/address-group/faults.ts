/** Faults of address groups, with Neutron's messages. */
import { Fault } from '../faults.js'

export const addressGroupNotFound = (id: string) =>
  new Fault('AddressGroupNotFound', 404, `Address group ${id} could not be found.`)

export const addressGroupInUse = (id: string) =>
  new Fault('AddressGroupInUse', 409, `Address group ${id} is in use on one or more security group rules.`)

export const addressesExist = (id: string, addresses: readonly string[]) =>
  new Fault('AddressesAlreadyExist', 400, `Addresses ${addresses.join(', ')} already exist in the address group ${id}.`)

export const addressesNotFound = (id: string, addresses: readonly string[]) =>
  new Fault('AddressesNotFound', 404, `Addresses ${addresses.join(', ')} not found in the address group ${id}.`)
