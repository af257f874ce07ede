/** Faults of conntrack helpers, with Neutron's messages. */
import { Fault } from '../faults.js'

export const helperNotFound = (id: string) =>
  new Fault('ConntrackHelperNotFound', 404, `Conntrack Helper ${id} could not be found.`)

export const helperNotAllowed = (helper: string) =>
  new Fault('ConntrackHelperNotAllowed', 400, `Conntrack Helper ${helper} is not allowed.`)

export const wrongProtocol = (helper: string, protocol: string, supported: readonly string[]) =>
  new Fault(
    'InvalidProtocolForHelper',
    400,
    `Conntrack Helper ${helper} does not support: ${protocol}. Supported protocols are: ${supported.join(', ')}`,
  )

export const duplicateHelper = (values: string) =>
  new Fault(
    'BadRequest',
    400,
    `Bad conntrack_helper request: A duplicate conntrack helper entry with same attributes already exists, conflicting values are ${values}.`,
  )
