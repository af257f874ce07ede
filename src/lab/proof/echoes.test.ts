import assert from 'node:assert/strict'
import { test } from 'node:test'
import { echoes, senders } from './echoes.js'
import { parseFrame } from './pcap.js'

const bytes = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

const ETHERNET = 'fa163e000002 fa163e000001 0800'
/** 192.168.1.3 to 192.168.2.3, TTL 63, echo request 7 1 */
const ECHO = '45000054 00004000 3f01 0000 c0a80103 c0a80203 0800 0000 0007 0001'
/** 10.0.1.31 to 10.0.1.32, of a protocol and with a length that nobody looks at */
const outer = (protocol: string) =>
  `000000000002 000000000001 0800 45000000 00000000 40${protocol} 0000 0a00011f 0a000120`

const seen = { eth: 'fa:16:3e:00:00:01>fa:16:3e:00:00:02', vlan: null, ip: '192.168.1.3>192.168.2.3', ttl: 63 }

test('an echo request as it is, in a VLAN, in VXLAN and in GRE', () => {
  const tagged = 'fa163e000002 fa163e000001 8100 0065 0800'
  const vxlan = `${outer('11')} 1000 12b5 0000 0000 08000000 00004100`
  const gre = `${outer('2f')} 2000 6558 00000042`
  const frames = [
    `${ETHERNET} ${ECHO}`,
    `${tagged} ${ECHO}`,
    `${vxlan} ${ETHERNET} ${ECHO}`,
    `${gre} ${ETHERNET} ${ECHO}`,
  ].map((text) => parseFrame(bytes(text)))
  assert.deepEqual(echoes(frames, 'request'), [
    seen,
    { ...seen, vlan: 101 },
    { ...seen, tunnel: { type: 'vxlan', id: 0x41 } },
    { ...seen, tunnel: { type: 'gre', id: 0x42 } },
  ])
  assert.deepEqual([...senders(frames)], ['fa:16:3e:00:00:01'])
  assert.deepEqual(echoes(frames, 'reply'), [])
})

test('GRE without a key, or with something else in it, is not opened', () => {
  const plain = parseFrame(bytes(`${outer('2f')} 0000 0800 ${ECHO}`))
  assert.equal(plain.gre, null)
  assert.deepEqual(echoes([plain], 'request'), [])
})
