/** What is on the host, as far as the desired state depends on it. */
export interface LocalState {
  /** devices on the integration bridge that carry an `iface-id` */
  readonly devices: readonly LocalDevice[]
  /** the same on the bridges of trunks */
  readonly trunkDevices: readonly TrunkDevice[]
  /** OpenFlow port numbers of patch and tunnel ports, by name */
  readonly ofports: ReadonlyMap<string, number>
  /** names of the bridges that exist */
  readonly bridges: ReadonlySet<string>
  /** local VLANs in use: network id -> VLAN */
  readonly vlans: ReadonlyMap<string, number>
  /** conntrack zones in use: port id -> zone */
  readonly zones: ReadonlyMap<string, number>
  /** null: security groups can act; otherwise why they cannot */
  readonly filterFault: string | null
}

export interface LocalDevice {
  readonly name: string
  /** `iface-id` */
  readonly portId: string
  /** null while vswitchd has not opened it, or could not */
  readonly ofport: number | null
  readonly otherConfig: Readonly<Record<string, string>>
  /** made by this agent for a port of the trunk; absent: somebody plugged it in */
  readonly trunkId?: string
}

export interface TrunkDevice extends LocalDevice {
  readonly bridge: string
}
