import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dumpDifferences } from './dump.js'

it('dumps are compared line by line, repeated lines included', () => {
  const before = { links: ['lo', 'eth0'], sets: [], processes: ['dnsmasq'] }
  assert.deepEqual(dumpDifferences(before, before), [])
  assert.deepEqual(dumpDifferences(before, { links: ['lo', 'qg-1'], sets: [], processes: ['dnsmasq', 'dnsmasq'] }), [
    '+ links: qg-1',
    '- links: eth0',
    '1 more of the same in processes',
  ])
  assert.deepEqual(
    dumpDifferences(before, { links: ['lo', 'eth0'], processes: ['dnsmasq'], 'ports of br-tun': ['x'] }),
    ['+ ports of br-tun: x'],
  )
})
