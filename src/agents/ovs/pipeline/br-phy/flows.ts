import type { Flow } from '../../../../dataplane/openflow/flow.js'
import { BROADCAST, type Match } from '../../../../dataplane/openflow/match.js'
import { ipVersion } from '../../../../model/ip.js'
import type { DistributedRouting, RouterInterface } from '../../desired/routing.js'
import { discoveryOfRouter } from '../router-discovery.js'
import { brPhy } from './tables.js'

/** A network of the host on this bridge. `wireVlan` null: flat. */
export interface PhysicalNetwork {
  readonly vlan: number
  readonly wireVlan: number | null
}

export interface PhysicalBridge {
  readonly bridge: string
  /** OpenFlow port of `phy-…` */
  readonly phy: number
  readonly networks: readonly PhysicalNetwork[]
}

/** All flows of a physical bridge. `routing` null: this host does not route by itself. */
export function physicalBridgeFlows(
  physical: PhysicalBridge,
  distributed: boolean,
  routing: DistributedRouting | null,
): Flow[] {
  return [
    brPhy.flow({
      table: 'LOCAL_SWITCHING',
      priority: 0,
      actions: [{ kind: 'normal' }],
      feature: 'base',
      why: 'an ordinary switch',
    }),
    ...(distributed ? distributedBase(physical.phy) : [unknownVlan('LOCAL_SWITCHING', physical.phy)]),
    ...physical.networks.map((network) => toWireFlow(network, physical.phy, distributed)),
    ...(routing ? dvrFlows(physical, routing) : []),
  ]
}

function unknownVlan(table: 'LOCAL_SWITCHING' | 'LOCAL_VLAN_TRANSLATION', phy: number): Flow {
  return brPhy.flow({
    table,
    priority: 2,
    match: { inPort: phy },
    feature: 'base',
    why: 'a local VLAN that does not belong on this bridge',
  })
}

function distributedBase(phy: number): Flow[] {
  return [
    brPhy.flow({
      table: 'LOCAL_SWITCHING',
      priority: 2,
      match: { inPort: phy },
      actions: [{ kind: 'goto', table: 'DVR_PROCESS' }],
      feature: 'base',
      why: 'from br-int',
    }),
    brPhy.flow({
      table: 'LOCAL_SWITCHING',
      priority: 1,
      actions: [{ kind: 'goto', table: 'DVR_NOT_LEARN' }],
      feature: 'base',
      why: 'from the wire',
    }),
    brPhy.flow({
      table: 'DVR_PROCESS',
      priority: 0,
      actions: [{ kind: 'goto', table: 'LOCAL_VLAN_TRANSLATION' }],
      feature: 'base',
      why: 'not from or to a router of this host',
    }),
    unknownVlan('LOCAL_VLAN_TRANSLATION', phy),
    brPhy.flow({
      table: 'DVR_NOT_LEARN',
      priority: 1,
      actions: [{ kind: 'normal' }],
      feature: 'base',
      why: 'an ordinary switch',
    }),
  ]
}

function toWireFlow({ vlan, wireVlan }: PhysicalNetwork, phy: number, distributed: boolean): Flow {
  return brPhy.flow({
    table: distributed ? 'LOCAL_VLAN_TRANSLATION' : 'LOCAL_SWITCHING',
    priority: 4,
    match: { inPort: phy, vlan },
    actions: [wireVlan === null ? { kind: 'popVlan' } : { kind: 'setVlan', vlan: wireVlan }, { kind: 'normal' }],
    feature: 'network',
    why: 'from the local VLAN of its network onto the wire',
  })
}

function dvrFlows({ bridge, phy }: PhysicalBridge, { ownMac, otherMacs, interfaces }: DistributedRouting): Flow[] {
  const here = interfaces.filter(({ on }) => on.carrier.kind === 'physical' && on.carrier.bridge === bridge)
  return [
    ...here.flatMap((router) => hideFlows(router, ownMac)),
    ...otherMacs.map((ethSrc) =>
      brPhy.flow({
        table: 'DVR_NOT_LEARN',
        priority: 2,
        match: { ethSrc },
        actions: [{ kind: 'output', port: phy }],
        feature: 'dvr',
        why: "another host's own MAC is no destination: do not learn it",
      }),
    ),
  ]
}

/** Without the drops of priority 3 every host's router would answer gateway ARP of the whole VLAN. */
function hideFlows({ port, on }: RouterInterface, ownMac: string): Flow[] {
  const { vlan } = on
  const drops: Match[] = [
    ...port.fixedIps
      .filter(({ ip }) => ipVersion(ip) === 4)
      .flatMap(({ ip }): Match[] => [
        { proto: 'arp', vlan, arpTpa: ip, arpOp: 1 },
        { proto: 'arp', vlan, ethDst: BROADCAST, arpSpa: ip, arpOp: 2 },
      ]),
    ...discoveryOfRouter({ port, on }),
  ]
  return [
    ...drops.map((match) =>
      brPhy.flow({
        table: 'DVR_PROCESS',
        priority: 3,
        match,
        feature: 'dvr',
        why: 'every host has this router: its ARP, IPv6 discovery and advertisements stay inside the host',
      }),
    ),
    brPhy.flow({
      table: 'DVR_PROCESS',
      priority: 2,
      match: { vlan, ethDst: port.mac },
      feature: 'dvr',
      why: 'to the router of this host: other hosts would route it again',
    }),
    brPhy.flow({
      table: 'DVR_PROCESS',
      priority: 1,
      match: { vlan, ethSrc: port.mac },
      actions: [
        { kind: 'setEthSrc', mac: ownMac },
        { kind: 'goto', table: 'LOCAL_VLAN_TRANSLATION' },
      ],
      feature: 'dvr',
      why: "routed here: leave under this host's own MAC",
    }),
  ]
}
