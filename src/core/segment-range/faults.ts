/** Faults of ranges of segmentation ids, with Neutron's messages. */
import { Fault } from '../faults.js'

export const rangeNotFound = (id: string) =>
  new Fault('NetworkSegmentRangeNotFound', 404, `Network Segment Range ${id} could not be found.`)

export const typeWithoutRanges = (type: string) =>
  new Fault(
    'NetworkSegmentRangeNetTypeNotSupported',
    400,
    `Network type ${type} does not support network segment ranges.`,
  )

export const rangeInUse = (id: string) =>
  new Fault(
    'NetworkSegmentRangeReferencedByProject',
    409,
    `Network Segment Range ${id} is referenced by one or more tenant networks.`,
  )

export const rangeOfConfiguration = (id: string) =>
  new Fault(
    'NetworkSegmentRangeDefaultReadOnly',
    400,
    `Network Segment Range ${id} is a default segment range which could not be updated or deleted.`,
  )

export const rangeOverlaps = (ids: readonly string[]) =>
  new Fault(
    'NetworkSegmentRangeOverlaps',
    409,
    `Network segment range overlaps with range(s) with id ${ids.join(', ')}`,
  )

export const vlanRangeError = (range: string, error: string) =>
  new Fault('NetworkVlanRangeError', 400, `Invalid network VLAN range: '${range}' - '${error}'.`)

export const tunnelRangeError = (range: string, error: string) =>
  new Fault('NetworkTunnelRangeError', 400, `Invalid network tunnel range: '${range}' - ${error}.`)

export const physicalNetworkRequired = () =>
  new Fault(
    'BadRequest',
    400,
    "Bad network_segment_range request: Network type vlan requires 'physical_network' to be specified while creating new range.",
  )

export const projectRequired = () =>
  new Fault(
    'BadRequest',
    400,
    'Bad network_segment_range request: if NetworkSegmentRange is not shared, it must have a project_id.',
  )
