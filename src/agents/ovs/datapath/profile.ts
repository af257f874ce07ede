/** What a host offers, as far as it decides how packets are carried. */
export interface HostOffer {
  readonly datapathType: string
  /** `userspace-tso-enable` as ovs-vswitchd runs with it, which is not always what the database says */
  readonly segmentationOffload: boolean
  /** what holds the tunnel endpoint's address: an Open vSwitch bridge, a device of the kernel, nothing (yet) */
  readonly endpoint: 'bridge' | 'device' | 'nowhere'
  /** the kernel has VXLAN devices */
  readonly kernelVxlan: boolean
  /** segments keep the size that their sender gave them, instead of one made from the MTU of the port they leave by */
  readonly keepsSegmentSize: boolean
}

/** `[ovs] datapath_profile`: what is right in every case, or the fastest */
export const PROFILE_WISHES = ['auto', 'plain', 'fast'] as const
export type ProfileWish = (typeof PROFILE_WISHES)[number]

/** How the packets of a host are carried. */
export interface DatapathProfile {
  readonly name: 'system' | 'netdev' | 'netdev-tso'
  /** who puts frames into VXLAN: Open vSwitch, by a port per endpoint, or the kernel, by a device per VNI */
  readonly vxlan: 'switch' | 'kernel'
  /** devices of namespaces: Open vSwitch's internal ports, or veth pairs */
  readonly devices: 'internal' | 'veth'
  /**
   * Where frames with unfinished checksums and of many segments may enter Open vSwitch: nowhere, from networks that the
   * kernel tunnels (whose ports all have one MTU), from every network that Open vSwitch does not tunnel itself
   */
  readonly offload: 'none' | 'tunnels' | 'all'
  /** why, for the log and for `agent-show` */
  readonly reason: string
}

/**
 * The fastest profile that is right on a host. With userspace segmentation offload internal ports stall TCP, and
 * Open vSwitch's own tunnels (as of 3.1) drop frames with unfinished checksums: hence veths, and the kernel's VXLAN. Without
 * it both are the faster ones. An endpoint on a bridge can only be Open vSwitch's, one on a NIC only the kernel's.
 *
 * Before 3.3 Open vSwitch forgets how long a sender wants its segments, and cuts them to the MTU of the port they leave
 * by. Where a receiver or the path takes less, its TCP stalls: such a version is not given segments unless asked to.
 */
export function chooseProfile(offer: HostOffer, wish: ProfileWish = 'auto'): DatapathProfile {
  const { datapathType, segmentationOffload, endpoint, kernelVxlan } = offer
  if (datapathType !== 'netdev') {
    const reason = 'the kernel switches (openvswitch module)'
    return { name: 'system', vxlan: 'switch', devices: 'internal', offload: 'none', reason }
  }
  const isKernels = endpoint === 'device' || (endpoint === 'nowhere' && segmentationOffload)
  const vxlan = isKernels && kernelVxlan ? 'kernel' : 'switch'
  const where = { bridge: 'on a bridge of Open vSwitch', device: 'on a NIC', nowhere: 'on no device' }[endpoint]
  const reasons = [
    `userspace-tso-enable is ${segmentationOffload ? 'in' : 'not in'} effect`,
    `the tunnel address is ${where}`,
    ...(kernelVxlan ? [] : ['the kernel has no VXLAN']),
    ...(segmentationOffload && !offer.keepsSegmentSize ? ['this Open vSwitch changes the size of segments'] : []),
    ...(wish === 'auto' ? [] : [`datapath_profile is ${wish}`]),
  ]
  return {
    name: segmentationOffload ? 'netdev-tso' : 'netdev',
    vxlan,
    devices: segmentationOffload ? 'veth' : 'internal',
    offload: offloadOf(offer, wish),
    reason: reasons.join(', '),
  }
}

function offloadOf(
  { segmentationOffload, keepsSegmentSize }: HostOffer,
  wish: ProfileWish,
): DatapathProfile['offload'] {
  if (!segmentationOffload || wish === 'plain') return 'none'
  if (keepsSegmentSize) return 'all'
  return wish === 'fast' ? 'tunnels' : 'none'
}

export const PLAIN_PROFILE: DatapathProfile = chooseProfile({
  datapathType: 'netdev',
  segmentationOffload: false,
  endpoint: 'bridge',
  kernelVxlan: false,
  keepsSegmentSize: false,
})
