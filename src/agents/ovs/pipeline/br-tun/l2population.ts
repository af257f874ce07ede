import type { Flow } from '../../../../dataplane/openflow/flow.js'
import type { TunnelNetwork } from './networks.js'
import { brTun } from './tables.js'

const feature = 'l2population' as const

/** `mac` of the network is behind the tunnel port `ofport`. */
export function unicastFlow({ vlan, vni }: TunnelNetwork, mac: string, ofport: number): Flow {
  return brTun.flow({
    table: 'UCAST_TO_TUN',
    priority: 2,
    match: { vlan, ethDst: mac },
    actions: [{ kind: 'popVlan' }, { kind: 'setTunnel', id: vni }, { kind: 'output', port: ofport }],
    feature,
    why: 'to the host of this MAC',
  })
}

/** Answers a request for `ip` on the spot, so that it floods no tunnel. */
export function arpAnswerFlow(vlan: number, ip: string, mac: string): Flow {
  return brTun.flow({
    table: 'ARP_RESPONDER',
    priority: 1,
    match: { proto: 'arp', vlan, arpTpa: ip },
    actions: [{ kind: 'answerArp', ip, mac }],
    feature,
    why: 'ARP request for a port of another host',
  })
}
