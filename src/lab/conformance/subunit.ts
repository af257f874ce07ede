import { crc32 } from 'node:zlib'

/** A test's news in a subunit v2 stream (github.com/testing-cabal/subunit, "Version 2"). */
export interface SubunitPacket {
  readonly testId: string | null
  readonly status: SubunitStatus
  /** milliseconds since the epoch */
  readonly time: number | null
  /** a piece of an attachment: `traceback`, `reason`, a log */
  readonly file: { readonly name: string; readonly content: Buffer } | null
}

export type SubunitStatus = 'none' | 'exists' | 'inprogress' | 'success' | 'uxsuccess' | 'skip' | 'fail' | 'xfail'

const STATUS: readonly SubunitStatus[] = [
  'none',
  'exists',
  'inprogress',
  'success',
  'uxsuccess',
  'skip',
  'fail',
  'xfail',
]
const SIGNATURE = 0xb3
const VERSION = 2
const FLAG = { testId: 0x0800, time: 0x0200, tags: 0x0080, file: 0x0040, mime: 0x0020 } as const
const LONGEST_HEADER = 6
const CRC_LENGTH = 4

/** Takes a stream apart as it arrives. Bytes between packets (what a test printed) are passed over. */
export class SubunitReader {
  #rest: Buffer = Buffer.alloc(0)

  /** The packets that are complete now. Throws when a packet's checksum is wrong. */
  push(bytes: Buffer): SubunitPacket[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    const packets: SubunitPacket[] = []
    for (;;) {
      const start = this.#rest.indexOf(SIGNATURE)
      this.#rest = start < 0 ? Buffer.alloc(0) : this.#rest.subarray(start)
      if (this.#rest.length < LONGEST_HEADER) return packets
      const length = numberAt(this.#rest, 3).value
      if (this.#rest.readUInt16BE(1) >> 12 !== VERSION) {
        this.#rest = this.#rest.subarray(1)
        continue
      }
      if (this.#rest.length < length) return packets
      packets.push(parsePacket(this.#rest.subarray(0, length)))
      this.#rest = this.#rest.subarray(length)
    }
  }
}

function parsePacket(packet: Buffer): SubunitPacket {
  const body = packet.subarray(0, -CRC_LENGTH)
  if (crc32(body) !== packet.readUInt32BE(body.length)) throw new Error('subunit: wrong checksum')
  const flags = packet.readUInt16BE(1)
  const fields = new Fields(body, numberAt(packet, 3).next)
  const time = flags & FLAG.time ? fields.time() : null
  const testId = flags & FLAG.testId ? fields.bytes().toString() : null
  if (flags & FLAG.tags) for (let left = fields.number(); left > 0; left--) fields.bytes()
  if (flags & FLAG.mime) fields.bytes()
  const file = flags & FLAG.file ? { name: fields.bytes().toString(), content: fields.bytes() } : null
  return { testId, status: STATUS[flags & 7]!, time, file }
}

/** Reads one field after the other. */
class Fields {
  readonly #body: Buffer
  #at: number

  constructor(body: Buffer, at: number) {
    this.#body = body
    this.#at = at
  }

  number(): number {
    const { value, next } = numberAt(this.#body, this.#at)
    this.#at = next
    return value
  }

  bytes(): Buffer {
    const length = this.number()
    this.#at += length
    return this.#body.subarray(this.#at - length, this.#at)
  }

  time(): number {
    const seconds = this.#body.readUInt32BE(this.#at)
    this.#at += 4
    return seconds * 1000 + this.number() / 1e6
  }
}

/** The two highest bits of the first byte say how many bytes follow it. */
function numberAt(bytes: Buffer, at: number): { value: number; next: number } {
  const length = 1 + (bytes[at]! >> 6)
  const all = bytes.readUIntBE(at, length)
  return { value: all & (2 ** (8 * length - 2) - 1), next: at + length }
}
