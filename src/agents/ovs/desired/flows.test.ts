import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { HostObject } from '../../../bus/contracts/host-view.js'
import { OWNER } from '../../../model/owners.js'
import {
  exampleObjects,
  exampleOnVlan,
  ID,
  MAC,
  neighbour,
  network,
  port,
  SETTINGS,
  subnet,
} from '../testing/example.fake.js'
import { desired, exampleLocal, flowLines, lines } from '../testing/local.fake.js'

const BR_INT = `
table=0,priority=65535,dl_vlan=4095 actions=drop
table=0,priority=100,in_port=7,vlan_tci=0x1000/0x1000 actions=drop
table=0,priority=99,arp,in_port=1,dl_dst=fa:16:3f:00:00:31,arp_op=2,arp_tha=fa:16:3e:c1:20:55 actions=set_field:fa:16:3e:c1:20:55->eth_dst,goto_table:58
table=0,priority=99,arp,in_port=1,dl_dst=ff:ff:ff:ff:ff:ff,arp_op=2,arp_tha=fa:16:3e:c1:20:55 actions=set_field:fa:16:3e:c1:20:55->eth_dst,goto_table:58
table=0,priority=10,arp,in_port=7 actions=goto_table:24
table=0,priority=10,icmp6,in_port=7,icmp_type=136 actions=goto_table:24
table=0,priority=9,in_port=7 actions=goto_table:25
table=0,priority=5,in_port=1,dl_dst=fa:16:3f:00:00:31 actions=goto_table:3
table=0,priority=5,in_port=2,dl_dst=fa:16:3f:00:00:31 actions=goto_table:4
table=0,priority=5,in_port=3,dl_dst=fa:16:3f:00:00:31 actions=goto_table:4
table=0,priority=4,in_port=2,dl_src=fa:16:3f:00:00:21 actions=goto_table:2
table=0,priority=4,in_port=2,dl_src=fa:16:3f:00:00:32 actions=goto_table:2
table=0,priority=4,in_port=3,dl_src=fa:16:3f:00:00:21 actions=goto_table:2
table=0,priority=4,in_port=3,dl_src=fa:16:3f:00:00:32 actions=goto_table:2
table=0,priority=3,in_port=3,vlan_tci=0x0000/0x1fff actions=push_vlan:0x8100,set_field:4098->vlan_vid,goto_table:58
table=0,priority=2,in_port=1,dl_src=fa:16:3f:00:00:21 actions=goto_table:1
table=0,priority=2,in_port=1,dl_src=fa:16:3f:00:00:32 actions=goto_table:1
table=0,priority=2,in_port=2 actions=drop
table=0,priority=2,in_port=3 actions=drop
table=0,priority=0 actions=goto_table:58
table=1,priority=20,dl_vlan=1,dl_dst=fa:16:3e:00:01:11 actions=set_field:fa:16:3e:c1:20:55->eth_src,goto_table:58
table=1,priority=20,arp,dl_vlan=1,dl_dst=ff:ff:ff:ff:ff:ff,arp_op=1 actions=goto_table:58
table=1,priority=1 actions=drop
table=2,priority=1 actions=drop
table=3,priority=5,dl_vlan=1,dl_dst=fa:16:3f:00:00:31 actions=set_field:fa:16:3e:c1:20:55->eth_dst,pop_vlan,output:5
table=23,priority=0 actions=drop
table=24,priority=2,arp,in_port=7,arp_spa=192.168.1.11 actions=goto_table:25
table=24,priority=2,icmp6,in_port=7,icmp_type=136,nd_target=fe80::f816:3eff:fe00:111 actions=goto_table:58
table=24,priority=0 actions=drop
table=25,priority=2,in_port=7,dl_src=fa:16:3e:00:01:11 actions=goto_table:30
table=30,priority=0 actions=goto_table:58
table=31,priority=0 actions=goto_table:58
table=58,priority=0 actions=goto_table:59
table=59,priority=0 actions=goto_table:60
table=60,priority=30,arp,vlan_tci=0x0000/0x1fff,dl_dst=fa:16:3e:c1:20:55,arp_op=2 actions=NORMAL,set_field:ff:ff:ff:ff:ff:ff->eth_dst,NORMAL
table=60,priority=20,dl_vlan=1,dl_dst=fa:16:3e:00:01:11 actions=pop_vlan,output:7
table=60,priority=1 actions=NORMAL
table=62,priority=3 actions=NORMAL
`

