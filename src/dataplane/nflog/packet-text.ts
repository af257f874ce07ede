import { intToIp } from '../../model/ip.js'
import type { LoggedPacket } from './records.js'

type Fields = Readonly<Record<string, string | number | Raw>>

/** Written without quotes. */
class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/**
 * A packet's headers as Neutron's log has them: `ethernet(dst='…',ethertype=2048,src='…'), ipv4(…), tcp(…)`. Options of
 * headers and what the packet carries are left out; so is a header that was cut.
 */
export function packetText({ ethernet, payload }: LoggedPacket): string {
  const link = ethernet && ethernet.length >= 14 ? [ethernetText(ethernet)] : []
  const version = payload.length > 0 ? payload[0]! >> 4 : 0
  if (version === 4 && payload.length >= 20) return [...link, ...ipv4(payload)].join(', ')
  if (version === 6 && payload.length >= 40) return [...link, ...ipv6(payload)].join(', ')
  return link.join(', ')
}

function header(name: string, fields: Fields): string {
  const text = (value: string | number | Raw) =>
    value instanceof Raw ? value.text : typeof value === 'string' ? `'${value}'` : String(value)
  return `${name}(${Object.entries(fields)
    .map(([key, value]) => `${key}=${text(value)}`)
    .join(',')})`
}

const mac = (bytes: Buffer) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')

const ethernetText = (data: Buffer) =>
  header('ethernet', {
    dst: mac(data.subarray(0, 6)),
    ethertype: data.readUInt16BE(12),
    src: mac(data.subarray(6, 12)),
  })

function ipv4(data: Buffer): string[] {
  const length = data[0]! & 0xf
  const fragment = data.readUInt16BE(6)
  const own = header('ipv4', {
    csum: data.readUInt16BE(10),
    dst: intToIp(BigInt(data.readUInt32BE(16)), 4),
    flags: fragment >> 13,
    header_length: length,
    identification: data.readUInt16BE(4),
    offset: fragment & 0x1fff,
    option: new Raw('None'),
    proto: data[9]!,
    src: intToIp(BigInt(data.readUInt32BE(12)), 4),
    tos: data[1]!,
    total_length: data.readUInt16BE(2),
    ttl: data[8]!,
    version: 4,
  })
  // a later fragment has no header of what is above
  return (fragment & 0x1fff) === 0 ? [own, ...transport(data[9]!, data.subarray(length * 4))] : [own]
}

function ipv6(data: Buffer): string[] {
  const address = (at: number) => intToIp(BigInt(`0x${data.toString('hex', at, at + 16)}`), 6)
  const own = header('ipv6', {
    dst: address(24),
    ext_hdrs: new Raw('[]'),
    flow_label: data.readUInt32BE(0) & 0xfffff,
    hop_limit: data[7]!,
    nxt: data[6]!,
    payload_length: data.readUInt16BE(4),
    src: address(8),
    traffic_class: (data.readUInt16BE(0) >> 4) & 0xff,
    version: 6,
  })
  const above = pastExtensions(data[6]!, data.subarray(40))
  return [own, ...(above ? transport(...above) : [])]
}

/** Hop-by-hop options, routing, destination options (RFC 8200): next header, length in units of eight bytes beyond the first. */
const EXTENSIONS: readonly number[] = [0, 43, 60]

function pastExtensions(next: number, data: Buffer): [protocol: number, data: Buffer] | null {
  while (EXTENSIONS.includes(next)) {
    if (data.length < 8) return null
    const length = (data[1]! + 1) * 8
    next = data[0]!
    data = data.subarray(length)
  }
  return [next, data]
}

function transport(protocol: number, data: Buffer): string[] {
  if (protocol === 6 && data.length >= 20) return [tcp(data)]
  if (protocol === 17 && data.length >= 8) return [udp(data)]
  if (protocol === 1 && data.length >= 8) return [icmp(data)]
  if (protocol === 58 && data.length >= 4) return [icmpv6(data)]
  return []
}

const tcp = (data: Buffer) =>
  header('tcp', {
    ack: data.readUInt32BE(8),
    bits: data.readUInt16BE(12) & 0x1ff,
    csum: data.readUInt16BE(16),
    dst_port: data.readUInt16BE(2),
    offset: data[12]! >> 4,
    seq: data.readUInt32BE(4),
    src_port: data.readUInt16BE(0),
    urgent: data.readUInt16BE(18),
    window_size: data.readUInt16BE(14),
  })

const udp = (data: Buffer) =>
  header('udp', {
    csum: data.readUInt16BE(6),
    dst_port: data.readUInt16BE(2),
    src_port: data.readUInt16BE(0),
    total_length: data.readUInt16BE(4),
  })

function icmp(data: Buffer): string {
  const isEcho = data[0] === 0 || data[0] === 8
  const echo = header('echo', { id: data.readUInt16BE(4), seq: data.readUInt16BE(6) })
  const inside: Fields = isEcho ? { data: new Raw(echo) } : {}
  return header('icmp', { code: data[1]!, csum: data.readUInt16BE(2), ...inside, type: data[0]! })
}

const icmpv6 = (data: Buffer) => header('icmpv6', { code: data[1]!, csum: data.readUInt16BE(2), type_: data[0]! })
