import type { PeerView } from '../../../bus/contracts/host-view.js'
import { type DeviceKind, deviceMarks } from '../../../dataplane/netns/device-kind.js'
import { DEAD_VLAN } from '../../../dataplane/ovsdb/plan-ports.js'
import type { BridgeSpec, PortChange, PortSpec } from '../../../dataplane/ovsdb/types.js'
import type { VxlanSpec } from '../../../dataplane/vxlan/types.js'
import { vxlanDeviceName } from '../../../model/device-names.js'
import { intPatchName, PATCH_INT, PATCH_TUN, phyPatchName, tunnelName } from '../device-names.js'
import type { LocalState } from '../local.js'
import { type OvsSettings, TUNNEL_TYPES, type TunnelType } from '../settings.js'
import type { Carrier, Facts, LocalNetwork, LocalPort } from './facts.js'
import { type KnownMac, knownMacs } from './neighbours.js'
import type { LocalTrunk } from './trunks.js'

/** One end of a patch; the peer is set only when both ends have their flows. */
export interface PatchPort {
  readonly bridge: string
  readonly name: string
  readonly peer: string
}

const PROTOCOLS = ['OpenFlow10', 'OpenFlow13', 'OpenFlow14']
const VXLAN_PORT = 4789

export function usesTunnels(settings: OvsSettings): boolean {
  return settings.localIp !== null && settings.tunnelTypes.length > 0
}

/** Physical bridges that exist (we never create those: they hold the operator's NICs). */
export function physicalBridges(settings: OvsSettings, existing: ReadonlySet<string>): string[] {
  return [...new Set(Object.values(settings.bridgeMappings))].filter((bridge) => existing.has(bridge)).sort()
}

export function desiredBridges(
  settings: OvsSettings,
  existing: ReadonlySet<string>,
  trunks: readonly LocalTrunk[],
): BridgeSpec[] {
  // without secure mode a bridge whose flows are not in place yet would forward everything
  const secure = { failMode: 'secure', protocols: PROTOCOLS } as const
  const own = { ...secure, datapathType: settings.datapathType }
  return [
    { ...own, name: settings.integrationBridge, externalIds: deviceMarks(deviceKind(settings)) },
    ...(usesTunnels(settings) ? [{ ...own, name: settings.tunnelBridge }] : []),
    ...physicalBridges(settings, existing).map((name) => ({ ...secure, name })),
    // made with the instance's device, by who plugs that in
    ...trunks.map(({ id, bridge }) => ({ ...secure, name: bridge, externalIds: { trunk_id: id } })),
  ]
}

/** What other agents have to know about the profile. */
function deviceKind({ profile }: OvsSettings): DeviceKind {
  const { devices, offload, vxlan } = profile
  if (devices === 'internal') return { devices, complete: [] }
  const tunnelled = TUNNEL_TYPES.filter((type) => type !== 'vxlan' || vxlan === 'switch' || offload === 'none')
  return { devices, complete: offload === 'all' ? tunnelled : [...tunnelled, 'vlan', 'flat', 'local'] }
}

export function desiredPatches(settings: OvsSettings, existing: ReadonlySet<string>): PatchPort[] {
  const { integrationBridge, tunnelBridge } = settings
  const pair = (bridge: string, int: string, other: string): PatchPort[] => [
    { bridge: integrationBridge, name: int, peer: other },
    { bridge, name: other, peer: int },
  ]
  return [
    ...(usesTunnels(settings) ? pair(tunnelBridge, PATCH_TUN, PATCH_INT) : []),
    ...physicalBridges(settings, existing).flatMap((name) => pair(name, intPatchName(name), phyPatchName(name))),
  ]
}

/** A port of br-tun that leads to another host: a tunnel of Open vSwitch, to an endpoint for all networks of its type. */
export interface SwitchTunnel {
  readonly by: 'switch'
  readonly name: string
  readonly type: TunnelType
  readonly peer: PeerView
}

/** … or a VXLAN device of the kernel, for one network to all its endpoints. */
export interface KernelTunnel {
  readonly by: 'kernel'
  readonly name: string
  readonly type: 'vxlan'
  readonly device: VxlanSpec
}

export type TunnelPort = SwitchTunnel | KernelTunnel

/** An endpoint that has a network, and the name of the port that leads to it. */
export interface TunnelPeer {
  readonly name: string
  readonly type: TunnelType
  readonly peer: PeerView
}

/** Whether frames of a network are put into their tunnel by the kernel. */
export function isKernelCarried(carrier: Carrier, { profile }: OvsSettings): boolean {
  return carrier.kind === 'tunnel' && carrier.type === 'vxlan' && profile.vxlan === 'kernel'
}

