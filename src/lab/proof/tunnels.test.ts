import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseTunnels } from './tunnels.js'

const A = 'fa:16:3e:37:1f:f3'
const B = 'fa:16:3e:38:bd:2c'

/** Of a network node, for instances A on 10.0.1.32 and B on 10.0.1.31, as Open vSwitch 3.1 prints it; `a`, `b`: the ports. */
const flowsTo = (a: string, b: string) => `\
 cookie=0xea57000500000000, table=20, priority=2,dl_vlan=2,dl_dst=${B} actions=pop_vlan,set_field:0x1->tun_id,output:"${b}"
 cookie=0xea57000500000000, table=20, priority=2,dl_vlan=2,dl_dst=${A} actions=pop_vlan,set_field:0x1->tun_id,output:"${a}"
 cookie=0xea57000600000000, table=20, hard_timeout=300, priority=1,vlan_tci=0x0002/0x0fff,dl_dst=fa:16:3f:be:03:45 actions=load:0->NXM_OF_VLAN_TCI[],load:0x1->NXM_NX_TUN_ID[],output:"${a}"
 cookie=0xea57000100000000, table=20, priority=0 actions=goto_table:22
 cookie=0xea57000500000000, table=21, priority=1,arp,dl_vlan=2,arp_tpa=192.168.1.5 actions=set_field:2->arp_op,IN_PORT
 cookie=0xea57000500000000, table=21, priority=1,arp,dl_vlan=2,arp_tpa=192.168.1.3 actions=set_field:2->arp_op,IN_PORT
 cookie=0xea57000300000000, table=22, priority=3,arp,dl_vlan=2,arp_tpa=192.168.1.1,arp_op=1 actions=drop
 cookie=0xea57000200000000, table=22, priority=1,dl_vlan=2 actions=pop_vlan,set_field:0x1->tun_id,output:"${a}",output:"${b}"
 cookie=0xea57000100000000, table=22, priority=0 actions=drop
`
const OTHERS = 'patch-int\npeer=patch-tun\n\nqr-9e540579-00\n\n\nbr-tun\n\n'
const NIC = '33:33:00:00:00:01 dev eth1 self permanent\n'
const expected = {
  ends: ['10.0.1.31', '10.0.1.32'],
  floods: 1,
  ways: [
    { mac: A, end: '10.0.1.32' },
    { mac: B, end: '10.0.1.31' },
  ],
  answers: ['192.168.1.3', '192.168.1.5'],
}

describe('the tunnels of a node', () => {
  it('by ports of Open vSwitch', () => {
    const port = (name: string, ip: string) =>
      `\n${name}\ndf_default=true in_key=flow local_ip=10.0.1.21 out_key=flow remote_ip=${ip}\n`
    const interfaces = `${OTHERS}${port('vxlan-0a000120', '10.0.1.32')}${port('vxlan-0a00011f', '10.0.1.31')}`
    const flows = flowsTo('vxlan-0a000120', 'vxlan-0a00011f')
    assert.deepEqual(parseTunnels({ interfaces, flows, fdb: NIC }), expected)
  })

  const entry = (mac: string, device: string, ip: string) => `${mac} dev ${device} dst ${ip} self permanent\n`
  const floods = (device: string) =>
    ['10.0.1.32', '10.0.1.31'].map((ip) => entry('00:00:00:00:00:00', device, ip)).join('')

  it('by devices of the kernel: one port for all far ends, which the entries of that device tell apart', () => {
    const own = `${entry(B, 'vx-1', '10.0.1.31')}${entry(A, 'vx-1', '10.0.1.32')}${floods('vx-1')}`
    const fdb = `${NIC}${entry(A, 'vx-2', '10.0.1.33')}${entry(B, 'vxlan99', '10.9.9.9')}${own}`
    const read = parseTunnels({ interfaces: `${OTHERS}\nvx-1\n\n`, flows: flowsTo('vx-1', 'vx-1'), fdb })
    assert.deepEqual(read, expected)
  })

  it('a MAC without an entry goes to no end, whatever the flow', () => {
    const fdb = `${entry(B, 'vx-1', '10.0.1.31')}${floods('vx-1')}`
    const { ways } = parseTunnels({ interfaces: OTHERS, flows: flowsTo('vx-1', 'vx-1'), fdb })
    assert.deepEqual(ways, [
      { mac: A, end: null },
      { mac: B, end: '10.0.1.31' },
    ])
  })
})
