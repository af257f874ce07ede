import type { Frame } from './pcap.js'

/** One frame of a ping as the proofs compare it: what a hop must have seen. */
export interface Seen {
  /** `source>destination` MAC */
  readonly eth: string
  /** 802.1Q VLAN; null: untagged */
  readonly vlan: number | null
  /** VXLAN identifier or GRE key of the tunnel it was in; absent: in none */
  readonly tunnel?: { readonly type: 'vxlan' | 'gre'; readonly id: number }
  /** `source>destination` address */
  readonly ip: string
  readonly ttl: number
}

/** The echo requests or replies in frames, tunnels opened. */
export function echoes(frames: readonly Frame[], type: 'request' | 'reply'): Seen[] {
  const wanted = type === 'request' ? 8 : 0
  return frames.flatMap((frame): Seen[] => {
    const inner = frame.vxlan?.inner ?? frame.gre?.inner ?? frame
    if (inner.icmp?.type !== wanted || !inner.ip) return []
    const tunnel = tunnelOf(frame)
    const { ethSrc, ethDst, vlan, ip } = inner
    return [{ eth: `${ethSrc}>${ethDst}`, vlan, ...(tunnel && { tunnel }), ip: `${ip.src}>${ip.dst}`, ttl: ip.ttl }]
  })
}

function tunnelOf({ vxlan, gre }: Frame): Seen['tunnel'] {
  if (vxlan) return { type: 'vxlan', id: vxlan.vni }
  return gre ? { type: 'gre', id: gre.key } : undefined
}

/** The outermost MACs that frames were sent from, tunnels opened. */
export function senders(frames: readonly Frame[]): ReadonlySet<string> {
  return new Set(frames.map((frame) => (frame.vxlan?.inner ?? frame.gre?.inner ?? frame).ethSrc))
}
