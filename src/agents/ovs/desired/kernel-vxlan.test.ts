import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceKindOf } from '../../../dataplane/netns/device-kind.js'
import type { OvsBridge } from '../../../dataplane/ovsdb/types.js'
import { chooseProfile } from '../datapath/profile.js'
import { exampleObjects, ID, MAC, SETTINGS } from '../testing/example.fake.js'
import { desired, exampleLocal, flowLines } from '../testing/local.fake.js'
import { desiredWire, tunnelFault } from './wire.js'

const profile = chooseProfile({
  datapathType: 'netdev',
  segmentationOffload: true,
  endpoint: 'device',
  kernelVxlan: true,
  keepsSegmentSize: true,
})
const FAST = { ...SETTINGS, profile }
const NIC = { device: 'eth1', mac: '02:00:00:00:00:31', prefixLength: 24, mtu: 1600 }
const local = exampleLocal({
  ofports: new Map([...exampleLocal().ofports].filter(([name]) => !name.startsWith('vxlan-')).concat([['vx-1', 2]])),
})

test('a network has one device to all its endpoints, whose entries are those of L2 population', () => {
  const [tunnel, ...more] = desired(exampleObjects(), local, FAST).tunnels
  assert.deepEqual(more, [])
  assert.deepEqual(tunnel, {
    by: 'kernel',
    name: 'vx-1',
    type: 'vxlan',
    device: {
      name: 'vx-1',
      vni: 1,
      localIp: '10.0.1.31',
      udpPort: 4789,
      mtu: 1450,
      learning: false,
      dontFragment: true,
      checksum: false,
      flood: ['10.0.1.21', '10.0.1.32'],
      macs: tunnel?.by === 'kernel' ? tunnel.device.macs : null,
    },
  })
  assert.deepEqual(
    [...(tunnel?.by === 'kernel' ? tunnel.device.macs : [])].sort(),
    [
      [MAC.tn, '10.0.1.21'],
      [MAC.dhcp, '10.0.1.21'],
      [MAC.i3, '10.0.1.32'],
    ].sort(),
  )
})

test('its frames get the VNI of the device, and go the way of tunnelled ones', () => {
  const plain = flowLines(desired(exampleObjects(), exampleLocal()), 'br-tun')
  const fast = flowLines(desired(exampleObjects(), local, FAST), 'br-tun')
  assert.ok(fast.includes('table=0,priority=1,in_port=2 actions=set_field:0x1->tun_id,goto_table:4'))
  assert.ok(
    fast.some((line) => /^table=22,priority=1,dl_vlan=1 actions=pop_vlan,set_field:0x1->tun_id,output:2$/.test(line)),
  )
  // everything else is the same, but for the port: it is one
  const unported = (found: string[]) =>
    [
      ...new Set(
        found
          .filter((line) => !/in_port=[23] |^table=22,priority=1/.test(line))
          .map((line) => line.replace(/output:[23]$/, 'output:tunnel')),
      ),
    ].sort()
  assert.deepEqual(unported(fast), unported(plain))
})

test('without L2 population the kernel learns', () => {
  const [tunnel] = desired(exampleObjects(), local, { ...FAST, l2Population: false }).tunnels
  assert.ok(tunnel?.by === 'kernel' && tunnel.device.learning && tunnel.device.macs.size === 0)
})

test('instances may leave checksums where the kernel or nobody tunnels, and other agents are told', () => {
  const qvb = `qvb${ID.instance1.slice(0, 11)}`
  assert.deepEqual([...desired(exampleObjects(), local, FAST).offloads], [[qvb, { on: true, ofport: 7 }]])
  assert.deepEqual([...desired(exampleObjects(), exampleLocal()).offloads], [[qvb, { on: false, ofport: 7 }]])
  const gre = exampleObjects().map((object) =>
    object.kind === 'network' && object.id === ID.demoNet ? { ...object, type: 'gre' as const } : object,
  )
  assert.deepEqual([...desired(gre, local, FAST).offloads], [[qvb, { on: false, ofport: 7 }]])
  const kind = (settings: typeof FAST) => deviceKindOf(desired([], local, settings).bridges[0] as unknown as OvsBridge)
  assert.deepEqual(kind(FAST), { devices: 'veth', complete: ['gre', 'geneve'] })
  assert.deepEqual(kind(SETTINGS), { devices: 'internal', complete: [] })
  const some = { ...FAST, profile: { ...profile, offload: 'tunnels' as const } }
  assert.deepEqual([...desired(exampleObjects(), local, some).offloads], [[qvb, { on: true, ofport: 7 }]])
  assert.deepEqual(kind(some).complete, ['gre', 'geneve', 'vlan', 'flat', 'local'])
  const none = { ...FAST, profile: { ...profile, offload: 'none' as const } }
  assert.deepEqual([...desired(exampleObjects(), local, none).offloads], [[qvb, { on: false, ofport: 7 }]])
  assert.deepEqual(kind(none).complete, ['gre', 'vxlan', 'geneve', 'vlan', 'flat', 'local'])
})

test('tunnels of Open vSwitch get a wire to a NIC that the kernel holds', () => {
  const gre = exampleObjects().map((object) =>
    object.kind === 'network' && object.id === ID.demoNet ? { ...object, type: 'gre' as const } : object,
  )
  const { tunnels } = desired(gre, local, FAST)
  assert.deepEqual(
    tunnels.map(({ name }) => name),
    ['gre-0a000115', 'gre-0a000120'],
  )
  const { device: nic, ...rest } = NIC
  assert.deepEqual(desiredWire(tunnels, NIC, false, FAST), { nic, ...rest, ip: '10.0.1.31', protocols: [47] })
  assert.equal(desiredWire(tunnels, NIC, true, FAST), null, 'a bridge needs none')
  assert.equal(desiredWire(desired(exampleObjects(), local, FAST).tunnels, NIC, false, FAST), null)
  const faults = (endpoint: typeof NIC) =>
    tunnels.map((tunnel) => (tunnel.by === 'switch' ? tunnelFault(tunnel, endpoint, false, FAST) : 'kernel'))
  assert.deepEqual(faults(NIC), [null, null])
  assert.match(String(faults({ ...NIC, prefixLength: 32 })[0]), /behind a gateway \(10\.0\.1\.21\)/)
})
