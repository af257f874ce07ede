import type { EventEmitter } from 'node:events'

/** Live copies of the rows that agents work with, kept current by an OVSDB monitor. */
export interface OvsInterface {
  readonly name: string
  readonly type: string
  /** null until vswitchd has opened it, -1 when it could not */
  readonly ofport: number | null
  readonly mac: string | null
  readonly externalIds: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
  readonly error: string | null
}

export interface OvsPort {
  readonly name: string
  readonly bridge: string
  readonly tag: number | null
  readonly trunks: readonly number[]
  readonly vlanMode: string | null
  readonly otherConfig: Readonly<Record<string, string>>
  readonly interfaces: readonly string[]
}

export interface OvsBridge {
  readonly name: string
  readonly datapathType: string
  readonly failMode: string | null
  readonly otherConfig: Readonly<Record<string, string>>
  readonly externalIds: Readonly<Record<string, string>>
  readonly ports: readonly string[]
}

export interface BridgeSpec {
  readonly name: string
  readonly datapathType?: string
  readonly failMode?: 'secure' | 'standalone'
  readonly otherConfig?: Readonly<Record<string, string>>
  readonly externalIds?: Readonly<Record<string, string>>
  readonly protocols?: readonly string[]
}

export interface PortSpec {
  readonly bridge: string
  readonly name: string
  /** '' for an existing kernel device, `internal`, `patch`, `vxlan`, `gre` … */
  readonly type: string
  readonly options?: Readonly<Record<string, string>>
  readonly externalIds?: Readonly<Record<string, string>>
  /**
   * true: the port starts in the dead VLAN (tag 4095, vlan_mode trunk, trunks 4095), which passes nothing, until the
   * Open vSwitch agent wires it
   */
  readonly dead?: boolean
  /** Interface.mtu_request */
  readonly mtu?: number
}

/** At most what a port may send, of itself by a queue. */
export interface PortRate {
  readonly bitsPerSecond: number
  readonly burstBits: number
}

/** Fields of an existing port or interface to set; absent = leave alone, null = clear. */
export interface PortChange {
  readonly tag?: number | null
  readonly trunks?: readonly number[]
  readonly vlanMode?: string | null
  readonly otherConfig?: Readonly<Record<string, string>>
  readonly options?: Readonly<Record<string, string>>
  readonly externalIds?: Readonly<Record<string, string>>
  readonly rate?: PortRate | null
}

interface VswitchEvents {
  /** some row changed (coalesced per monitor update) */
  change: []
  /** the connection to ovsdb-server was lost / is back with a complete copy */
  disconnected: []
  connected: []
}

/**
 * One persistent connection to a host's ovsdb-server. Reads are from the live copy; each write is one transaction
 * that waits for vswitchd where the caller needs the result (`ofport`). All writes are idempotent: they read
 * the copy first and return the number of transactions really sent (0 or 1).
 */
export interface Vswitch extends EventEmitter<VswitchEvents> {
  readonly connected: boolean
  bridge(name: string): OvsBridge | undefined
  bridges(): OvsBridge[]
  port(name: string): OvsPort | undefined
  ports(bridge?: string): OvsPort[]
  interface(name: string): OvsInterface | undefined
  interfaces(): OvsInterface[]
  /** Creates the bridges that are missing and corrects those that differ. Ports are untouched. */
  ensureBridges(specs: readonly BridgeSpec[]): Promise<number>
  deleteBridges(names: readonly string[]): Promise<number>
  /** Adds or corrects ports in one transaction, then waits until each interface has an ofport (or an error). */
  ensurePorts(specs: readonly PortSpec[]): Promise<number>
  changePorts(changes: Readonly<Record<string, PortChange>>): Promise<number>
  deletePorts(names: readonly string[]): Promise<number>
  /** Removes rates of ports that are gone. */
  forgetRates(): Promise<number>
  close(): void
}
