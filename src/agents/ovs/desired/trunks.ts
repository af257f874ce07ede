import type { HostView } from '../../../bus/contracts/view.js'
import type { FilterBridgeSpec } from '../../../dataplane/filter-bridge/types.js'
import type { Flow } from '../../../dataplane/openflow/flow.js'
import type { PortSpec } from '../../../dataplane/ovsdb/types.js'
import { qvoName, spiName, sptName, tpiName, tptName, trunkBridgeName } from '../../../model/device-names.js'
import type { LocalState, TrunkDevice } from '../local.js'
import { trunkFlows } from '../pipeline/br-trunk/flows.js'
import type { OvsSettings } from '../settings.js'
import type { Facts } from './facts.js'

/**
 * A trunk whose instance is plugged in here:
 *
 *   instance ─ … ─ tbr ─┬─ tpt ═patch═ tpi ─ br-int                                  the parent
 *                       └─ spt ═veth═ tap ─ qbr ─ qvb ═veth═ qvo ─ br-int           each subport, filtered
 *                          spt ═patch═ spi ─ br-int                                 each subport, unfiltered (firewall noop)
 *
 * Neutron has the patch for every subport, and does not filter them with this firewall. A bridge of its own makes a
 * subport a port like any other: rules, zones and limits act on it by the same devices.
 */
export interface LocalTrunk {
  readonly id: string
  readonly bridge: string
  /** device of the instance on the trunk's bridge */
  readonly device: TrunkDevice
  readonly parent: TrunkMember
  readonly subports: readonly LocalSubport[]
}

interface TrunkMember {
  readonly portId: string
  readonly mac: string
}

interface LocalSubport extends TrunkMember {
  readonly vlan: number
  readonly mtu: number
  readonly filtered: boolean
}

/** The end of a port's way that is nearest to the instance, in Open vSwitch. */
export interface Wire {
  readonly name: string
  readonly ofport: number
}

/** What trunks need beside bridges and flows. */
export interface Trunks {
  readonly ports: readonly PortSpec[]
  readonly filterBridges: readonly FilterBridgeSpec[]
  /** port id -> the trunk's bridge, of parents and subports */
  readonly bridges: ReadonlyMap<string, string>
}

export function desiredTrunks({ trunks, settings }: Pick<Facts, 'trunks' | 'settings'>): Trunks {
  return {
    ports: trunks.flatMap((trunk) => trunkPorts(trunk, settings.integrationBridge)),
    filterBridges: trunks.flatMap(trunkFilterBridges),
    bridges: new Map(
      trunks.flatMap(({ bridge, parent, subports }) =>
        [parent, ...subports].map(({ portId }) => [portId, bridge] as const),
      ),
    ),
  }
}

export function localTrunks(view: HostView, local: LocalState, settings: OvsSettings): LocalTrunk[] {
  const found = view.all('trunk').flatMap(({ id, portId, subports }): LocalTrunk[] => {
    const bridge = trunkBridgeName(id)
    const device = local.trunkDevices.find((each) => each.bridge === bridge && each.portId === portId)
    const parent = view.get('port', portId)
    if (!device || !parent) return []
    const members = subports.flatMap((subport): LocalSubport[] => {
      const port = view.get('port', subport.portId)
      const network = port && view.get('network', port.networkId)
      if (!network) return []
      const filtered = settings.firewall === 'iptables_hybrid'
      return [{ portId: port.id, mac: port.mac, vlan: subport.vlan, mtu: network.mtu, filtered }]
    })
    return [{ id, bridge, device, parent: { portId, mac: parent.mac }, subports: members }]
  })
  return found.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Ports that join the trunk's bridge with br-int. They start dead: nothing passes before rules and flows stand. */
function trunkPorts(trunk: LocalTrunk, integrationBridge: string): PortSpec[] {
  const mark = { trunk_id: trunk.id }
  const inner = ({ portId, mac }: TrunkMember) => ({
    bridge: integrationBridge,
    dead: true,
    externalIds: { ...mark, 'iface-id': portId, 'iface-status': 'active', 'attached-mac': mac },
  })
  const outer = { bridge: trunk.bridge, externalIds: mark }
  const patch = (outside: string, inside: string, member: TrunkMember): PortSpec[] => [
    { ...outer, name: outside, type: 'patch', options: { peer: inside } },
    { ...inner(member), name: inside, type: 'patch', options: { peer: outside } },
  ]
  const { portId } = trunk.parent
  return [
    ...patch(tptName(portId), tpiName(portId), trunk.parent),
    ...trunk.subports.flatMap((subport) =>
      subport.filtered
        ? [
            { ...outer, name: sptName(subport.portId), type: '' },
            { ...inner(subport), name: qvoName(subport.portId), type: '' },
          ]
        : patch(sptName(subport.portId), spiName(subport.portId), subport),
    ),
  ]
}

function trunkFilterBridges({ subports }: LocalTrunk): FilterBridgeSpec[] {
  return subports.flatMap(({ portId, mtu, filtered }) => (filtered ? [{ portId, mtu, outer: sptName(portId) }] : []))
}

/** The flows of the trunk's bridge; those of ports that are not there yet are left out. */
export function trunkBridgeFlows({ device, parent, subports }: LocalTrunk, ofports: LocalState['ofports']): Flow[] {
  const toParent = ofports.get(tptName(parent.portId))
  if (device.ofport === null || device.ofport <= 0 || toParent === undefined) return []
  const links = subports.flatMap(({ portId, vlan }) => {
    const ofport = ofports.get(sptName(portId))
    return ofport === undefined ? [] : [{ vlan, ofport }]
  })
  return trunkFlows({ instance: device.ofport, parent: toParent, subports: links })
}

/** Devices on br-int by which ports of trunks are reached, with the end of their way. Others of ours lead nowhere. */
export function trunkWires(trunks: readonly LocalTrunk[], local: LocalState): ReadonlyMap<string, Wire> {
  const own = new Map(local.devices.map((device) => [device.name, device.ofport]))
  const wires = trunks.flatMap(({ device, parent, subports }): (readonly [string, Wire])[] => {
    const { ofport } = device
    if (ofport === null || ofport <= 0 || !local.ofports.has(tptName(parent.portId))) return []
    const joined = subports.flatMap(({ portId, filtered }) => {
      const name = filtered ? qvoName(portId) : spiName(portId)
      const found = own.get(name)
      return found && found > 0 && local.ofports.has(sptName(portId)) ? [[name, { name, ofport: found }] as const] : []
    })
    return [[tpiName(parent.portId), { name: device.name, ofport }], ...joined]
  })
  return new Map(wires)
}
