import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isVxlanDevice } from '../../model/device-names.js'
import { addLine, diffVxlans, stateOf } from './diff.js'
import { parseVxlans } from './parse.js'
import type { VxlanSpec, VxlanState } from './types.js'

const SPEC: VxlanSpec = {
  name: 'vx-7',
  vni: 7,
  localIp: '10.0.1.31',
  udpPort: 4789,
  mtu: 1450,
  learning: false,
  dontFragment: true,
  checksum: false,
  flood: ['10.0.1.21', '10.0.1.32'],
  macs: new Map([['fa:16:3e:00:01:13', '10.0.1.32']]),
}
const is = (state: VxlanState) => new Map([['vx-7', state]])

/** What iproute2 6.1 prints for SPEC. */
const LINKS = [
  {},
  {
    ifname: 'vx-7',
    flags: ['BROADCAST', 'NOARP', 'UP', 'LOWER_UP'],
    mtu: 1450,
    linkinfo: { info_kind: 'vxlan', info_data: { id: 7, local: '10.0.1.31', port: 4789, learning: false, df: 'set' } },
  },
  { ifname: 'vxlan100', flags: [], mtu: 1500, linkinfo: { info_data: { id: 100, port: 4789, learning: true } } },
] as unknown as Parameters<typeof parseVxlans>[0]
const FDB = [
  { mac: '33:33:00:00:00:01', ifname: 'eth1', state: 'permanent' },
  { mac: '00:00:00:00:00:00', ifname: 'vx-7', dst: '10.0.1.21', state: 'permanent' },
  { mac: '00:00:00:00:00:00', ifname: 'vx-7', dst: '10.0.1.32', state: 'permanent' },
  { mac: 'fa:16:3e:00:01:13', ifname: 'vx-7', dst: '10.0.1.32', state: 'permanent' },
  { mac: 'fa:16:3e:00:09:99', ifname: 'vx-7', dst: '10.0.1.32', state: '' },
  { mac: '00:00:00:00:00:00', ifname: 'vxlan100', dst: '10.9.9.9', state: 'permanent' },
]

describe('VXLAN devices of the kernel', () => {
  it('are read without those of others and without what the kernel learned', () => {
    assert.deepEqual(parseVxlans(LINKS, FDB), is(stateOf(SPEC)))
    assert.deepEqual(diffVxlans(parseVxlans(LINKS, FDB), [SPEC]), { remade: [], made: [], links: [], fdb: [] })
  })

  it('are made with their entries', () => {
    assert.equal(
      addLine(SPEC),
      'link add vx-7 mtu 1450 type vxlan id 7 local 10.0.1.31 dstport 4789 nolearning df set noudpcsum',
    )
    const { made, fdb } = diffVxlans(new Map(), [SPEC])
    assert.deepEqual(made, [SPEC])
    assert.deepEqual(fdb, [
      'fdb append 00:00:00:00:00:00 dev vx-7 dst 10.0.1.21 self permanent',
      'fdb append 00:00:00:00:00:00 dev vx-7 dst 10.0.1.32 self permanent',
      'fdb replace fa:16:3e:00:01:13 dev vx-7 dst 10.0.1.32 self permanent',
    ])
  })

  it('are corrected by the least, new entries before old ones go', () => {
    const actual = {
      ...stateOf(SPEC),
      up: false,
      flood: new Set(['10.0.1.21', '10.0.1.99']),
      macs: new Map([
        ['fa:16:3e:00:01:13', '10.0.1.21'],
        ['fa:16:3e:00:01:14', '10.0.1.21'],
      ]),
    }
    assert.deepEqual(diffVxlans(is(actual), [SPEC]), {
      remade: [],
      made: [],
      links: ['link set vx-7 arp off up'],
      fdb: [
        'fdb append 00:00:00:00:00:00 dev vx-7 dst 10.0.1.32 self permanent',
        'fdb replace fa:16:3e:00:01:13 dev vx-7 dst 10.0.1.32 self permanent',
        'fdb del 00:00:00:00:00:00 dev vx-7 dst 10.0.1.99 self',
        'fdb del fa:16:3e:00:01:14 dev vx-7 dst 10.0.1.21 self',
      ],
    })
  })

  it('are made again when they lead elsewhere', () => {
    const { remade, made, fdb } = diffVxlans(is({ ...stateOf(SPEC), localIp: '10.0.1.30' }), [SPEC])
    assert.deepEqual([remade, made, fdb.length], [['vx-7'], [SPEC], 3])
  })

  it('are told from others by their names', () => {
    assert.deepEqual(['vx-1', 'vx-16777215', 'vxlan-0a000115', 'vx-', 'vx-1a', 'xvx-1'].map(isVxlanDevice), [
      true,
      true,
      false,
      false,
      false,
      false,
    ])
  })
})
