import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agentProviderId, bridgeProviderId, physnetTrait, vnicTypeTrait } from './names.js'
import { hasProviders, providersOf, resourcesOf } from './providers.js'

const configurations = {
  bridge_mappings: { 'rack-1': 'br-rack', external: 'br-ex' },
  resource_provider_bandwidths: { 'br-rack': { egress: 10_000, ingress: null }, 'br-ex': { egress: null } },
  resource_provider_hypervisors: { 'br-rack': 'node1', 'br-ex': 'node1' },
  resource_provider_inventory_defaults: { allocation_ratio: 1, min_unit: 1, step_size: 1, reserved: 100 },
}

test('names are those that Neutron gives', () => {
  // uuid -v5 87ee7d5c-73bb-11e8-9008-c4d987b2a692 host:eth0
  assert.equal(bridgeProviderId('host', 'eth0'), '13cc0ed9-e802-5eaa-b4c7-3441855e31f2')
  assert.equal(agentProviderId('host'), '791f63f0-1a1a-5c38-8972-5e43014fd58b')
  assert.deepEqual(
    [physnetTrait('rack-1'), vnicTypeTrait('normal')],
    ['CUSTOM_PHYSNET_RACK_1', 'CUSTOM_VNIC_TYPE_NORMAL'],
  )
})

test('an agent has a provider below the compute node, each bridge with a bandwidth one below that', () => {
  const told = resourcesOf({ host: 'host1', configurations })!
  const [agent, rack, external, ...more] = providersOf('Open vSwitch agent', told, new Map([['node1', 'root']]))
  assert.deepEqual(more, [])
  const traits = ['CUSTOM_VNIC_TYPE_NORMAL']
  const agentId = agentProviderId('node1')
  assert.deepEqual(agent, {
    uuid: agentId,
    name: 'node1:Open vSwitch agent',
    parent: 'root',
    traits,
    inventories: null,
  })
  assert.deepEqual(rack, {
    uuid: bridgeProviderId('node1', 'br-rack'),
    name: 'node1:Open vSwitch agent:br-rack',
    parent: agentId,
    traits: ['CUSTOM_PHYSNET_RACK_1', ...traits],
    inventories: {
      NET_BW_EGR_KILOBIT_PER_SEC: { allocation_ratio: 1, min_unit: 1, step_size: 1, reserved: 100, total: 10_000 },
    },
  })
  assert.deepEqual(external?.inventories, {})
  const hasAll = (...ids: string[]) => hasProviders({ host: 'host1', configurations }, { ...ids })
  assert.deepEqual([hasAll(rack!.uuid), hasAll(), hasAll(rack!.uuid, 'root')], [true, true, false])
  assert.equal(resourcesOf({ host: 'host1', configurations: { bridge_mappings: {} } }), null)
})

test('what the switch of a node can take is an inventory of the agent’s provider', () => {
  const packets = {
    resource_provider_packet_processing_without_direction: { node2: { any: 5000 } },
    resource_provider_packet_processing_inventory_defaults: { allocation_ratio: 2 },
  }
  const agent = { host: 'host1', configurations: packets }
  const [only, ...more] = providersOf('Open vSwitch agent', resourcesOf(agent)!, new Map([['node2', 'root']]))
  assert.deepEqual(more, [])
  assert.deepEqual(only?.inventories, { NET_PACKET_RATE_KILOPACKET_PER_SEC: { allocation_ratio: 2, total: 5000 } })
  assert.ok(hasProviders(agent, { group: agentProviderId('node2') }))
  assert.ok(!hasProviders(agent, { group: agentProviderId('host1') }))
  const directed = { resource_provider_packet_processing_with_direction: { host1: { egress: 3, ingress: null } } }
  const told = resourcesOf({ host: 'host1', configurations: directed })!
  const [directedOnly] = providersOf('Open vSwitch agent', told, new Map([['host1', 'root']]))
  assert.deepEqual(directedOnly?.inventories, { NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC: { total: 3 } })
})
