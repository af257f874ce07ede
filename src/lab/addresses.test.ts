import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addressLines } from './addresses.js'
import type { LabDatapath } from './datapath.js'
import { DEFAULT_PORTS, labSpec } from './spec.js'

const linesOf = (name: string, datapath: LabDatapath) =>
  addressLines(labSpec('lab', 1, DEFAULT_PORTS).nodes.find((node) => node.name === name)!, datapath)

describe('addresses of lab nodes', () => {
  it('keep the kernel from answering ARP on NICs whose frames belong to a bridge', () => {
    assert.deepEqual(linesOf('compute1', 'netdev'), [
      'address add 10.0.0.31/24 dev eth0',
      'link set eth1 arp off',
      'address add 10.0.1.31/24 dev br-eth1',
      'link set br-eth1 mtu 1600 up',
      'link set eth2 arp off',
      'link set eth3 arp off',
      'route add default via 10.0.0.1',
    ])
    for (const datapath of ['system', 'netdev-tso'] as const) {
      assert.ok(
        !linesOf('compute1', datapath).includes('link set eth1 arp off'),
        'there the NIC has the address itself',
      )
    }
  })

  it('give the outside world both external networks', () => {
    const lines = linesOf('outside', 'netdev')
    assert.ok(lines.includes('address add 203.0.113.1/24 dev eth3'))
    assert.ok(lines.includes('link set eth4 arp off'))
    assert.ok(lines.includes('address add 198.51.100.1/24 dev eth4.300'))
    assert.ok(!lines.some((line) => line.startsWith('route')))
  })
})
