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

export const subnetsNotAllOnSegments = (networkId: string) =>
  new Fault(
    'SubnetsNotAllAssociatedWithSegments',
    400,
    `All of the subnets on network '${networkId}' must either all be associated with segments or all not associated with any segment.`,
  )

export const severalSegments = (networkId: string) =>
  new Fault(
    'NoUpdateSubnetWhenMultipleSegmentsOnNetwork',
    400,
    `The network '${networkId}' has multiple segments, it is only possible to associate an existing subnet with a segment on networks with a single segment.`,
  )

export const subnetStaysOnSegment = () =>
  new Fault(
    'SubnetSegmentAssociationChangeNotAllowed',
    400,
    'A subnet that is already associated with a segment cannot have its segment association changed.',
  )

export const addressesOfSeveralSegments = () =>
  new Fault('FixedIpsSubnetsNotOnSameSegment', 400, 'Cannot allocate addresses from different segments.')

export const hostOnSeveralSegments = (host: string, networkId: string) =>
  new Fault(
    'HostConnectedToMultipleSegments',
    409,
    `Host ${host} is connected to multiple segments on routed provider network '${networkId}'.  It should be connected to one.`,
  )

export const hostOnNoSegment = (host: string, networkId: string) =>
  new Fault(
    'HostNotConnectedToAnySegment',
    409,
    `Host ${host} is not connected to any segments on routed provider network '${networkId}'.  It should be connected to one.`,
  )

export const hostNotCompatible = (host: string, portId: string) =>
  new Fault(
    'HostNotCompatibleWithFixedIps',
    409,
    `Host ${host} is not connected to a segment where the existing fixed_ips on port ${portId} will function given the routed network topology.`,
  )

export const segmentTooSmall = (mtu: number, largest: number) =>
  invalidInput(`The network's MTU of ${mtu} is too big for the segment, whose maximum is ${largest}`)
