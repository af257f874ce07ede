/** Faults of segments, with Neutron's messages. */
import { invalidInput } from '../fault-messages.js'
import { Fault } from '../faults.js'

export const segmentNotFound = (id: string) => new Fault('SegmentNotFound', 404, `Segment ${id} could not be found.`)

export const segmentInUse = (id: string, reason: string) =>
  new Fault('SegmentInUse', 409, `Segment '${id}' cannot be deleted: ${reason}.`)

export const networkIdsDontMatch = (networkId: string, segmentId: string) =>
  new Fault(
    'NetworkIdsDontMatch',
    400,
    `The subnet's network id, '${networkId}', doesn't match the network_id of segment '${segmentId}'`,
  )

/** Routed provider networks: the addresses of a port would depend on its host. */
export const routedNetwork = () =>
  invalidInput('Routed provider networks are not supported: a subnet is on all segments of its network')

export const segmentTooSmall = (mtu: number, largest: number) =>
  invalidInput(`The network's MTU of ${mtu} is too big for the segment, whose maximum is ${largest}`)