const answer = (ip: string, mac: string) =>
  `table=21,priority=1,arp,dl_vlan=1,arp_tpa=${ip} actions=set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],` +
  `move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],set_field:${mac}->arp_sha,set_field:${ip}->arp_spa,` +
  `move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:${mac}->eth_src,IN_PORT`

const BR_TUN = `
table=0,priority=1,in_port=1 actions=goto_table:1
table=0,priority=1,in_port=2 actions=goto_table:4
table=0,priority=1,in_port=3 actions=goto_table:4
table=0,priority=0 actions=drop
table=1,priority=2,dl_vlan=1,dl_dst=fa:16:3e:c1:20:55 actions=drop
table=1,priority=1,dl_vlan=1,dl_src=fa:16:3e:c1:20:55 actions=set_field:fa:16:3f:00:00:31->eth_src,goto_table:2
table=1,priority=0 actions=goto_table:2
table=2,priority=1,arp,dl_dst=ff:ff:ff:ff:ff:ff actions=goto_table:21
table=2,priority=0,dl_dst=00:00:00:00:00:00/01:00:00:00:00:00 actions=goto_table:20
table=2,priority=0,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=goto_table:22
table=3,priority=0 actions=drop
table=4,priority=1,tun_id=0x1 actions=push_vlan:0x8100,set_field:4097->vlan_vid,goto_table:9
table=4,priority=0 actions=drop
table=6,priority=0 actions=drop
table=9,priority=1,dl_src=fa:16:3f:00:00:21 actions=output:1
table=9,priority=1,dl_src=fa:16:3f:00:00:32 actions=output:1
table=9,priority=0 actions=goto_table:10
table=10,priority=1 actions=learn(table=20,hard_timeout=300,priority=1,cookie=0xea57000600000000,NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],load:0->NXM_OF_VLAN_TCI[],load:NXM_NX_TUN_ID[]->NXM_NX_TUN_ID[],output:OXM_OF_IN_PORT[]),output:1
table=20,priority=2,dl_vlan=1,dl_dst=fa:16:3e:00:02:02 actions=pop_vlan,set_field:0x1->tun_id,output:2
table=20,priority=2,dl_vlan=1,dl_dst=fa:16:3e:00:0d:02 actions=pop_vlan,set_field:0x1->tun_id,output:2
table=20,priority=2,dl_vlan=1,dl_dst=fa:16:3e:00:01:13 actions=pop_vlan,set_field:0x1->tun_id,output:3
table=20,priority=0 actions=goto_table:22
${answer('192.168.1.2', MAC.tn)}
${answer('192.168.1.4', MAC.dhcp)}
${answer('192.168.1.13', MAC.i3)}
table=21,priority=0 actions=goto_table:22
table=22,priority=3,arp,dl_vlan=1,arp_tpa=192.168.1.1,arp_op=1 actions=drop
table=22,priority=3,arp,dl_vlan=1,dl_dst=ff:ff:ff:ff:ff:ff,arp_spa=192.168.1.1,arp_op=2 actions=drop
table=22,priority=1,dl_vlan=1 actions=pop_vlan,set_field:0x1->tun_id,output:2,output:3
table=22,priority=0 actions=drop
`

const BR_EX = `
table=0,priority=2,in_port=2 actions=goto_table:1
table=0,priority=1 actions=goto_table:3
table=0,priority=0 actions=NORMAL
table=1,priority=0 actions=goto_table:2
table=2,priority=4,in_port=2,dl_vlan=2 actions=pop_vlan,NORMAL
table=2,priority=2,in_port=2 actions=drop
table=3,priority=2,dl_src=fa:16:3f:00:00:21 actions=output:2
table=3,priority=2,dl_src=fa:16:3f:00:00:32 actions=output:2
table=3,priority=1 actions=NORMAL
`

test('the constructed example of compute1, bridge by bridge', () => {
  const want = desired(exampleObjects(), exampleLocal())
  assert.deepEqual(flowLines(want, 'br-int'), lines(BR_INT))
  assert.deepEqual(flowLines(want, 'br-tun'), lines(BR_TUN))
  assert.deepEqual(flowLines(want, 'br-ex'), lines(BR_EX))
  assert.deepEqual(want.errors, [])
})

