/** What a host offers, as far as it decides how packets are carried. */
export interface HostOffer {
  readonly datapathType: string
  /** `userspace-tso-enable` as ovs-vswitchd runs with it, which is not always what the database says */
  readonly segmentationOffload: boolean
  /** what holds the tunnel endpoint's address: an Open vSwitch bridge, a device of the kernel, nothing (yet) */
  readonly endpoint: 'bridge' | 'device' | 'nowhere'
  /** the kernel has VXLAN devices */
  readonly kernelVxlan: boolean
}

/** How the packets of a host are carried. */
export interface DatapathProfile {
  readonly name: 'system' | 'netdev' | 'netdev-tso'
  /** who puts frames into VXLAN: Open vSwitch, by a port per endpoint, or the kernel, by a device per VNI */
  readonly vxlan: 'switch' | 'kernel'
  /** devices of namespaces: Open vSwitch's internal ports, or veth pairs */
  readonly devices: 'internal' | 'veth'
  /** frames with unfinished checksums and of many segments may enter Open vSwitch */
  readonly offload: boolean
  /** why, for the log and for `agent-show` */
  readonly reason: string
}

/**
 * The fastest profile that is right on a host. With userspace segmentation offload internal ports stall TCP, and
 * Open vSwitch's own tunnels (as of 3.1) drop frames with unfinished checksums: hence veths, and the kernel's VXLAN. Without
 * it both are the faster ones. An endpoint on a bridge can only be Open vSwitch's, one on a NIC only the kernel's.
 */
export function chooseProfile(offer: HostOffer): DatapathProfile {
  const { datapathType, segmentationOffload: offload, endpoint, kernelVxlan } = offer
  if (datapathType !== 'netdev') {
    const reason = 'the kernel switches (openvswitch module)'
    return { name: 'system', vxlan: 'switch', devices: 'internal', offload: false, reason }
  }
  const isKernels = endpoint === 'device' || (endpoint === 'nowhere' && offload)
  const vxlan = isKernels && kernelVxlan ? 'kernel' : 'switch'
  const where = { bridge: 'on a bridge of Open vSwitch', device: 'on a NIC', nowhere: 'on no device' }[endpoint]
  const reason = `userspace-tso-enable is ${offload ? 'in' : 'not in'} effect, the tunnel address is ${where}${
    kernelVxlan ? '' : ', the kernel has no VXLAN'
  }`
  return { name: offload ? 'netdev-tso' : 'netdev', vxlan, devices: offload ? 'veth' : 'internal', offload, reason }
}

export const PLAIN_PROFILE: DatapathProfile = chooseProfile({
  datapathType: 'netdev',
  segmentationOffload: false,
  endpoint: 'bridge',
  kernelVxlan: false,
})
