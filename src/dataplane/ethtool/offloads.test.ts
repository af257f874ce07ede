import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOffloads } from './offloads.js'

test('reads the checksum offload of every device', () => {
  const text = `Features for lo:
rx-checksumming: on [fixed]
tx-checksumming: on
\ttx-checksum-ip-generic: on [fixed]

Features for qvb05a1b2c3-d4:
tx-checksumming: off
\ttx-checksum-ip-generic: off
`
  assert.deepEqual(
    [...parseOffloads(text)],
    [
      ['lo', true],
      ['qvb05a1b2c3-d4', false],
    ],
  )
})
