import { intToIp } from '../../model/ip.js'

/** A captured frame, as far as the path proofs look into it. */
export interface Frame {
  readonly ethSrc: string
  readonly ethDst: string
  /** 802.1Q VLAN id; null when untagged */
  readonly vlan: number | null
  readonly ip: { readonly src: string; readonly dst: string; readonly ttl: number; readonly protocol: number } | null
  /** ICMP echo: 8 request, 0 reply */
  readonly icmp: { readonly type: number; readonly id: number; readonly seq: number } | null
  readonly arp: { readonly op: number; readonly sha: string; readonly spa: string; readonly tpa: string } | null
  /** inside of a VXLAN packet */
  readonly vxlan: { readonly vni: number; readonly inner: Frame } | null
  /** inside of a GRE packet that carries Ethernet and a key */
  readonly gre: { readonly key: number; readonly inner: Frame } | null
}

const mac = (bytes: Buffer) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
const ipv4 = (bytes: Buffer) => intToIp(BigInt(bytes.readUInt32BE(0)), 4)

/** Frames of a pcap file (little endian, Ethernet), as tcpdump -w writes it. A cut last record is left out. */
export function parsePcap(data: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let at = 24; at + 16 <= data.length; ) {
    const length = data.readUInt32LE(at + 8)
    if (at + 16 + length > data.length) break
    frames.push(parseFrame(data.subarray(at + 16, at + 16 + length)))
    at += 16 + length
  }
  return frames
}

export function parseFrame(data: Buffer): Frame {
  const frame = { ethDst: mac(data.subarray(0, 6)), ethSrc: mac(data.subarray(6, 12)), vlan: null as number | null }
  let type = data.readUInt16BE(12)
  let at = 14
  if (type === 0x8100) {
    frame.vlan = data.readUInt16BE(14) & 0xfff
    type = data.readUInt16BE(16)
    at = 18
  }
  const payload = data.subarray(at)
  const none = { ip: null, icmp: null, arp: null, vxlan: null, gre: null }
  if (type === 0x0806) return { ...frame, ...none, arp: parseArp(payload) }
  if (type === 0x0800) return { ...frame, ...none, ...parseIpv4(payload) }
  return { ...frame, ...none }
}

function parseArp(data: Buffer): Frame['arp'] {
  return {
    op: data.readUInt16BE(6),
    sha: mac(data.subarray(8, 14)),
    spa: ipv4(data.subarray(14, 18)),
    tpa: ipv4(data.subarray(24, 28)),
  }
}

function parseIpv4(data: Buffer): Pick<Frame, 'ip' | 'icmp' | 'vxlan' | 'gre'> {
  const ip = { ttl: data[8]!, protocol: data[9]!, src: ipv4(data.subarray(12, 16)), dst: ipv4(data.subarray(16, 20)) }
  const inside = data.subarray((data[0]! & 0xf) * 4)
  const icmp = ip.protocol === 1 ? { type: inside[0]!, id: inside.readUInt16BE(4), seq: inside.readUInt16BE(6) } : null
  const isVxlan = ip.protocol === 17 && inside.readUInt16BE(2) === 4789
  const vxlan = isVxlan ? { vni: inside.readUIntBE(12, 3), inner: parseFrame(inside.subarray(16)) } : null
  return { ip, icmp, vxlan, gre: ip.protocol === 47 ? parseGre(inside) : null }
}

const KEY_PRESENT = 0x2000
const ETHERNET = 0x6558

/** RFC 2784 and 2890, as Open vSwitch sends it: a key, neither checksum nor sequence number. */
function parseGre(data: Buffer): Frame['gre'] {
  if (data.readUInt16BE(0) !== KEY_PRESENT || data.readUInt16BE(2) !== ETHERNET) return null
  return { key: data.readUInt32BE(4), inner: parseFrame(data.subarray(8)) }
}
