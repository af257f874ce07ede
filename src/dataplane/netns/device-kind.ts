import type { OvsBridge } from '../ovsdb/types.js'

/**
 * How devices of namespaces are made on a host. The Open vSwitch agent decides and marks the integration bridge with it;
 * whoever puts devices into namespaces follows the mark.
 */
export interface DeviceKind {
  /** internal ports of Open vSwitch that are moved, or veth pairs whose near end is its port */
  readonly devices: 'internal' | 'veth'
  /** types of networks whose frames have to be complete (checksum, size) when they leave a veth */
  readonly complete: readonly string[]
}

const DEVICES = 'eastwest-devices'
const COMPLETE = 'eastwest-complete-frames'

/** External ids of the integration bridge. */
export function deviceMarks({ devices, complete }: DeviceKind): Record<string, string> {
  return { [DEVICES]: devices, [COMPLETE]: complete.join(',') }
}

/** Internal ports where nobody decided: they work with every Open vSwitch without segmentation offload. */
export function deviceKindOf(bridge: OvsBridge | undefined): DeviceKind {
  const ids = bridge?.externalIds ?? {}
  return {
    devices: ids[DEVICES] === 'veth' ? 'veth' : 'internal',
    complete: (ids[COMPLETE] ?? '').split(',').filter((type) => type !== ''),
  }
}
