import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SubunitReader } from './subunit.js'

/** Written by python3-subunit 1.4.0: a test begins, says why and is skipped; "printed"; another one fails. */
const STREAM = Buffer.from(
  'b32b822b695735a5cee6b280106d2e412e746573745f615b69642d315d0108776f726b65722d3068d2c9c6' +
    'b329704048106d2e412e746573745f615b69642d315d18746578742f706c61696e3b20636861727365743d7574663806726561736f6e' +
    '0d6e6f2073756368207468696e67de72713c' +
    'b32b0521695735a5ecb41780106d2e412e746573745f615b69642d315d98d4ce11' +
    '7072696e7465640a' +
    'b3294640660a6d2e412e746573745f620974726163656261636b4046' +
    '78'.repeat(70) +
    'e6042f78',
  'hex',
)
const START = Date.UTC(2026, 0, 2, 3, 4, 5, 250)

const told = (pieces: readonly Buffer[]) => {
  const reader = new SubunitReader()
  return pieces
    .flatMap((piece) => reader.push(piece))
    .map(({ testId, status, time, file }) => [testId, status, time, file && `${file.name}: ${file.content}`])
}

const EXPECTED = [
  ['m.A.test_a[id-1]', 'inprogress', START, null],
  ['m.A.test_a[id-1]', 'none', null, 'reason: no such thing'],
  ['m.A.test_a[id-1]', 'skip', START + 500, null],
  ['m.A.test_b', 'fail', null, `traceback: ${'x'.repeat(70)}`],
]

test('a stream is read in one piece and byte by byte alike', () => {
  assert.deepEqual(told([STREAM]), EXPECTED)
  assert.deepEqual(told([...STREAM].map((byte) => Buffer.from([byte]))), EXPECTED)
})

test('a damaged packet is no result', () => {
  const damaged = Buffer.from(STREAM)
  damaged[20]! ^= 1
  assert.throws(() => told([damaged]), /checksum/)
})
