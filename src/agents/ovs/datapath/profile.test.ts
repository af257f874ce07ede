import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseProfile, type HostOffer } from './profile.js'

const OFFER: HostOffer = { datapathType: 'netdev', segmentationOffload: true, endpoint: 'device', kernelVxlan: true }
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
