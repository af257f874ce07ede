/** A VXLAN device of the kernel for one VNI. */
export interface VxlanSpec {
  readonly name: string
  readonly vni: number
  readonly localIp: string
  readonly udpPort: number
  readonly mtu: number
  /** the kernel learns where other MACs than those of `macs` are; otherwise it floods to them */
  readonly learning: boolean
  readonly dontFragment: boolean
  readonly checksum: boolean
  /** endpoints that broadcasts and unknown MACs go to */
  readonly flood: readonly string[]
  /** MAC -> the endpoint it is behind */
  readonly macs: ReadonlyMap<string, string>
}

/** The same of a device that is there. */
export interface VxlanState {
  readonly vni: number
  readonly localIp: string
  readonly udpPort: number
  readonly mtu: number
  readonly learning: boolean
  readonly up: boolean
  readonly flood: ReadonlySet<string>
  /** permanent entries only: what the kernel learned comes and goes by itself */
  readonly macs: ReadonlyMap<string, string>
}
