import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepsSegmentSize } from './probe.js'
import { chooseProfile, type HostOffer } from './profile.js'

const OFFER: HostOffer = {
  datapathType: 'netdev',
  segmentationOffload: true,
  endpoint: 'device',
  kernelVxlan: true,
  keepsSegmentSize: true,
}
const short = (offer: Partial<HostOffer>) => {
  const { name, vxlan, devices } = chooseProfile({ ...OFFER, ...offer })
  return `${name} ${vxlan} ${devices}`
}

test('the profile follows from what the host offers', () => {
  assert.equal(short({}), 'netdev-tso kernel veth')
  assert.equal(short({ endpoint: 'nowhere' }), 'netdev-tso kernel veth')
  assert.equal(short({ segmentationOffload: false, endpoint: 'bridge' }), 'netdev switch internal')
  assert.equal(short({ segmentationOffload: false, endpoint: 'nowhere' }), 'netdev switch internal')
  assert.equal(short({ datapathType: 'system' }), 'system switch internal')
})

test('an endpoint that is in the wrong place for it works all the same', () => {
  assert.equal(short({ endpoint: 'bridge' }), 'netdev-tso switch veth')
  assert.equal(short({ segmentationOffload: false }), 'netdev kernel internal')
  assert.equal(short({ kernelVxlan: false }), 'netdev-tso switch veth')
})

test('the reason names what was found', () => {
  assert.equal(chooseProfile(OFFER).reason, 'userspace-tso-enable is in effect, the tunnel address is on a NIC')
})

test('segments enter only a version that keeps their size, unless asked for', () => {
  const offload = (keeps: boolean, wish: 'auto' | 'plain' | 'fast') =>
    chooseProfile({ ...OFFER, keepsSegmentSize: keeps }, wish).offload
  assert.deepEqual([offload(true, 'auto'), offload(true, 'fast'), offload(true, 'plain')], ['all', 'all', 'none'])
  assert.deepEqual(
    [offload(false, 'auto'), offload(false, 'fast'), offload(false, 'plain')],
    ['none', 'tunnels', 'none'],
  )
  const versions = ['2.17.9', '3.1.0', '3.2.1', '3.3.0', '3.10.0', '4.0.0']
  assert.deepEqual(
    versions.map((version) => keepsSegmentSize(`ovs-vswitchd (Open vSwitch) ${version}`)),
    [false, false, false, true, true, true],
  )
})
