import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../config/options.js'
import { describeResources, resourceSettings } from './resources.js'

const MAPPINGS = { rack1: 'br-rack', external: 'br-ex' }
const WORDS: Parameters<typeof resourceSettings>[0] = {
  resource_provider_bandwidths: [],
  resource_provider_hypervisors: {},
  resource_provider_default_hypervisor: null,
  resource_provider_inventory_defaults: {},
  resource_provider_packet_processing_without_direction: [],
  resource_provider_packet_processing_with_direction: [],
  resource_provider_packet_processing_inventory_defaults: {},
}

test('what Placement is told has Neutron\u2019s names', () => {
  const settings = resourceSettings(
    {
      ...WORDS,
      resource_provider_bandwidths: ['br-rack:10000:', 'br-ex'],
      resource_provider_hypervisors: { 'br-rack': 'node-b' },
      resource_provider_default_hypervisor: 'node-a',
      resource_provider_inventory_defaults: { allocation_ratio: '1.5', reserved: '10' },
      resource_provider_packet_processing_without_direction: [':5000', 'node-b:100'],
      resource_provider_packet_processing_inventory_defaults: { max_unit: '50' },
    },
    MAPPINGS,
  )
  const inventory = { allocation_ratio: 1, min_unit: 1, step_size: 1, reserved: 0 }
  assert.deepEqual(describeResources(settings, MAPPINGS, 'host'), {
    resource_provider_bandwidths: {
      'br-rack': { egress: 10_000, ingress: null },
      'br-ex': { egress: null, ingress: null },
    },
    resource_provider_hypervisors: { 'br-rack': 'node-b', 'br-ex': 'node-a' },
    resource_provider_inventory_defaults: { ...inventory, allocation_ratio: 1.5, reserved: 10 },
    resource_provider_packet_processing_with_direction: {},
    resource_provider_packet_processing_without_direction: { 'node-a': { any: 5000 }, 'node-b': { any: 100 } },
    resource_provider_packet_processing_inventory_defaults: { ...inventory, max_unit: 50 },
  })
  const nothing = describeResources(resourceSettings(WORDS, MAPPINGS), MAPPINGS, 'host')
  assert.deepEqual(nothing.resource_provider_bandwidths, {})
  assert.deepEqual(nothing.resource_provider_hypervisors, { 'br-rack': 'host', 'br-ex': 'host' })
})

test('words that cannot be told are refused', () => {
  const wrong: readonly Partial<typeof WORDS>[] = [
    { resource_provider_bandwidths: ['br-none:1:1'] },
    { resource_provider_bandwidths: ['br-ex:1:1:1'] },
    { resource_provider_bandwidths: ['br-ex:-1:1'] },
    { resource_provider_bandwidths: ['br-ex:fast:1'] },
    { resource_provider_bandwidths: ['br-ex:1:1', 'br-ex:2:2'] },
    { resource_provider_hypervisors: { 'br-none': 'node' } },
    { resource_provider_inventory_defaults: { colour: '1' } },
    { resource_provider_inventory_defaults: { reserved: '0.5' } },
    { resource_provider_packet_processing_without_direction: [':1:1'] },
    { resource_provider_packet_processing_with_direction: [':1', ':2'] },
    { resource_provider_packet_processing_inventory_defaults: { colour: '1' } },
    {
      resource_provider_packet_processing_without_direction: [':1'],
      resource_provider_packet_processing_with_direction: [':1:1'],
    },
  ]
  for (const words of wrong) {
    assert.throws(() => resourceSettings({ ...WORDS, ...words }, MAPPINGS), ConfigError, JSON.stringify(words))
  }
})
