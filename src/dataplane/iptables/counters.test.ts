import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseCounters } from './counters.js'

it('reads the counters of the first rule of each chain', () => {
  const text = [
    '*filter',
    ':FORWARD ACCEPT [10:900]',
    ':neutron-meter-l-c5df2fe5-c60 - [0:0]',
    '[10:900] -A FORWARD -j neutron-meter-FORWARD',
    '[4:336] -A neutron-meter-l-c5df2fe5-c60',
    '[1:84] -A neutron-meter-r-c5df2fe5-c60 -d 192.168.1.5/32 -i qg-x -j RETURN',
    '[4:336] -A neutron-meter-r-c5df2fe5-c60 -i qg-x -j neutron-meter-l-c5df2fe5-c60',
    'COMMIT',
  ].join('\n')
  assert.deepEqual(
    [...parseCounters(text)],
    [
      ['FORWARD', { pkts: 10, bytes: 900 }],
      ['neutron-meter-l-c5df2fe5-c60', { pkts: 4, bytes: 336 }],
      ['neutron-meter-r-c5df2fe5-c60', { pkts: 1, bytes: 84 }],
    ],
  )
})