test('the centralized SNAT port is reached like an instance', () => {
  const objects = exampleObjects().map((object) =>
    object.id === ID.snat
      ? port(ID.snat, ID.demoNet, MAC.tn, {
          deviceOwner: OWNER.centralizedSnat,
          fixedIps: [{ subnetId: ID.demoSubnet, ip: '192.168.1.2' }],
        })
      : object,
  )
  const local = exampleLocal()
  const sg = { name: 'sg-0c5a1b2c-00', portId: ID.snat, ofport: 8, otherConfig: {} }
  const found = flowLines(desired(objects, { ...local, devices: [...local.devices, sg] }), 'br-int')
  const restore = `table=1,priority=20,dl_vlan=1,dl_dst=${MAC.tn} actions=set_field:${MAC.tg}->eth_src,goto_table:58`
  assert.ok(found.includes(restore))
  assert.ok(found.includes(`table=60,priority=20,dl_vlan=1,dl_dst=${MAC.tn} actions=pop_vlan,output:8`))
})

test('a port that waits while another host has it is wired here, and found there', () => {
  const sg = { deviceOwner: OWNER.centralizedSnat, fixedIps: [{ subnetId: ID.demoSubnet, ip: '192.168.1.2' }] }
  const objects = exampleObjects().map((object) =>
    object.id === ID.snat ? port(ID.snat, ID.demoNet, MAC.tn, { ...sg, activeHost: 'network1' }) : object,
  )
  const local = exampleLocal()
  const device = { name: 'sg-0c5a1b2c-00', portId: ID.snat, ofport: 8, otherConfig: {} }
  const want = desired(objects, { ...local, devices: [...local.devices, device] })
  assert.ok(want.ready.includes(ID.snat))
  assert.deepEqual(flowLines(want, 'br-int'), lines(BR_INT), 'nothing is delivered to it')
  const there = lines(BR_TUN).filter((line) => line !== answer('192.168.1.2', MAC.tn))
  assert.equal(there.length, lines(BR_TUN).length - 1)
  assert.deepEqual(flowLines(want, 'br-tun'), there, 'sent there, but not answered for')
})

test('a router that came by a port of another address shows its own MAC where nobody has the gateway address', () => {
  const without = exampleObjects().map((object) => {
    if (object.id === ID.demoNet && object.kind === 'network')
      return network(ID.demoNet, {
        segmentationId: 1,
        subnets: [subnet(ID.demoSubnet, '192.168.1.0/24', '192.168.1.200')],
      })
    return object.kind === 'router' ? { ...object, interfaces: [] } : object
  })
  const restore = `table=1,priority=20,dl_vlan=1,dl_dst=${MAC.i1} actions=set_field:${MAC.tg}->eth_src,goto_table:58`
  assert.ok(flowLines(desired(without, exampleLocal()), 'br-int').includes(restore))
})

test('a VLAN project network: the wire VLAN outside, the local one behind the first tables', () => {
  const objects = exampleOnVlan()
  const want = desired(objects, exampleLocal({ vlans: new Map([[ID.demoNet, 3]]) }))
  const int = flowLines(want, 'br-int')
  for (const line of lines(`
    table=0,priority=3,in_port=2,dl_vlan=101 actions=set_field:4099->vlan_vid,goto_table:58
    table=0,priority=99,arp,in_port=2,dl_vlan=101,dl_dst=ff:ff:ff:ff:ff:ff,arp_op=2,arp_tha=${MAC.tg} actions=set_field:${MAC.tg}->eth_dst,set_field:4099->vlan_vid,goto_table:58
    table=2,priority=20,arp,dl_vlan=101,dl_dst=ff:ff:ff:ff:ff:ff,arp_op=1 actions=set_field:4099->vlan_vid,goto_table:58
    table=2,priority=20,dl_vlan=101,dl_dst=${MAC.i1} actions=set_field:${MAC.tg}->eth_src,set_field:4099->vlan_vid,goto_table:58
    table=4,priority=5,in_port=2,dl_vlan=101,dl_dst=${MAC.d1} actions=set_field:${MAC.tg}->eth_dst,pop_vlan,output:5
    table=60,priority=20,dl_vlan=3,dl_dst=${MAC.i1} actions=pop_vlan,output:7
  `)) {
    assert.ok(int.includes(line), line)
  }
  const phy = flowLines(want, 'br-vlan')
  for (const line of lines(`
    table=1,priority=3,arp,dl_vlan=3,arp_tpa=192.168.1.1,arp_op=1 actions=drop
    table=1,priority=3,arp,dl_vlan=3,dl_dst=ff:ff:ff:ff:ff:ff,arp_spa=192.168.1.1,arp_op=2 actions=drop
    table=1,priority=2,dl_vlan=3,dl_dst=${MAC.tg} actions=drop
    table=1,priority=1,dl_vlan=3,dl_src=${MAC.tg} actions=set_field:${MAC.d1}->eth_src,goto_table:2
    table=2,priority=4,in_port=2,dl_vlan=3 actions=set_field:4197->vlan_vid,NORMAL
  `)) {
    assert.ok(phy.includes(line), line)
  }
  assert.ok(!flowLines(want, 'br-tun').some((line) => line.includes('dl_vlan')), 'nothing of it in the tunnels')
})

