import type { Flow } from '../../../../dataplane/openflow/flow.js'
import { BROADCAST, type Match } from '../../../../dataplane/openflow/match.js'
import type { LocalIpMode } from '../../../../model/cloud.js'
import type { LocalPort } from '../../desired/facts.js'
import { brInt } from './tables.js'

/** How frames of a network come from other hosts, and what makes them frames of the local VLAN. */
export interface OuterWire {
  readonly inPort: number
  readonly vlan: number | 'none'
  readonly toLocal: readonly ({ readonly kind: 'pushVlan' | 'setVlan'; readonly vlan: number } & object)[]
}

/** A local IP with the port that stands for it on this host. */
export interface LocalIpHere {
  /** local VLAN, also the zone of the switch's connection tracking */
  readonly vlan: number
  readonly ip: string
  readonly mode: LocalIpMode
  readonly fixedIp: string
  readonly mac: string
  readonly wire: OuterWire | null
}

const feature = 'localIp' as const
const SWITCHING = 'PACKET_RATE_LIMIT' as const
const toSwitching = { kind: 'goto', table: SWITCHING } as const

/**
 * A guest's frames are still untagged: the number of its network's local VLAN goes along in a register. One without port
 * security comes here by itself, others from the checks of table 25.
 */
export function egressFlows({ port, ofport: inPort, on }: LocalPort): Flow[] {
  const entry = brInt.flow({
    table: 'LOCAL_SWITCHING',
    priority: 8,
    match: { inPort },
    actions: [{ kind: 'goto', table: 'LOCAL_EGRESS' }],
    feature,
    why: 'from a guest without port security',
  })
  return [
    ...(port.portSecurityEnabled ? [] : [entry]),
    brInt.flow({
      table: 'LOCAL_EGRESS',
      priority: 10,
      match: { inPort },
      actions: [
        { kind: 'setReg6', value: on.vlan },
        { kind: 'goto', table: 'LOCAL_IP' },
      ],
      feature,
      why: 'its network has a local IP here',
    }),
  ]
}

export function localIpFlows(local: LocalIpHere): Flow[] {
  return [
    ...addressFlows(local),
    ...(local.mode === 'translate' ? translateFlows(local) : passFlows(local)),
    ...wireFlows(local),
  ]
}

const inTable = (
  priority: number,
  match: Match,
  actions: Parameters<typeof brInt.flow<'LOCAL_IP'>>[0]['actions'],
  why: string,
) => brInt.flow({ table: 'LOCAL_IP', priority, match, actions, feature, why })

/** Who asks for the address is told the port's MAC. Its true owner, when that is on this host too, speaks for itself. */
function addressFlows({ vlan: reg6, ip, mac }: LocalIpHere): Flow[] {
  const answer = [{ kind: 'answerArp', ip, mac }] as const
  return [
    inTable(11, { proto: 'arp', reg6, arpSpa: ip }, [toSwitching], 'ARP of who has the address itself'),
    inTable(10, { proto: 'arp', reg6, arpTpa: ip, arpOp: 1 }, answer, 'ARP request for the local IP'),
  ]
}

/** The port itself reaches the true owner of the address. */
function translateFlows({ vlan: reg6, ip, fixedIp, mac }: LocalIpHere): Flow[] {
  const there = [
    { kind: 'setEthDst', mac },
    { kind: 'translate', to: fixedIp, zone: reg6, table: SWITCHING },
  ] as const
  const back = [{ kind: 'translateBack', zone: reg6, table: SWITCHING }] as const
  return [
    inTable(11, { proto: 'arp', reg6, arpSpa: fixedIp, arpTpa: ip }, [toSwitching], 'the port asks for the true owner'),
    inTable(11, { proto: 'ip', reg6, nwSrc: fixedIp, nwDst: ip }, [toSwitching], 'the port speaks to the true owner'),
    inTable(10, { proto: 'ip', reg6, nwDst: ip }, there, 'to the local IP: to the port, under its own address'),
    inTable(
      10,
      { ctState: '-trk', proto: 'ip', reg6, ethSrc: mac, nwSrc: fixedIp },
      back,
      'from the port: answers are from the local IP',
    ),
  ]
}

function passFlows({ vlan: reg6, ip, mac }: LocalIpHere): Flow[] {
  const there = [{ kind: 'setEthDst', mac }, toSwitching] as const
  return [inTable(10, { proto: 'ip', reg6, nwDst: ip }, there, 'to the local IP: to the port, as it is')]
}

/** What others announce of the address is not for the guests of this host, except what the port itself asked for. */
function wireFlows({ ip, fixedIp, mode, wire }: LocalIpHere): Flow[] {
  if (wire === null) return []
  const { inPort, vlan, toLocal } = wire
  const announced = { proto: 'arp', inPort, vlan, ethDst: BROADCAST, arpSpa: ip } as const
  const flow = (
    priority: number,
    match: Match,
    actions: Parameters<typeof brInt.flow<'LOCAL_SWITCHING'>>[0]['actions'],
    why: string,
  ) => brInt.flow({ table: 'LOCAL_SWITCHING', priority, match, actions, feature, why })
  const exception = flow(
    11,
    { ...announced, arpTpa: fixedIp },
    [...toLocal, toSwitching],
    'the true owner asks for the port',
  )
  return [
    flow(10, announced, [], 'the true owner of a local IP announces itself'),
    ...(mode === 'translate' ? [exception] : []),
  ]
}
