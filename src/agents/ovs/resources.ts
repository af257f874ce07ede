import { ConfigError } from '../../config/options.js'

/** kbit/s in each direction as instances see it; null: not told. */
export interface BridgeBandwidth {
  readonly egress: number | null
  readonly ingress: number | null
}

/** Thousands of packets a second: in each direction as instances see it, or both together. */
export interface PacketRate {
  readonly egress?: number | null
  readonly ingress?: number | null
  readonly any?: number | null
}

/** What a host's switch and its bridges have to give, for Placement to count (Neutron: resource_provider_…). */
export interface ResourceSettings {
  readonly bandwidths: Readonly<Record<string, BridgeBandwidth>>
  /** names of the compute nodes to which bridges belong, where that is another than the host's own */
  readonly hypervisors: Readonly<Record<string, string>>
  readonly defaultHypervisor: string | null
  /** of every inventory that is told */
  readonly inventoryDefaults: Readonly<Record<string, number>>
  /** by compute node, '' for the host's own; only one of the two is told */
  readonly packetRates: {
    readonly withDirection: Readonly<Record<string, PacketRate>>
    readonly withoutDirection: Readonly<Record<string, PacketRate>>
    readonly inventoryDefaults: Readonly<Record<string, number>>
  }
}

interface Words {
  readonly resource_provider_bandwidths: readonly string[]
  readonly resource_provider_hypervisors: Readonly<Record<string, string>>
  readonly resource_provider_default_hypervisor: string | null
  readonly resource_provider_inventory_defaults: Readonly<Record<string, string>>
  readonly resource_provider_packet_processing_without_direction: readonly string[]
  readonly resource_provider_packet_processing_with_direction: readonly string[]
  readonly resource_provider_packet_processing_inventory_defaults: Readonly<Record<string, string>>
}

const INVENTORY_DEFAULTS = { allocation_ratio: 1, min_unit: 1, step_size: 1, reserved: 0 }
const INVENTORY_FIELDS = [...Object.keys(INVENTORY_DEFAULTS), 'max_unit']

/** From the agent's files; throws ConfigError for values that cannot work. */
export function resourceSettings(ovs: Words, mappings: Readonly<Record<string, string>>): ResourceSettings {
  const bridges = Object.values(mappings)
  const known = (option: string, bridge: string) => {
    if (!bridges.includes(bridge)) throw new ConfigError(`[ovs] ${option}: '${bridge}' is no bridge of bridge_mappings`)
    return bridge
  }
  const bandwidths = parseRates('resource_provider_bandwidths', ovs, ['egress', 'ingress'] as const)
  for (const [bridge] of bandwidths) known('resource_provider_bandwidths', bridge)
  for (const bridge of Object.keys(ovs.resource_provider_hypervisors)) known('resource_provider_hypervisors', bridge)
  return {
    bandwidths: Object.fromEntries(bandwidths),
    hypervisors: ovs.resource_provider_hypervisors,
    defaultHypervisor: ovs.resource_provider_default_hypervisor,
    inventoryDefaults: inventoryDefaults('resource_provider_inventory_defaults', ovs),
    packetRates: packetRatesOf(ovs),
  }
}

function packetRatesOf(ovs: Words): ResourceSettings['packetRates'] {
  const [withDirection, withoutDirection] = [
    parseRates('resource_provider_packet_processing_with_direction', ovs, ['egress', 'ingress'] as const),
    parseRates('resource_provider_packet_processing_without_direction', ovs, ['any'] as const),
  ]
  if (withDirection.length > 0 && withoutDirection.length > 0)
    throw new ConfigError(
      '[ovs] resource_provider_packet_processing_… can be told with directions or without, not both',
    )
  return {
    withDirection: Object.fromEntries(withDirection),
    withoutDirection: Object.fromEntries(withoutDirection),
    inventoryDefaults: inventoryDefaults('resource_provider_packet_processing_inventory_defaults', ovs),
  }
}

type RateOption =
  | 'resource_provider_bandwidths'
  | 'resource_provider_packet_processing_with_direction'
  | 'resource_provider_packet_processing_without_direction'

/** `br-ex:10000:5000`: whose rate, then one for each of `kinds`; one that is left out is not told. */
function parseRates<K extends string>(
  option: RateOption,
  ovs: Words,
  kinds: readonly K[],
): (readonly [string, Readonly<Record<K, number | null>>])[] {
  const parsed = ovs[option].map((text) => {
    const [name = '', ...values] = text.split(':')
    const rates = kinds.map((kind, i) => [kind, values[i] ? Number(values[i]) : null] as const)
    const wrong = rates.some(([, rate]) => rate !== null && (!Number.isInteger(rate) || rate < 0))
    // packets of the host itself need no name
    const nameless = name === '' && option === 'resource_provider_bandwidths'
    if (nameless || values.length > kinds.length || wrong)
      throw new ConfigError(`[ovs] ${option}: '${text}' is not '<name>${kinds.map((kind) => `:<${kind}>`).join('')}'`)
    return [name, Object.fromEntries(rates) as Record<K, number | null>] as const
  })
  const twice = parsed.find(([name], i) => parsed.findIndex(([other]) => other === name) !== i)
  if (twice) throw new ConfigError(`[ovs] ${option}: '${twice[0]}' is named twice`)
  return parsed
}

type DefaultsOption = 'resource_provider_inventory_defaults' | 'resource_provider_packet_processing_inventory_defaults'

function inventoryDefaults(option: DefaultsOption, ovs: Words): Record<string, number> {
  const given = Object.entries(ovs[option]).map(([field, text]) => {
    const value = Number(text)
    const whole = field === 'allocation_ratio' || Number.isInteger(value)
    if (!INVENTORY_FIELDS.includes(field) || !(value >= 0) || !whole)
      throw new ConfigError(`[ovs] ${option}: '${field}:${text}' cannot be told`)
    return [field, value] as const
  })
  return { ...INVENTORY_DEFAULTS, ...Object.fromEntries(given) }
}

/** Under Neutron's keys, as a part of what the agent reports. */
export function describeResources(
  resources: ResourceSettings | undefined,
  mappings: Readonly<Record<string, string>>,
  host: string,
): Record<string, unknown> {
  const node = resources?.defaultHypervisor ?? host
  const named = (rates: Readonly<Record<string, PacketRate>> = {}) =>
    Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name || node, rate]))
  return {
    resource_provider_bandwidths: resources?.bandwidths ?? {},
    resource_provider_hypervisors: Object.fromEntries(
      Object.values(mappings).map((bridge) => [bridge, resources?.hypervisors[bridge] ?? node]),
    ),
    resource_provider_inventory_defaults: resources?.inventoryDefaults ?? INVENTORY_DEFAULTS,
    resource_provider_packet_processing_with_direction: named(resources?.packetRates.withDirection),
    resource_provider_packet_processing_without_direction: named(resources?.packetRates.withoutDirection),
    resource_provider_packet_processing_inventory_defaults:
      resources?.packetRates.inventoryDefaults ?? INVENTORY_DEFAULTS,
  }
}