test('the result does not depend on the order of arrival', () => {
  const objects = exampleObjects()
  const expected = desired(objects, exampleLocal())
  const text = (want: typeof expected) =>
    JSON.stringify([
      [...want.flows.keys()].sort().map((bridge) => flowLines(want, bridge)),
      want.firewall.rules,
      want.firewall.sets,
      want.tags,
      want.tunnels.map(({ name }) => name),
    ])
  fc.assert(
    fc.property(
      fc.shuffledSubarray(objects, { minLength: objects.length }),
      fc.shuffledSubarray([...exampleLocal().devices], { minLength: 3 }),
      (shuffled, devices) => text(desired(shuffled, exampleLocal({ devices }))) === text(expected),
    ),
    { numRuns: 60 },
  )
})

test('a new network takes over the VNI and the local VLAN of a removed one at once', () => {
  const next = 'bbbbbbbb-6096-4243-adf4-bb6615b3de28'
  const objects = exampleObjects()
    .filter(({ id }) => id !== ID.demoNet)
    .map((object) =>
      'networkId' in object && object.networkId === ID.demoNet ? { ...object, networkId: next } : object,
    )
  const local = exampleLocal({ vlans: new Map([[ID.extNet, 2]]) })
  const demo = { subnets: [subnet(ID.demoSubnet, '192.168.1.0/24', '192.168.1.1')], peers: ['compute2', 'network1'] }
  const want = desired([...objects, network(next, demo)], local)
  assert.equal(want.vlans.get(next), 1)
  assert.deepEqual(flowLines(want, 'br-tun'), lines(BR_TUN))
})

test('ports that are down, unknown, on a missing bridge or unfilterable stay dead, each by itself', () => {
  const local = exampleLocal()
  const stray = { name: 'qvo99999999-99', portId: '99999999-9999', ofport: 9, otherConfig: {} }
  const direct = { name: 'tap05a1b2c3-d4', portId: ID.instance1, ofport: 7, otherConfig: {} }
  const devices = [direct, ...local.devices.slice(1), stray]
  const want = desired(exampleObjects(), { ...local, devices, bridges: new Set(['br-int', 'br-tun', 'br-vlan']) })
  assert.deepEqual(want.ready, [ID.qr])
  assert.deepEqual(want.dead, ['fg-55f69591-06', 'qvo99999999-99', 'tap05a1b2c3-d4'])
  assert.deepEqual(
    want.errors.map(({ kind, id }) => `${kind} ${id}`),
    [`network ${ID.extNet}`, `port ${ID.instance1}`],
  )
  assert.ok(flowLines(want, 'br-int').includes('table=0,priority=101,in_port=9 actions=drop'))
})

