import type { Flow } from '../../../dataplane/openflow/flow.js'
import { isTrustedOwner } from '../../../model/owners.js'
import { intPatchName, PATCH_INT, PATCH_TUN, phyPatchName } from '../device-names.js'
import { baseFlows as intBase, physicalBaseFlows } from '../pipeline/br-int/base.js'
import { type IntLinks, dvrFlows as intDvr } from '../pipeline/br-int/dvr.js'
import { egressFlows, localIpFlows } from '../pipeline/br-int/local-ip.js'
import { markingFlows } from '../pipeline/br-int/marking.js'
import { wireToLocalFlow } from '../pipeline/br-int/networks.js'
import { deadPortFlow, spoofingFlows, untaggedOnlyFlow } from '../pipeline/br-int/spoofing.js'
import { physicalBridgeFlows } from '../pipeline/br-phy/flows.js'
import { devicePortFlow, baseFlows as tunBase, tunnelPortFlow } from '../pipeline/br-tun/base.js'
import { dvrFlows as tunDvr } from '../pipeline/br-tun/dvr.js'
import { arpAnswerFlow, unicastFlow } from '../pipeline/br-tun/l2population.js'
import { floodFlow, type TunnelNetwork, tunnelToLocalFlow } from '../pipeline/br-tun/networks.js'
import { desiredTunnels, physicalBridges, tunnelPeers, usesTunnels } from './devices.js'
import type { Facts, LocalNetwork } from './facts.js'
import { localIpsHere } from './local-ips.js'
import { knownMacs } from './neighbours.js'
import { type DistributedRouting, distributedRouting } from './routing.js'
import { trunkBridgeFlows } from './trunks.js'

/** All our flows, by bridge. What needs a port that is not there yet is left out. */
export function desiredFlows(facts: Facts, bridges: ReadonlySet<string>): Map<string, readonly Flow[]> {
  const { settings } = facts
  const routing = distributedRouting(facts)
  const physical = physicalBridges(settings, bridges)
  return new Map([
    [settings.integrationBridge, integrationFlows(facts, routing, physical)],
    ...(usesTunnels(settings) ? [[settings.tunnelBridge, tunnelFlows(facts, routing)] as const] : []),
    ...physical.map((bridge) => [bridge, physicalFlows(facts, routing, bridge)] as const),
    ...facts.trunks.map((trunk) => [trunk.bridge, trunkBridgeFlows(trunk, facts.ofports)] as const),
  ])
}

function integrationFlows(facts: Facts, routing: DistributedRouting | null, physical: readonly string[]): Flow[] {
  const links: IntLinks = {
    patchTun: facts.ofports.get(PATCH_TUN) ?? null,
    physical: new Map(
      physical.flatMap((bridge) => {
        const ofport = facts.ofports.get(intPatchName(bridge))
        return ofport === undefined ? [] : [[bridge, ofport] as const]
      }),
    ),
  }
  const marks = new Map(facts.view.all('port_qos').map(({ id, dscp }) => [id, dscp]))
  const guests = facts.ports.filter(({ port }) => !isTrustedOwner(port.deviceOwner))
  const local = localIpsHere(facts, links)
  const served = new Set(local.map(({ vlan }) => vlan))
  return [
    ...intBase(facts.settings.distributedRouting),
    ...[...links.physical.values()].flatMap(physicalBaseFlows),
    ...facts.networks.flatMap((local) => wireFlows(local, links)),
    ...(routing ? intDvr(routing, links) : []),
    ...facts.dead.flatMap(({ ofport }) => (ofport !== null && ofport > 0 ? [deadPortFlow(ofport)] : [])),
    ...guests.map(({ ofport }) => untaggedOnlyFlow(ofport)),
    ...guests.filter(({ port }) => port.portSecurityEnabled).flatMap(spoofingFlows),
    ...local.flatMap(localIpFlows),
    ...guests.filter(({ on }) => served.has(on.vlan)).flatMap(egressFlows),
    ...facts.ports.flatMap(({ port, ofport }) => {
      const dscp = marks.get(port.id) ?? null
      return dscp === null ? [] : markingFlows(ofport, dscp)
    }),
  ]
}

function wireFlows({ vlan, carrier }: LocalNetwork, links: IntLinks): Flow[] {
  if (carrier.kind !== 'physical') return []
  const inPort = links.physical.get(carrier.bridge)
  return inPort === undefined ? [] : [wireToLocalFlow(inPort, carrier.wireVlan, vlan)]
}

function tunnelFlows(facts: Facts, routing: DistributedRouting | null): Flow[] {
  const { settings, ofports } = facts
  const patchInt = ofports.get(PATCH_INT) ?? null
  const arpResponder = settings.arpResponder && settings.l2Population
  const ports = desiredTunnels(facts).flatMap((tunnel) => {
    const ofport = ofports.get(tunnel.name)
    if (ofport === undefined) return []
    return tunnel.by === 'kernel' ? [devicePortFlow(tunnel.device.vni, ofport)] : [tunnelPortFlow(tunnel.type, ofport)]
  })
  return [
    ...tunBase({ distributed: settings.distributedRouting, arpResponder, patchInt }),
    ...ports,
    ...networkFlows(facts, arpResponder),
    ...(routing ? tunDvr(routing, patchInt) : []),
  ]
}

function networkFlows(facts: Facts, arpResponder: boolean): Flow[] {
  const known = facts.settings.l2Population ? knownMacs(facts) : new Map()
  return facts.networks.flatMap((local) => {
    const { network, vlan, carrier } = local
    if (carrier.kind !== 'tunnel') return []
    const tunnel: TunnelNetwork = { vlan, type: carrier.type, vni: carrier.vni }
    const endpoints = new Map(
      tunnelPeers(facts, local).flatMap(({ name, peer }) => {
        const ofport = facts.ofports.get(name)
        return ofport === undefined ? [] : [[peer.id, ofport] as const]
      }),
    )
    return [
      tunnelToLocalFlow(tunnel, facts.settings.distributedRouting),
      ...floodFlow(
        tunnel,
        [...new Set(endpoints.values())].sort((a, b) => a - b),
      ),
      ...populationFlows(tunnel, known.get(network.id) ?? [], endpoints, arpResponder),
    ]
  })
}

function populationFlows(
  tunnel: TunnelNetwork,
  known: readonly { readonly mac: string; readonly host: string; readonly addresses: readonly string[] }[],
  endpoints: ReadonlyMap<string, number>,
  arpResponder: boolean,
): Flow[] {
  return known.flatMap(({ mac, host, addresses }) => {
    const ofport = endpoints.get(host)
    if (ofport === undefined) return []
    const answers = arpResponder ? addresses.map((ip) => arpAnswerFlow(tunnel.vlan, ip, mac)) : []
    return [unicastFlow(tunnel, mac, ofport), ...answers]
  })
}

function physicalFlows(facts: Facts, routing: DistributedRouting | null, bridge: string): Flow[] {
  const phy = facts.ofports.get(phyPatchName(bridge))
  if (phy === undefined) return []
  const networks = facts.networks.flatMap(({ vlan, carrier }) =>
    carrier.kind === 'physical' && carrier.bridge === bridge ? [{ vlan, wireVlan: carrier.wireVlan }] : [],
  )
  return physicalBridgeFlows({ bridge, phy, networks }, facts.settings.distributedRouting, routing)
}
