import { ConfigError } from '../../config/options.js'

/** kbit/s in each direction as instances see it; null: not told. */
export interface BridgeBandwidth {
  readonly egress: number | null
  readonly ingress: number | null
}

/** What a host's bridges have to give, for Placement to count (Neutron: resource_provider_…). */
export interface ResourceSettings {
  readonly bandwidths: Readonly<Record<string, BridgeBandwidth>>
  /** names of the compute nodes to which bridges belong, where that is another than the host's own */
  readonly hypervisors: Readonly<Record<string, string>>
  readonly defaultHypervisor: string | null
  /** of every inventory that is told */
  readonly inventoryDefaults: Readonly<Record<string, number>>
}

interface Words {
  readonly resource_provider_bandwidths: readonly string[]
  readonly resource_provider_hypervisors: Readonly<Record<string, string>>
  readonly resource_provider_default_hypervisor: string | null
  readonly resource_provider_inventory_defaults: Readonly<Record<string, string>>
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
  const bandwidths = ovs.resource_provider_bandwidths.map(parseBandwidth)
  for (const [bridge] of bandwidths) known('resource_provider_bandwidths', bridge)
  for (const bridge of Object.keys(ovs.resource_provider_hypervisors)) known('resource_provider_hypervisors', bridge)
  const twice = bandwidths.find(([bridge], i) => bandwidths.findIndex(([other]) => other === bridge) !== i)
  if (twice) throw new ConfigError(`[ovs] resource_provider_bandwidths: '${twice[0]}' is named twice`)
  return {
    bandwidths: Object.fromEntries(bandwidths),
    hypervisors: ovs.resource_provider_hypervisors,
    defaultHypervisor: ovs.resource_provider_default_hypervisor,
    inventoryDefaults: { ...INVENTORY_DEFAULTS, ...inventoryDefaults(ovs.resource_provider_inventory_defaults) },
  }
}

/** `br-ex:10000:5000`; a direction that is left out is not told. */
function parseBandwidth(text: string): readonly [string, BridgeBandwidth] {
  const [bridge = '', egress = '', ingress = '', ...rest] = text.split(':')
  const rate = (value: string) => (value === '' ? null : Number(value))
  const bandwidth = { egress: rate(egress), ingress: rate(ingress) }
  const wrong = Object.values(bandwidth).some((value) => value !== null && (!Number.isInteger(value) || value < 0))
  if (bridge === '' || rest.length > 0 || wrong)
    throw new ConfigError(
      `[ovs] resource_provider_bandwidths: '${text}' is not '<bridge>:<egress kbps>:<ingress kbps>'`,
    )
  return [bridge, bandwidth]
}

function inventoryDefaults(given: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(given).map(([field, text]) => {
      const value = Number(text)
      const whole = field === 'allocation_ratio' || Number.isInteger(value)
      if (!INVENTORY_FIELDS.includes(field) || !(value >= 0) || !whole)
        throw new ConfigError(`[ovs] resource_provider_inventory_defaults: '${field}:${text}' cannot be told`)
      return [field, value]
    }),
  )
}

/** Under Neutron's keys, as a part of what the agent reports. */
export function describeResources(
  resources: ResourceSettings | undefined,
  mappings: Readonly<Record<string, string>>,
  host: string,
): Record<string, unknown> {
  const node = resources?.defaultHypervisor ?? host
  return {
    resource_provider_bandwidths: resources?.bandwidths ?? {},
    resource_provider_hypervisors: Object.fromEntries(
      Object.values(mappings).map((bridge) => [bridge, resources?.hypervisors[bridge] ?? node]),
    ),
    resource_provider_inventory_defaults: resources?.inventoryDefaults ?? INVENTORY_DEFAULTS,
    resource_provider_packet_processing_inventory_defaults: INVENTORY_DEFAULTS,
  }
}
