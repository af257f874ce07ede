import assert from 'node:assert/strict'
import { test } from 'node:test'
import { devicesOf, diffFilterBridge, removalLines } from './diff.js'
import type { DeviceState, FilterBridgeSpec } from './types.js'

const SPEC: FilterBridgeSpec = { portId: '5b5b5b5b-5b5b-4000', mtu: 1450, outer: 'spt-5b5b5b5b-5' }

const standing = (): Map<string, DeviceState> =>
  new Map(
    devicesOf(SPEC).map((name) => {
      const master = /^(qvb|tap)/.test(name) ? 'qbr5b5b5b5b-5b' : null
      return [name, { mtu: 1450, up: true, master, peer: null }]
    }),
  )

test('a filter bridge is made with all its devices', () => {
  const { made, fresh, settled } = diffFilterBridge(new Map(), SPEC)
  assert.deepEqual(made, [
    'link add qbr5b5b5b5b-5b mtu 1450 type bridge ageing_time 0 forward_delay 0 stp_state 0 mcast_snooping 0',
    'link add qvb5b5b5b5b-5b mtu 1450 type veth peer name qvo5b5b5b5b-5b mtu 1450',
    'link add tap5b5b5b5b-5b mtu 1450 type veth peer name spt-5b5b5b5b-5 mtu 1450',
  ])
  assert.deepEqual(fresh, devicesOf(SPEC))
  assert.deepEqual(settled, [
    'link set qbr5b5b5b5b-5b up',
    'link set qvb5b5b5b5b-5b master qbr5b5b5b5b-5b promisc on up',
    'link set qvo5b5b5b5b-5b promisc on up',
    'link set spt-5b5b5b5b-5 promisc on up',
    'link set tap5b5b5b5b-5b master qbr5b5b5b5b-5b promisc on up',
  ])
})

test('one that stands is left alone, also where the kernel has its ends in a bridge of Open vSwitch', () => {
  const nothing = { made: [], fresh: [], settled: [] }
  assert.deepEqual(diffFilterBridge(standing(), SPEC), nothing)
  const inKernel = standing().set('qvo5b5b5b5b-5b', { mtu: 1450, up: true, master: 'ovs-system', peer: null })
  assert.deepEqual(diffFilterBridge(inKernel, SPEC), nothing)
})

test('what differs is corrected', () => {
  const smaller = diffFilterBridge(standing(), { ...SPEC, mtu: 1400 })
  assert.deepEqual(
    smaller.settled,
    devicesOf(SPEC).map((name) => `link set ${name} mtu 1400`),
  )
  const outside = standing().set('tap5b5b5b5b-5b', { mtu: 1450, up: true, master: null, peer: null })
  assert.equal(diffFilterBridge(outside, SPEC).settled.length, 5)
  const cut = standing()
  for (const name of ['tap5b5b5b5b-5b', 'spt-5b5b5b5b-5']) cut.delete(name)
  assert.deepEqual(diffFilterBridge(cut, SPEC).fresh, ['tap5b5b5b5b-5b', 'spt-5b5b5b5b-5'])
})

test('removal names each pair once', () => {
  assert.deepEqual(removalLines('5b5b5b5b-5b'), [
    'link del tap5b5b5b5b-5b',
    'link del qvb5b5b5b5b-5b',
    'link del qbr5b5b5b5b-5b',
  ])
})
