import assert from 'node:assert/strict'
import { endianness } from 'node:os'
import { test } from 'node:test'
import { LogRecords } from './records.js'

const isLittle = endianness() === 'LE'

function words(...values: readonly (readonly [size: 2 | 4, value: number])[]): Buffer {
  const data = Buffer.alloc(values.reduce((sum, [size]) => sum + size, 0))
  let at = 0
  for (const [size, value] of values) {
    if (isLittle) data.writeUIntLE(value, at, size)
    else data.writeUIntBE(value, at, size)
    at += size
  }
  return data
}

const fileHeader = (type = 239) => words([4, 0xa1b2c3d4], [2, 2], [2, 4], [4, 0], [4, 0], [4, 65535], [4, type])

function attribute(kind: number, value: Buffer): Buffer {
  return Buffer.concat([words([2, value.length + 4], [2, kind]), value, Buffer.alloc(-value.length & 3)])
}

function record(...attributes: readonly Buffer[]): Buffer {
  const data = Buffer.concat([Buffer.from([2, 0, 0x25, 0xe0]), ...attributes])
  return Buffer.concat([words([4, 1], [4, 2], [4, data.length], [4, data.length]), data])
}

const packet = record(
  attribute(1, Buffer.from([8, 0, 2, 0])),
  attribute(10, Buffer.from('DROP x\0')),
  attribute(16, Buffer.alloc(14, 7)),
  attribute(9, Buffer.from([0x45, 1, 2])),
)

test('packets come out of a stream in whatever pieces it arrives', () => {
  const stream = Buffer.concat([fileHeader(), packet, record(attribute(1, Buffer.alloc(4))), packet])
  for (const size of [1, 7, 64, stream.length]) {
    const records = new LogRecords()
    const found = []
    for (let at = 0; at < stream.length; at += size) found.push(...records.push(stream.subarray(at, at + size)))
    const one = { prefix: 'DROP x', ethernet: Buffer.alloc(14, 7), payload: Buffer.from([0x45, 1, 2]) }
    assert.deepEqual(found, [one, one], `pieces of ${size}`)
  }
})

test('what is no packet of a rule, or has broken attributes, is left out; another kind of stream is refused', () => {
  const records = new LogRecords()
  const broken = record(attribute(10, Buffer.from('DROP x\0')), words([2, 3], [2, 9]), Buffer.alloc(4))
  const tooLong = record(attribute(10, Buffer.from('DROP x\0')), words([2, 400], [2, 9]))
  assert.deepEqual(records.push(Buffer.concat([fileHeader(), broken, tooLong])), [])
  assert.equal(records.push(packet).length, 1)
  assert.throws(() => new LogRecords().push(fileHeader(1)), /link type 1, not of NFLOG/)
})
