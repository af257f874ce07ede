import type { Flow } from '../../../../dataplane/openflow/flow.js'
import { BROADCAST, type Match } from '../../../../dataplane/openflow/match.js'
import { ipVersion } from '../../../../model/ip.js'
import type { LocalNetwork } from '../../desired/facts.js'
import type { DistributedRouting, RouterInterface, ServicedMac } from '../../desired/routing.js'
import { brInt } from './tables.js'

/** The ends on br-int of the patches to other bridges. Null: not there (yet). */
export interface IntLinks {
  readonly patchTun: number | null
  /** physical bridge -> OpenFlow port of `int-…` */
  readonly physical: ReadonlyMap<string, number>
}

export function dvrFlows(routing: DistributedRouting, links: IntLinks): Flow[] {
  return [
    ...[...links.physical.values()].flatMap((inPort) => entryFlows(routing, inPort, 'physical')),
    ...(links.patchTun === null ? [] : entryFlows(routing, links.patchTun, 'tunnel')),
    ...routing.interfaces.flatMap((router) => toRouterFlows(router, routing.ownMac, links)),
    ...requestFlows(routing),
    ...routing.interfaces.flatMap(answerFlows),
    ...routing.serviced.flatMap(restoreFlows),
  ]
}

/** Frames between routers are recognised by the hosts' own MACs, which nothing else uses. */
function entryFlows({ ownMac, otherMacs }: DistributedRouting, inPort: number, from: 'tunnel' | 'physical'): Flow[] {
  return [
    ...otherMacs.map((ethSrc) =>
      brInt.flow({
        table: 'LOCAL_SWITCHING',
        priority: from === 'tunnel' ? 2 : 4,
        match: { inPort, ethSrc },
        actions: [{ kind: 'goto', table: from === 'tunnel' ? 'DVR_TO_SRC_MAC' : 'DVR_TO_SRC_MAC_PHYSICAL' }],
        feature: 'dvr',
        why: "routed by another host's router",
      }),
    ),
    brInt.flow({
      table: 'LOCAL_SWITCHING',
      priority: 5,
      match: { inPort, ethDst: ownMac },
      actions: [
        { kind: 'goto', table: from === 'tunnel' ? 'ARP_DVR_MAC_TO_DST_MAC' : 'ARP_DVR_MAC_TO_DST_MAC_PHYSICAL' },
      ],
      feature: 'dvr',
      why: 'answers a frame that our router sent under our own MAC',
    }),
  ]
}

const SOLICITATION = 135
const ADVERTISEMENT = 136
/** of the multicast groups that IPv6 addresses are asked for in (RFC 2464 §7, RFC 4291 §2.7.1) */
const SOLICITED_NODES = '33:33:ff:00:00:00/ff:ff:ff:00:00:00'
const ALL_NODES = '33:33:00:00:00:01'

const isOf = (version: 4 | 6) => (router: RouterInterface) =>
  router.port.fixedIps.some(({ ip }) => ipVersion(ip) === version)

/**
 * An address that moves between instances is not pinned in the routers: they ask for it, each on its own host, and
 * whoever holds it is asked by all. (A request for a port's certain address never gets here.)
 */
function requestFlows({ interfaces }: DistributedRouting): Flow[] {
  const networks = (version: 4 | 6) => new Map(interfaces.filter(isOf(version)).map(({ on }) => [on.network.id, on]))
  return [
    ...[...networks(4).values()].flatMap((on) => requestFlow(on, { proto: 'arp', ethDst: BROADCAST, arpOp: 1 })),
    ...[...networks(6).values()].flatMap((on) =>
      requestFlow(on, { proto: 'icmp6', ethDst: SOLICITED_NODES, icmpType: SOLICITATION }),
    ),
  ]
}

function requestFlow({ vlan, carrier }: LocalNetwork, request: Match): Flow[] {
  if (carrier.kind === 'local') return []
  const wire = carrier.kind === 'physical' ? (carrier.wireVlan ?? ('none' as const)) : vlan
  const toLocal =
    carrier.kind === 'physical' ? [{ kind: carrier.wireVlan === null ? 'pushVlan' : 'setVlan', vlan } as const] : []
  return [
    brInt.flow({
      table: carrier.kind === 'physical' ? 'DVR_TO_SRC_MAC_PHYSICAL' : 'DVR_TO_SRC_MAC',
      priority: request.proto === 'arp' ? 20 : 22,
      match: { ...request, vlan: wire },
      actions: [...toLocal, TO_SWITCHING],
      feature: 'dvr',
      why: "another host's router asks who has an address",
    }),
  ]
}

/**
 * The router that asked has its MAC on every host, so an answer would end at the router of the holder's own host. A copy
 * goes to all: ARP as broadcast, which the switches turn back where it arrives, since the kernel would not trust it as an
 * answer; IPv6 advertisements as they are. Untagged is what comes from a port of this host, through the checks of
 * tables 24 and 25.
 */
