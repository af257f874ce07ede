import type { InterfaceAddress, NeighbourSpec, ProxySpec, RouteSpec, RuleSpec } from '../ip/types.js'
import type { RuleSet } from '../iptables/types.js'
import type { LimitedDevice } from '../tc/address-limits.js'

/** A device in the namespace that is a port of the integration bridge: see `DeviceKind`. */
export interface DeviceSpec {
  readonly name: string
  /** Neutron port id: `iface-id` */
  readonly portId: string
  /** type of its network (vxlan, flat …): whether frames may leave it unfinished depends on it */
  readonly networkType?: string
  readonly mac: string
  readonly mtu: number
  readonly addresses: readonly InterfaceAddress[]
  /** other addresses, and routes over the device, are made and taken away by another program: they are left alone */
  readonly shared?: boolean
}

/** This namespace's end of a veth pair. The other end's namespace lists the mirror image. */
export interface VethSpec {
  readonly name: string
  readonly mac: string
  readonly mtu: number
  readonly addresses: readonly InterfaceAddress[]
  readonly peer: { readonly namespace: string; readonly name: string; readonly mac: string }
}

/** Everything we want in one namespace. */
export interface NamespaceSpec {
  readonly name: string
  /** keys with dots, as sysctl(8) takes them */
  readonly sysctls: Readonly<Record<string, string>>
  readonly devices: readonly DeviceSpec[]
  readonly veths: readonly VethSpec[]
  readonly rules: readonly RuleSpec[]
  readonly routes: readonly RouteSpec[]
  readonly neighbours: readonly NeighbourSpec[]
  /** absent: none */
  readonly proxies?: readonly ProxySpec[]
  readonly iptables: { readonly ipv4: RuleSet; readonly ipv6: RuleSet }
  /** absent: no address is limited */
  readonly limits?: LimitedDevice
}
