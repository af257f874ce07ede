import type { Flow } from '../../../../dataplane/openflow/flow.js'
import { BROADCAST } from '../../../../dataplane/openflow/match.js'
import { ipVersion } from '../../../../model/ip.js'
import type { DistributedRouting, RouterInterface } from '../../desired/routing.js'
import { discoveryOfRouter } from '../router-discovery.js'
import { brTun } from './tables.js'

const feature = 'dvr' as const

/** Routers have the same MACs on every host; none of it may be seen in the fabric. */
export function dvrFlows(routing: DistributedRouting, patchInt: number | null): Flow[] {
  const onTunnels = routing.interfaces.filter(({ on }) => on.carrier.kind === 'tunnel')
  return [
    ...onTunnels.flatMap((router) => hideFlows(router, routing.ownMac)),
    ...(patchInt === null ? [] : routing.otherMacs.map((mac) => notLearnedFlow(mac, patchInt))),
  ]
}

function hideFlows({ port, on }: RouterInterface, ownMac: string): Flow[] {
  return [
    ...port.fixedIps
      .filter(({ ip }) => ipVersion(ip) === 4)
      .flatMap(({ ip }) => [
        brTun.flow({
          table: 'FLOOD_TO_TUN',
          priority: 3,
          match: { proto: 'arp', vlan: on.vlan, arpTpa: ip, arpOp: 1 },
          feature,
          why: 'every host has this router: nobody else may answer for it',
        }),
        brTun.flow({
          table: 'FLOOD_TO_TUN',
          priority: 3,
          match: { proto: 'arp', vlan: on.vlan, ethDst: BROADCAST, arpSpa: ip, arpOp: 2 },
          feature,
          why: "every host's router announces itself",
        }),
      ]),
    ...discoveryOfRouter({ port, on }).map((match) =>
      brTun.flow({
        table: 'DVR_PROCESS',
        priority: 3,
        match,
        feature,
        why: 'every host has this router: its IPv6 discovery and advertisements stay inside the host',
      }),
    ),
    brTun.flow({
      table: 'DVR_PROCESS',
      priority: 2,
      match: { vlan: on.vlan, ethDst: port.mac },
      feature,
      why: 'to the router of this host: other hosts would route it again',
    }),
    brTun.flow({
      table: 'DVR_PROCESS',
      priority: 1,
      match: { vlan: on.vlan, ethSrc: port.mac },
      actions: [
        { kind: 'setEthSrc', mac: ownMac },
        { kind: 'goto', table: 'PATCH_LV_TO_TUN' },
      ],
      feature,
      why: "routed here: leave under this host's own MAC",
    }),
  ]
}

function notLearnedFlow(mac: string, patchInt: number): Flow {
  return brTun.flow({
    table: 'DVR_NOT_LEARN',
    priority: 1,
    match: { ethSrc: mac },
    actions: [{ kind: 'output', port: patchInt }],
    feature,
    why: "another host's own MAC is no destination: do not learn it",
  })
}
