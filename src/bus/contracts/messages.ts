import type { HostObject, HostObjectKind } from './host-view.js'

/** One JSON message per WebSocket frame. An agent opens the stream and says hello; the server answers with its host's view. */

export type AgentType = 'Open vSwitch agent' | 'L3 agent' | 'DHCP agent' | 'Metadata agent' | 'Metering agent'

/** Where a resumed stream continues. `epoch` names one life of the server's projection. */
export interface Position {
  readonly epoch: string
  readonly revision: number
}

// ── agent → server ──────────────────────────────────────────────────────────────

export interface HelloMessage {
  readonly type: 'hello'
  readonly host: string
  readonly binary: string
  readonly resume: Position | null
}

/** Heartbeat, and the agent's own description for `agent-list`/`agent-show`. */
export interface StateMessage {
  readonly type: 'state'
  readonly host: string
  readonly binary: string
  readonly agentType: AgentType
  readonly topic: string
  readonly availabilityZone: string | null
  readonly configurations: Readonly<Record<string, unknown>>
  /** true in the first report of a process */
  readonly start: boolean
}

/** Everything up to `revision` is on the data plane, but for the objects named in `errors`. */
export interface AppliedMessage {
  readonly type: 'applied'
  readonly revision: number
  readonly errors: readonly ObjectError[]
}

export interface ObjectError {
  readonly kind: string
  readonly id: string
  readonly message: string
}

/** Ports that an agent has finished (`aspect` l2: wired and filtered; dhcp: served). Complete list on (re)connect, changes after. */
export interface PortsMessage {
  readonly type: 'ports'
  readonly aspect: 'l2' | 'dhcp'
  /** true: `ready` is the complete list for this host */
  readonly complete: boolean
  readonly ready: readonly string[]
  readonly gone: readonly string[]
  /** plugged in on the host, which was not told of them, since the last report; with `complete` all of them */
  readonly waiting?: readonly string[]
}

export interface FloatingIpsMessage {
  readonly type: 'floatingips'
  readonly active: readonly string[]
  readonly failed: readonly string[]
}

/** What a metering label counted on a host. Names are those of Neutron's notification `l3.meter`. */
export interface MeterSample {
  readonly label_id: string
  readonly project_id: string
  /** of one router alone; absent: of all routers of the host */
  readonly router_id?: string
  /** since the last report */
  readonly pkts: number
  readonly bytes: number
  /** seconds that these cover */
  readonly time: number
  /** seconds since 1970 */
  readonly first_update: number
  readonly last_update: number
  /** since `first_update` */
  readonly total_pkts: number
  readonly total_bytes: number
}

/** Every label that counts on the host: what is not in the list does not (any more). */
export interface MeteringMessage {
  readonly type: 'metering'
  readonly samples: readonly MeterSample[]
}

/** What VRRP has made of this host's part of highly available routers, by router id. All on (re)connect, changes after. */
export interface HaStatesMessage {
  readonly type: 'ha-states'
  readonly states: Readonly<Record<string, 'active' | 'standby'>>
}

export type AgentMessage =
  | HelloMessage
  | StateMessage
  | AppliedMessage
  | PortsMessage
  | FloatingIpsMessage
  | MeteringMessage
  | HaStatesMessage

// ── server → agent ──────────────────────────────────────────────────────────────

export interface SnapshotMessage extends Position {
  readonly type: 'snapshot'
  readonly objects: readonly HostObject[]
}

export interface ChangeMessage extends Position {
  readonly type: 'change'
  readonly put: readonly HostObject[]
  readonly del: readonly { readonly kind: HostObjectKind; readonly id: string }[]
}

export type ServerMessage = SnapshotMessage | ChangeMessage