function answerFlows(router: RouterInterface): Flow[] {
  const copy = (answer: Match, to: string) =>
    brInt.flow({
      table: 'TRANSIENT',
      priority: 30,
      match: { ...answer, vlan: 'none', ethDst: router.port.mac },
      actions: [{ kind: 'normal' }, { kind: 'setEthDst', mac: to }, { kind: 'normal' }],
      feature: 'dvr',
      why: 'answer to a router: to the router of every host',
    })
  return [
    ...(isOf(4)(router) ? [copy({ proto: 'arp', arpOp: 2 }, BROADCAST)] : []),
    ...(isOf(6)(router) ? [copy({ proto: 'icmp6', icmpType: ADVERTISEMENT }, ALL_NODES)] : []),
  ]
}

/** Frames to this host's own MAC belong to one of its routers: the router MAC of the network is put back. */
function toRouterFlows(router: RouterInterface, ownMac: string, links: IntLinks): Flow[] {
  const { carrier } = router.on
  if (carrier.kind === 'tunnel') return links.patchTun === null ? [] : fromTunnel(router, ownMac, links.patchTun)
  if (carrier.kind === 'local') return []
  const intPort = links.physical.get(carrier.bridge)
  return intPort === undefined ? [] : fromWire(router, ownMac, intPort, carrier.wireVlan)
}

const TO_SWITCHING = { kind: 'goto', table: 'PACKET_RATE_LIMIT' } as const

/**
 * ARP replies are let through only from where the router's request went out under our own MAC: from a guest's port
 * they would pass by the ARP check of table 24.
 */
function fromTunnel({ port, on, ofport }: RouterInterface, ethDst: string, inPort: number): Flow[] {
  const toRouter = { kind: 'setEthDst', mac: port.mac } as const
  const replies = [ethDst, BROADCAST].map((to) =>
    brInt.flow({
      table: 'LOCAL_SWITCHING',
      priority: 99,
      match: { proto: 'arp', inPort, ethDst: to, arpOp: 2, arpTha: port.mac },
      actions: [toRouter, TO_SWITCHING],
      feature: 'dvr',
      why: to === ethDst ? 'ARP reply to our router' : 'ARP reply to this router on any host',
    }),
  )
  if (ofport === null) return replies
  const other = brInt.flow({
    table: 'ARP_DVR_MAC_TO_DST_MAC',
    priority: 5,
    match: { vlan: on.vlan, ethDst },
    actions: [toRouter, { kind: 'popVlan' }, { kind: 'output', port: ofport }],
    feature: 'dvr',
    why: 'to our router, from a tunnel',
  })
  return [...replies, other]
}

/** On the wire's side the frame still has its wire VLAN, a number that may mean another network inside br-int. */
function fromWire(
  { port, on, ofport }: RouterInterface,
  ethDst: string,
  inPort: number,
  wireVlan: number | null,
): Flow[] {
  const toRouter = { kind: 'setEthDst', mac: port.mac } as const
  const vlan = wireVlan ?? ('none' as const)
  const replies = [ethDst, BROADCAST].map((to) =>
    brInt.flow({
      table: 'LOCAL_SWITCHING',
      priority: 99,
      match: { proto: 'arp', inPort, vlan, ethDst: to, arpOp: 2, arpTha: port.mac },
      actions: [toRouter, { kind: wireVlan === null ? 'pushVlan' : 'setVlan', vlan: on.vlan }, TO_SWITCHING],
      feature: 'dvr',
      why: to === ethDst ? 'ARP reply to our router' : 'ARP reply to this router on any host',
    }),
  )
  if (ofport === null) return replies
  const untag = wireVlan === null ? [] : [{ kind: 'popVlan' } as const]
  const other = brInt.flow({
    table: 'ARP_DVR_MAC_TO_DST_MAC_PHYSICAL',
    priority: 5,
    match: { inPort, vlan, ethDst },
    actions: [toRouter, ...untag, { kind: 'output', port: ofport }],
    feature: 'dvr',
    why: 'to our router, from the wire',
  })
  return [...replies, other]
}

/**
 * Another host's router put its host's MAC into the frame; the guest must see the MAC of its gateway. The frame is
 * then handed to the port directly, because its source would otherwise be learned as coming from the fabric.
 */
function restoreFlows({ mac, ofports, on, gatewayMac, ipv6Only }: ServicedMac): Flow[] {
  const physical = on.carrier.kind === 'physical' ? on.carrier : null
  const proto = ipv6Only ? ('ipv6' as const) : undefined
  const wire = physical ? (physical.wireVlan ?? ('none' as const)) : on.vlan
  // the wire VLAN ends here: behind this table the same number may be the local VLAN of another network
  const toLocal = physical
    ? [{ kind: physical.wireVlan === null ? 'pushVlan' : 'setVlan', vlan: on.vlan } as const]
    : []
  return [
    brInt.flow({
      table: physical ? 'DVR_TO_SRC_MAC_PHYSICAL' : 'DVR_TO_SRC_MAC',
      priority: ipv6Only ? 21 : 20,
      match: { proto, vlan: wire, ethDst: mac },
      actions: [{ kind: 'setEthSrc', mac: gatewayMac }, ...toLocal, TO_SWITCHING],
      feature: 'dvr',
      why: "routed by another host: show the gateway's MAC",
    }),
    brInt.flow({
      table: 'TRANSIENT',
      priority: 20,
      match: { vlan: on.vlan, ethDst: mac },
      actions: [{ kind: 'popVlan' }, ...ofports.map((port) => ({ kind: 'output', port }) as const)],
      feature: 'dvr',
      why: 'routed frame to a local port',
    }),
  ]
}
