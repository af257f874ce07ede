import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ID, SETTINGS } from '../testing/example.fake.js'
import { desired, flowLines, lines } from '../testing/local.fake.js'
import { joinedTrunk, pluggedTrunk, TRUNK, trunkObjects } from '../testing/trunk.fake.js'

test('nothing of a trunk passes before its bridge is joined with br-int', () => {
  const want = desired(trunkObjects(), pluggedTrunk())
  assert.deepEqual(want.ready, desired(trunkObjects(), { ...pluggedTrunk(), trunkDevices: [] }).ready)
  assert.deepEqual(flowLines(want, TRUNK.bridge), [])
  const { name, failMode, externalIds, datapathType } = want.bridges.at(-1)!
  assert.deepEqual(
    [name, failMode, externalIds, datapathType],
    [TRUNK.bridge, 'secure', { trunk_id: TRUNK.id }, undefined],
  )
  assert.deepEqual(
    want.trunks.ports.map(({ bridge, name, type, options, dead = false }) => [bridge, name, type, options?.peer, dead]),
    [
      [TRUNK.bridge, 'tpt-05a1b2c3-d', 'patch', 'tpi-05a1b2c3-d', false],
      ['br-int', 'tpi-05a1b2c3-d', 'patch', 'tpt-05a1b2c3-d', true],
      [TRUNK.bridge, 'spt-5b5b5b5b-5', '', undefined, false],
      ['br-int', 'qvo5b5b5b5b-5b', '', undefined, true],
    ],
  )
  assert.deepEqual(want.trunks.filterBridges, [{ portId: TRUNK.subport, mtu: 1400, outer: 'spt-5b5b5b5b-5' }])
})

test('a tag leads to its subport, no tag to the parent, another tag nowhere', () => {
  const want = desired(trunkObjects(), joinedTrunk())
  assert.deepEqual(
    flowLines(want, TRUNK.bridge),
    lines(`
      table=0,priority=0 actions=drop
      table=0,priority=2,in_port=1,vlan_tci=0x0000/0x1fff actions=output:2
      table=0,priority=2,in_port=2,vlan_tci=0x0000/0x1fff actions=output:1
      table=0,priority=2,in_port=1,dl_vlan=100 actions=pop_vlan,output:3
      table=0,priority=2,in_port=3,vlan_tci=0x0000/0x1fff actions=push_vlan:0x8100,set_field:4196->vlan_vid,output:1
    `),
  )
})

test('parent and subport are ports like any other: wired, filtered, guarded', () => {
  const want = desired(trunkObjects(), joinedTrunk())
  assert.equal(want.tags['tpi-05a1b2c3-d']!.tag, 1)
  assert.equal(want.tags['qvo5b5b5b5b-5b']!.tag, 3)
  assert.deepEqual([want.dead, want.errors], [[], []])
  for (const id of [ID.instance1, TRUNK.subport]) assert.ok(want.ready.includes(id))
  const { filter, raw } = want.firewall.rules.ipv4.tables
  assert.ok(
    filter!.chains['neutron-openvswi-s5b5b5b5b-5']![0]!.includes(`-s 192.168.2.11/32 -m mac --mac-source ${TRUNK.mac}`),
  )
  assert.ok(raw!.chains['neutron-openvswi-PREROUTING']!.some((rule) => rule.includes('--physdev-in tap5b5b5b5b-5b')))
  const guarded = flowLines(want, 'br-int')
  for (const ofport of [11, 12]) {
    assert.ok(guarded.includes(`table=0,priority=100,in_port=${ofport},vlan_tci=0x1000/0x1000 actions=drop`))
  }
  assert.ok(guarded.some((line) => line.startsWith(`table=24,priority=2,arp,in_port=12,arp_spa=192.168.2.11`)))
  // frames with tags are complete when they reach Open vSwitch
  const off = [...want.offloads].map(([device, { on }]) => [device, on])
  assert.deepEqual(off, [
    ['qvb05a1b2c3-d4', false],
    ['qvb5b5b5b5b-5b', false],
    ['tap5b5b5b5b-5b', false],
  ])
})

test('limits of a parent act where its instance comes in', () => {
  const limit = { kbps: 1000, burstKb: 100 }
  const qos = { kind: 'port_qos', id: ID.instance1, egress: limit, ingress: limit, dscp: null } as const
  const { limits } = desired([...trunkObjects(), qos], joinedTrunk())
  assert.deepEqual([...limits.shapes.keys()], ['qvb05a1b2c3-d4'])
  assert.deepEqual(limits.queues['qvo05a1b2c3-d4'], { rate: { bitsPerSecond: 1_000_000, burstBits: 100_000 } })
})

test('when the instance is unplugged its trunk is dead at once', () => {
  const want = desired(trunkObjects(), { ...joinedTrunk(), trunkDevices: [] })
  assert.deepEqual(want.dead, ['qvo5b5b5b5b-5b', 'tpi-05a1b2c3-d'])
  assert.deepEqual([want.trunks.ports, want.trunks.filterBridges], [[], []])
})

test('a parent that is plugged without a filter bridge stays closed; without a firewall subports are patches', () => {
  const local = joinedTrunk()
  const bare = { ...local, trunkDevices: local.trunkDevices.map((each) => ({ ...each, name: 'tap05a1b2c3-d4' })) }
  const want = desired(trunkObjects(), bare)
  assert.deepEqual(
    want.errors.map(({ kind, id }) => [kind, id]),
    [['port', ID.instance1]],
  )
  assert.deepEqual(want.dead, ['tpi-05a1b2c3-d'])
  const open = desired(trunkObjects(), bare, { ...SETTINGS, firewall: 'noop' })
  assert.deepEqual(
    open.trunks.ports.slice(2).map(({ name, type }) => [name, type]),
    [
      ['spt-5b5b5b5b-5', 'patch'],
      ['spi-5b5b5b5b-5', 'patch'],
    ],
  )
})
