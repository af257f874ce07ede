/** Matches, rendered in the order and notation in which `ovs-ofctl dump-flows` prints them. */

export interface Match {
  /** `-trk`: not yet through the switch's connection tracking */
  readonly ctState?: '-trk'
  /** `icmp6` implies IPv6; ARP fields need `arp` */
  readonly proto?: 'arp' | 'icmp6' | 'ip' | 'ipv6'
  /** register 6: the local VLAN of an untagged frame, set by an earlier table */
  readonly reg6?: number
  readonly tunId?: number
  readonly inPort?: number
  /** VLAN id of a tagged frame; `none`: untagged; `any`: tagged with whatever id */
  readonly vlan?: number | 'none' | 'any'
  readonly ethSrc?: string
  /** MAC, or MAC/mask */
  readonly ethDst?: string
  /** address or prefix, host bits cleared */
  readonly arpSpa?: string
  readonly arpTpa?: string
  /** of IPv4 packets */
  readonly nwSrc?: string
  readonly nwDst?: string
  readonly arpOp?: number
  readonly arpTha?: string
  readonly icmpType?: number
  readonly ndTarget?: string
}

export const BROADCAST = 'ff:ff:ff:ff:ff:ff'
export const UNICAST = '00:00:00:00:00:00/01:00:00:00:00:00'
export const MULTICAST = '01:00:00:00:00:00/01:00:00:00:00:00'

/** `arp,in_port=7,arp_spa=10.0.0.3`; '' matches everything. */
export function renderMatch(match: Match): string {
  const parts: string[] = []
  const add = (name: string, value: string | number | undefined) => {
    if (value !== undefined) parts.push(`${name}=${value}`)
  }
  add('ct_state', match.ctState)
  if (match.proto) parts.push(match.proto)
  add('reg6', match.reg6 === undefined ? undefined : hex(match.reg6))
  add('tun_id', match.tunId === undefined ? undefined : hex(match.tunId))
  add('in_port', match.inPort)
  if (match.vlan !== undefined) parts.push(renderVlan(match.vlan))
  add('dl_src', match.ethSrc)
  add('dl_dst', match.ethDst)
  add('nw_src', match.nwSrc)
  add('nw_dst', match.nwDst)
  add('arp_spa', match.arpSpa)
  add('arp_tpa', match.arpTpa)
  add('arp_op', match.arpOp)
  add('arp_tha', match.arpTha)
  add('icmp_type', match.icmpType)
  add('nd_target', match.ndTarget)
  return parts.join(',')
}

function renderVlan(vlan: number | 'none' | 'any'): string {
  if (vlan === 'none') return 'vlan_tci=0x0000/0x1fff'
  if (vlan === 'any') return 'vlan_tci=0x1000/0x1000'
  return `dl_vlan=${vlan}`
}

export function hex(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`
}