/** Endpoints that have this network, and can take its type of tunnel. */
export function tunnelPeers({ peers, settings }: Facts, { network, carrier }: LocalNetwork): TunnelPeer[] {
  if (carrier.kind !== 'tunnel') return []
  const { type, vni } = carrier
  return peers.flatMap((peer): TunnelPeer[] => {
    if (!network.peers.includes(peer.id) || !peer.tunnelIp || peer.tunnelIp === settings.localIp) return []
    const name = isKernelCarried(carrier, settings) ? vxlanDeviceName(vni) : tunnelName(type, peer.tunnelIp)
    return peer.tunnelTypes.includes(type) ? [{ name, type, peer }] : []
  })
}

export function desiredTunnels(facts: Facts): TunnelPort[] {
  const tunnels = new Map<string, TunnelPort>()
  const known = facts.settings.l2Population ? knownMacs(facts) : new Map<string, readonly KnownMac[]>()
  for (const local of facts.networks) {
    const peers = tunnelPeers(facts, local)
    const { carrier, network } = local
    if (peers.length === 0 || carrier.kind !== 'tunnel') continue
    if (isKernelCarried(carrier, facts.settings)) {
      const tunnel = kernelTunnel(local, carrier.vni, peers, known.get(network.id) ?? [], facts.settings)
      tunnels.set(tunnel.name, tunnel)
    } else {
      for (const peer of peers) if (!tunnels.has(peer.name)) tunnels.set(peer.name, { by: 'switch', ...peer })
    }
  }
  return [...tunnels.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function kernelTunnel(
  { network }: LocalNetwork,
  vni: number,
  peers: readonly TunnelPeer[],
  known: readonly KnownMac[],
  settings: OvsSettings,
): KernelTunnel {
  const endpoints = new Map(peers.map(({ peer }) => [peer.id, peer.tunnelIp!]))
  const behind = known.flatMap(({ mac, host }) => {
    const ip = endpoints.get(host)
    return ip === undefined ? [] : [[mac, ip] as const]
  })
  const name = vxlanDeviceName(vni)
  const device = {
    name,
    vni,
    localIp: settings.localIp!,
    udpPort: settings.vxlanUdpPort,
    mtu: network.mtu,
    // a MAC that nobody announced is flooded; without announcements every MAC would be
    learning: !settings.l2Population,
    dontFragment: settings.dontFragment,
    checksum: settings.tunnelCsum,
    flood: [...new Set(endpoints.values())].sort(),
    macs: new Map(behind),
  }
  return { by: 'kernel', name, type: 'vxlan', device }
}

export function tunnelPortSpec(tunnel: TunnelPort, settings: OvsSettings): PortSpec {
  const { name, type } = tunnel
  if (tunnel.by === 'kernel') return { bridge: settings.tunnelBridge, name, type: '' }
  const { peer } = tunnel
  return {
    bridge: settings.tunnelBridge,
    name,
    type,
    options: {
      df_default: String(settings.dontFragment),
      egress_pkt_mark: '0',
      in_key: 'flow',
      local_ip: settings.localIp!,
      out_key: 'flow',
      remote_ip: peer.tunnelIp!,
      ...(type === 'vxlan' && settings.vxlanUdpPort !== VXLAN_PORT ? { dst_port: String(settings.vxlanUdpPort) } : {}),
      ...(settings.tunnelCsum ? { csum: 'true' } : {}),
    },
  }
}

/** Tags of all devices with an `iface-id`: the local VLAN of the network, or the dead VLAN. */
export function desiredTags(facts: Facts, local: LocalState): Record<string, PortChange> {
  const records = new Map(local.devices.map(({ name, otherConfig }) => [name, otherConfig]))
  return Object.fromEntries([
    ...facts.ports.map((port) => [port.device, aliveTag(port, records.get(port.device) ?? {})] as const),
    ...facts.dead.map(({ name }) => [name, { tag: DEAD_VLAN, vlanMode: 'trunk', trunks: [DEAD_VLAN] }] as const),
  ])
}

/** `other_config` is what a process that starts fresh recovers the local VLANs from. */
function aliveTag({ on: { network, vlan } }: LocalPort, record: Readonly<Record<string, string>>): PortChange {
  const { segmentation_id: _, ...rest } = record
  return {
    tag: vlan,
    vlanMode: null,
    trunks: [],
    otherConfig: {
      ...rest,
      net_uuid: network.id,
      network_type: network.type,
      physical_network: network.physicalNetwork ?? 'None',
      ...(network.segmentationId === null ? {} : { segmentation_id: String(network.segmentationId) }),
      tag: String(vlan),
    },
  }
}