test('what an allowed pair names is not answered for, whoever else has it', () => {
  const pair = (ip: string, mac: string) => [{ ip, mac }]
  const answered = (pairs: readonly { ip: string; mac: string }[], reserved: readonly HostObject[] = []) =>
    flowLines(
      desired(
        [
          ...exampleObjects(),
          ...reserved,
          neighbour('eeeeeeee-0000', ID.demoNet, 'network1', 'fa:16:3e:00:00:77', { allowedAddressPairs: pairs }),
        ],
        exampleLocal(),
      ),
      'br-tun',
    ).flatMap((line) => line.match(/^table=21,.*arp_tpa=(\S+)/)?.[1] ?? [])
  const always = ['192.168.1.2', '192.168.1.4']
  assert.deepEqual(answered(pair('192.168.1.100', 'fa:16:3e:00:00:77')), ['192.168.1.13', ...always].sort())
  assert.deepEqual(answered(pair('192.168.1.13', 'fa:16:3e:00:00:77')), always)
  assert.deepEqual(answered(pair('192.168.1.0/24', 'fa:16:3e:00:00:77')), ['192.168.1.13', ...always].sort())
  const nowhere = {
    ...neighbour('dddddddd-0000', ID.demoNet, '', 'fa:16:3e:00:00:99', {
      fixedIps: [{ subnetId: ID.demoSubnet, ip: '192.168.1.100' }],
    }),
    host: null,
  }
  assert.deepEqual(answered([], [nowhere]), ['192.168.1.13', ...always].sort())
})

test('a MAC that two ports may use is behind no tunnel, and behind both ports where both are here', () => {
  const vip = [{ ip: '192.168.1.100', mac: 'fa:16:3e:00:00:99' }]
  const changed = exampleObjects().map((object) =>
    object.kind === 'port' && object.id === ID.instance1 ? { ...object, allowedAddressPairs: vip } : object,
  )
  const second = port('eeeeeeee-0000', ID.demoNet, 'fa:16:3e:00:00:77', {
    fixedIps: [{ subnetId: ID.demoSubnet, ip: '192.168.1.14' }],
    allowedAddressPairs: vip,
  })
  const local = exampleLocal()
  const device = { name: 'qvoeeeeeeee-00', portId: second.id, ofport: 8, otherConfig: {} }
  const want = desired([...changed, second], { ...local, devices: [...local.devices, device] })
  assert.ok(
    flowLines(want, 'br-int').includes(
      `table=60,priority=20,dl_vlan=1,dl_dst=${vip[0]!.mac} actions=pop_vlan,output:7,output:8`,
    ),
  )
  const remote = neighbour('ffffffff-0000', ID.demoNet, 'network1', 'fa:16:3e:00:00:78', { allowedAddressPairs: vip })
  const tunnels = flowLines(desired([...changed, remote], local), 'br-tun')
  assert.ok(!tunnels.some((line) => line.includes('00:00:99')))
  assert.ok(tunnels.some((line) => line.startsWith('table=20,priority=2,dl_vlan=1,dl_dst=fa:16:3e:00:00:78')))
})

test('IPv6: other hosts may ask, and what is answered to a router here is told to all', () => {
  const qr6 = port('b1a894fd-ffff', ID.demoNet, 'fa:16:3e:c1:20:56', {
    fixedIps: [{ subnetId: 's6', ip: 'fd00:1::1' }],
    deviceOwner: OWNER.distributedRouterInterface,
  })
  const found = flowLines(desired([...exampleObjects(), qr6], exampleLocal()), 'br-int')
  for (const line of lines(`
    table=1,priority=22,icmp6,dl_vlan=1,dl_dst=33:33:ff:00:00:00/ff:ff:ff:00:00:00,icmp_type=135 actions=goto_table:58
    table=60,priority=30,icmp6,vlan_tci=0x0000/0x1fff,dl_dst=fa:16:3e:c1:20:56,icmp_type=136 actions=NORMAL,set_field:33:33:00:00:00:01->eth_dst,NORMAL
  `)) {
    assert.ok(found.includes(line), line)
  }
  assert.ok(!found.some((line) => line.startsWith('table=60,priority=30,arp') && line.includes('c1:20:56')))
})

test('without distributed routing no DVR table has flows', () => {
  const found = desired(exampleObjects(), exampleLocal(), { ...SETTINGS, distributedRouting: false })
  assert.ok(!flowLines(found, 'br-int').some((line) => /^table=[1-4],/.test(line) || line.includes('fa:16:3f')))
  assert.ok(flowLines(found, 'br-tun').includes('table=0,priority=1,in_port=1 actions=goto_table:2'))
  assert.ok(flowLines(found, 'br-ex').includes('table=0,priority=4,in_port=2,dl_vlan=2 actions=pop_vlan,NORMAL'))
})
