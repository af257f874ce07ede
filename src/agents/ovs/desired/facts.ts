import type { NetworkView, PeerView, PortView, SelfView } from '../../../bus/contracts/host-view.js'
import type { ObjectError } from '../../../bus/contracts/messages.js'
import type { HostView } from '../../../bus/contracts/view.js'
import { isTrustedOwner } from '../../../model/owners.js'
import type { LocalDevice, LocalState } from '../local.js'
import { isTunnelType, type OvsSettings, type TunnelType } from '../settings.js'
import { type LocalTrunk, localTrunks, trunkWires, type Wire } from './trunks.js'
import { allocateVlans } from './vlans.js'

/** A network with a device on this host, and how its frames leave the host. */
export interface LocalNetwork {
  readonly network: NetworkView
  /** local VLAN */
  readonly vlan: number
  readonly carrier: Carrier
}

export type Carrier =
  | { readonly kind: 'local' }
  | { readonly kind: 'tunnel'; readonly type: TunnelType; readonly vni: number }
  /** `wireVlan` null: flat */
  | { readonly kind: 'physical'; readonly bridge: string; readonly wireVlan: number | null }

/** A port whose device is here and may carry traffic. */
export interface LocalPort {
  readonly port: PortView
  readonly device: string
  readonly ofport: number
  readonly on: LocalNetwork
  /** where the instance comes in: the device itself, or that of the trunk's instance */
  readonly wire: Wire
}

/** Everything the builders work from, sorted, so that their results do not depend on the order of arrival. */
export interface Facts {
  readonly settings: OvsSettings
  readonly view: HostView
  readonly self: SelfView | null
  readonly peers: readonly PeerView[]
  readonly networks: readonly LocalNetwork[]
  readonly ports: readonly LocalPort[]
  readonly trunks: readonly LocalTrunk[]
  /** devices that must not carry traffic */
  readonly dead: readonly LocalDevice[]
  readonly errors: readonly ObjectError[]
  readonly ofports: ReadonlyMap<string, number>
}

const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

export function sorted<T extends { readonly id: string }>(objects: readonly T[]): T[] {
  return [...objects].sort(byId)
}

export function gatherFacts(view: HostView, local: LocalState, settings: OvsSettings): Facts {
  const errors: ObjectError[] = []
  const carriers = resolveCarriers(view, local, settings, errors)
  const devices = [...local.devices].sort((a, b) => (a.name < b.name ? -1 : 1))
  const trunks = localTrunks(view, local, settings)
  const wires = trunkWires(trunks, local)
  const candidates = devices.flatMap((device) => {
    const wire = wireOf(device, wires)
    return wire === null ? [] : candidate(view, local, settings, carriers, { device, wire }, errors)
  })
  const { vlans, failed } = allocateVlans(
    local.vlans,
    candidates.map(({ port }) => port.networkId),
  )
  for (const id of failed) errors.push({ kind: 'network', id, message: 'no local VLAN is left on this host' })
  const networks = sorted(view.all('network')).flatMap((network): LocalNetwork[] => {
    const vlan = vlans.get(network.id)
    return vlan === undefined ? [] : [{ network, vlan, carrier: carriers.get(network.id)! }]
  })
  const byNetwork = new Map(networks.map((local) => [local.network.id, local]))
  const ports = candidates.flatMap(({ port, device, ofport, wire }): LocalPort[] => {
    const on = byNetwork.get(port.networkId)
    return on ? [{ port, device: device.name, ofport, on, wire }] : []
  })
  const alive = new Set(ports.map(({ device }) => device))
  return {
    settings,
    view,
    self: view.all('self')[0] ?? null,
    peers: sorted(view.all('peer')),
    networks,
    ports: ports.sort((a, b) => byId(a.port, b.port)),
    trunks,
    dead: devices.filter(({ name }) => !alive.has(name)),
    errors,
    ofports: local.ofports,
  }
}

interface Candidate {
  readonly port: PortView
  readonly device: LocalDevice
  readonly ofport: number
  readonly wire: Wire
}

/** Null: the device leads nowhere, or not yet. */
function wireOf({ name, ofport, trunkId }: LocalDevice, wires: ReadonlyMap<string, Wire>): Wire | null {
  if (ofport === null || ofport <= 0) return null
  return trunkId === undefined ? { name, ofport } : (wires.get(name) ?? null)
}

/** A device may carry traffic when its port is up here, its network reaches the host, and it can be secured. */
function candidate(
  view: HostView,
  local: LocalState,
  settings: OvsSettings,
  carriers: ReadonlyMap<string, Carrier>,
  { device, wire }: Pick<Candidate, 'device' | 'wire'>,
  errors: ObjectError[],
): Candidate[] {
  const port = view.get('port', device.portId)
  if (!port?.adminStateUp || !carriers.has(port.networkId)) return []
  const fault = isFiltered(port, settings) ? filterFault(wire, local) : null
  if (fault !== null) errors.push({ kind: 'port', id: port.id, message: fault })
  return fault === null ? [{ port, device, ofport: device.ofport!, wire }] : []
}

/** Whether security groups apply to a port. */
export function isFiltered(port: PortView, settings: OvsSettings): boolean {
  return settings.firewall !== 'noop' && port.portSecurityEnabled && !isTrustedOwner(port.deviceOwner)
}

/** Devices that begin so are the far end of a port's own Linux bridge (qbr), where iptables can act. */
const FILTER_BRIDGE_END = 'qvo'

/** Whether a port has a Linux bridge of its own on its way. */
export const hasFilterBridge = ({ wire }: { readonly wire: Wire }) => wire.name.startsWith(FILTER_BRIDGE_END)

function filterFault(wire: Wire, local: LocalState): string | null {
  if (local.filterFault !== null) return local.filterFault
  if (hasFilterBridge({ wire })) return null
  return `${wire.name} is plugged without a filter bridge, so the iptables_hybrid firewall cannot act on it`
}

function resolveCarriers(
  view: HostView,
  local: LocalState,
  settings: OvsSettings,
  errors: ObjectError[],
): Map<string, Carrier> {
  const carriers = new Map<string, Carrier>()
  for (const network of sorted(view.all('network'))) {
    const carrier = carrierOf(network, local, settings)
    if (typeof carrier !== 'string') carriers.set(network.id, carrier)
    else errors.push({ kind: 'network', id: network.id, message: carrier })
  }
  return carriers
}

/** The carrier, or why there is none. */
function carrierOf(network: NetworkView, local: LocalState, settings: OvsSettings): Carrier | string {
  const { type, physicalNetwork, segmentationId } = network
  if (type === 'local') return { kind: 'local' }
  if (isTunnelType(type)) {
    if (!settings.tunnelTypes.includes(type)) return `tunnel type ${type} is not configured on this host`
    if (settings.localIp === null) return 'no local_ip is configured on this host'
    return segmentationId === null ? 'no segmentation id' : { kind: 'tunnel', type, vni: segmentationId }
  }
  const bridge = settings.bridgeMappings[physicalNetwork ?? '']
  if (bridge === undefined) return `no bridge is mapped to physical network ${physicalNetwork}`
  if (!local.bridges.has(bridge)) return `bridge ${bridge} of physical network ${physicalNetwork} does not exist`
  return { kind: 'physical', bridge, wireVlan: type === 'flat' ? null : segmentationId }
}
