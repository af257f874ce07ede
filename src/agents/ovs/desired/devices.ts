import type { PeerView } from '../../../bus/contracts/host-view.js'
import { DEAD_VLAN } from '../../../dataplane/ovsdb/plan-ports.js'
import type { BridgeSpec, PortChange, PortSpec } from '../../../dataplane/ovsdb/types.js'
import { intPatchName, PATCH_INT, PATCH_TUN, phyPatchName, tunnelName } from '../device-names.js'
import type { LocalState } from '../local.js'
import type { OvsSettings, TunnelType } from '../settings.js'
import type { Facts, LocalNetwork, LocalPort } from './facts.js'

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

export function desiredBridges(settings: OvsSettings, existing: ReadonlySet<string>): BridgeSpec[] {
  // without secure mode a bridge whose flows are not in place yet would forward everything
  const secure = { failMode: 'secure', protocols: PROTOCOLS } as const
  const own = { ...secure, datapathType: settings.datapathType }
  return [
    { ...own, name: settings.integrationBridge },
    ...(usesTunnels(settings) ? [{ ...own, name: settings.tunnelBridge }] : []),
    ...physicalBridges(settings, existing).map((name) => ({ ...secure, name })),
  ]
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

/** Tunnel port to a peer that shares a network of this type with us. */
export interface TunnelPort {
  readonly name: string
  readonly type: TunnelType
  readonly peer: PeerView
}

/** Endpoints that have this network, and can take its type of tunnel. */
export function tunnelPeers(facts: Facts, { network, carrier }: LocalNetwork): TunnelPort[] {
  if (carrier.kind !== 'tunnel') return []
  const { type } = carrier
  return facts.peers.flatMap((peer): TunnelPort[] => {
    if (!network.peers.includes(peer.id) || !peer.tunnelIp || peer.tunnelIp === facts.settings.localIp) return []
    return peer.tunnelTypes.includes(type) ? [{ name: tunnelName(type, peer.tunnelIp), type, peer }] : []
  })
}

export function desiredTunnels(facts: Facts): TunnelPort[] {
  const tunnels = new Map<string, TunnelPort>()
  for (const network of facts.networks) {
    for (const tunnel of tunnelPeers(facts, network)) if (!tunnels.has(tunnel.name)) tunnels.set(tunnel.name, tunnel)
  }
  return [...tunnels.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

export function tunnelPortSpec({ name, type, peer }: TunnelPort, settings: OvsSettings): PortSpec {
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
