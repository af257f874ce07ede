import { endianness } from 'node:os'

/** A packet that a rule with the NFLOG target named. */
export interface LoggedPacket {
  /** `--nflog-prefix` of the rule */
  readonly prefix: string
  /** as it was on the link; null where there was none */
  readonly ethernet: Buffer | null
  /** from the IP header on, cut by `--nflog-size` */
  readonly payload: Buffer
}

const isLittle = endianness() === 'LE'
const uint16 = (data: Buffer, at: number) => (isLittle ? data.readUInt16LE(at) : data.readUInt16BE(at))
const uint32 = (data: Buffer, at: number) => (isLittle ? data.readUInt32LE(at) : data.readUInt32BE(at))

const FILE_HEADER = 24
const RECORD_HEADER = 16
const NFLOG_HEADER = 4
const LINK_TYPE_NFLOG = 239

/** Kinds of attributes (linux/netfilter/nfnetlink_log.h). */
const ATTRIBUTE = { payload: 9, prefix: 10, ethernet: 16 } as const

/**
 * Packets out of what `tcpdump -w -` writes of an NFLOG group (link type 239 of pcap, in the byte order of the machine), in
 * whatever pieces it arrives. Throws when it is something else.
 */
export class LogRecords {
  #rest: Buffer = Buffer.alloc(0)
  #isOpened = false

  push(chunk: Buffer): LoggedPacket[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    if (!this.#isOpened && !this.#open()) return []
    const found: LoggedPacket[] = []
    let at = 0
    while (this.#rest.length >= at + RECORD_HEADER) {
      const end = at + RECORD_HEADER + uint32(this.#rest, at + 8)
      if (this.#rest.length < end) break
      const packet = packetOf(this.#rest.subarray(at + RECORD_HEADER, end))
      if (packet) found.push(packet)
      at = end
    }
    this.#rest = this.#rest.subarray(at)
    return found
  }

  #open(): boolean {
    if (this.#rest.length < FILE_HEADER) return false
    const type = uint32(this.#rest, 20)
    if (type !== LINK_TYPE_NFLOG) throw new Error(`packets are of link type ${type}, not of NFLOG`)
    this.#rest = this.#rest.subarray(FILE_HEADER)
    this.#isOpened = true
    return true
  }
}

/** Attributes: length (with this header), kind, value, up to a multiple of four. Null for what is no packet of a rule. */
function packetOf(record: Buffer): LoggedPacket | null {
  const values = new Map<number, Buffer>()
  for (let at = NFLOG_HEADER; at + 4 <= record.length; ) {
    const length = uint16(record, at)
    if (length < 4 || at + length > record.length) break
    values.set(uint16(record, at + 2), record.subarray(at + 4, at + length))
    at += (length + 3) & ~3
  }
  const prefix = values.get(ATTRIBUTE.prefix)
  const payload = values.get(ATTRIBUTE.payload)
  if (!prefix || !payload) return null
  const text = prefix.toString('latin1').replace(/\0.*$/s, '')
  return { prefix: text, ethernet: values.get(ATTRIBUTE.ethernet) ?? null, payload }
}
