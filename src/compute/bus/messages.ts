/**
 * Between nova-api and the nova-compute of a host: one JSON message per WebSocket frame. nova-api sends what the host should
 * have, complete at first, then what changes; nova-compute answers with what is. Losing the connection or either process loses
 * nothing: both start again with a complete picture.
 */

export type Power = 'running' | 'stopped'

export type Dhcp6Mode = 'stateful' | 'stateless'

export interface DesiredInterface {
  readonly portId: string
  readonly mac: string
  readonly mtu: number
  /** `ovs_hybrid_plug` of `binding:vif_details`: a Linux bridge between instance and br-int */
  readonly hybrid: boolean
  /** integration bridge or that of a trunk, `bridge_name` of `binding:vif_details` */
  readonly bridge: string
  /** `datapath_type` of `binding:vif_details`: that of a bridge which has to be made */
  readonly datapath?: string
  /** the port has an address that DHCP serves */
  readonly dhcp: boolean
  /** what DHCPv6 serves: an address, other settings only, nothing */
  readonly dhcp6: Dhcp6Mode | null
  /** the network service has said that the port is wired (`network-vif-plugged`): DHCP may start */
  readonly confirmed: boolean
}

export interface DesiredInstance {
  readonly id: string
  readonly hostname: string
  readonly power: Power
  /** counts reboots: an instance of a lower generation is started anew */
  readonly generation: number
  readonly interfaces: readonly DesiredInterface[]
}

export interface InterfaceReport {
  readonly portId: string
  /** address that DHCP gave, null while there is none */
  readonly address: string | null
}

export interface InstanceReport {
  readonly id: string
  /** `failed`: could not be set up, everything of it was removed again, see `fault` */
  readonly state: Power | 'absent' | 'failed'
  readonly generation: number
  readonly interfaces: readonly InterfaceReport[]
  readonly fault: string | null
}

// ── nova-api → nova-compute ─────────────────────────────────────────────────────

export type ControlMessage =
  | { readonly type: 'snapshot'; readonly instances: readonly DesiredInstance[] }
  | { readonly type: 'put'; readonly instance: DesiredInstance }
  | { readonly type: 'del'; readonly id: string }
  | { readonly type: 'console'; readonly request: number; readonly id: string; readonly lines: number | null }

// ── nova-compute → nova-api ─────────────────────────────────────────────────────

export interface HostFacts {
  readonly vcpus: number
  readonly memoryMb: number
  readonly hostIp: string
}

export type ComputeMessage =
  | { readonly type: 'hello'; readonly host: string; readonly facts: HostFacts }
  | { readonly type: 'state'; readonly instance: InstanceReport }
  | { readonly type: 'console'; readonly request: number; readonly text: string }
