import type { AgentRecord } from '../../store/agents.js'
import {
  agentProviderId,
  BANDWIDTH_CLASS,
  bridgeProviderId,
  PACKET_RATE_CLASS,
  physnetTrait,
  vnicTypeTrait,
} from './names.js'

/** A resource provider as Placement should have it. */
export interface Provider {
  readonly uuid: string
  readonly name: string
  readonly parent: string
  readonly traits: readonly string[]
  /** by resource class; null: none of its own */
  readonly inventories: Readonly<Record<string, Inventory>> | null
}

export type Inventory = Readonly<Record<string, number>>

/** What an Open vSwitch agent says that its host has to give. */
export interface Resources {
  /** kbit/s by bridge and direction; null: not told */
  readonly bridges: Readonly<Record<string, { readonly egress?: number | null; readonly ingress?: number | null }>>
  readonly defaults: Inventory
  /** names of the compute nodes, by bridge */
  readonly hypervisors: Readonly<Record<string, string>>
  readonly mappings: Readonly<Record<string, string>>
  /** thousands of packets a second that the switch of a compute node can take, by direction */
  readonly packetRates: Readonly<Record<string, PacketRate>>
  readonly packetDefaults: Inventory
}

type PacketRate = { readonly [direction in keyof typeof PACKET_RATE_CLASS]?: number | null }

/** Vnic types that Open vSwitch agents wire. */
const VNIC_TYPES = ['normal']

/** Null for agents that have nothing to tell. */
export function resourcesOf({ host, configurations }: Pick<AgentRecord, 'host' | 'configurations'>): Resources | null {
  const bridges = objectOf<Resources['bridges'][string]>(configurations.resource_provider_bandwidths)
  const packetRates = {
    ...objectOf<PacketRate>(configurations.resource_provider_packet_processing_with_direction),
    ...objectOf<PacketRate>(configurations.resource_provider_packet_processing_without_direction),
  }
  if (Object.keys(bridges).length === 0 && Object.keys(packetRates).length === 0) return null
  const named = objectOf<string>(configurations.resource_provider_hypervisors)
  return {
    bridges,
    defaults: objectOf<number>(configurations.resource_provider_inventory_defaults),
    hypervisors: Object.fromEntries(Object.keys(bridges).map((bridge) => [bridge, named[bridge] ?? host])),
    mappings: objectOf<string>(configurations.bridge_mappings),
    packetRates,
    packetDefaults: objectOf<number>(configurations.resource_provider_packet_processing_inventory_defaults),
  }
}

function objectOf<T>(value: unknown): Readonly<Record<string, T>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, T>) : {}
}

/**
 * The providers of one agent, parents first: one for the agent below each of its compute nodes, one for each bridge below
 * that. `roots`: ids of the compute nodes' providers by name. Pure.
 */
export function providersOf(agentType: string, told: Resources, roots: ReadonlyMap<string, string>): Provider[] {
  const vnicTraits = VNIC_TYPES.map(vnicTypeTrait)
  const agents = nodesOf(told).map((node): Provider => {
    const name = `${node}:${agentType}`
    const inventories = packetInventories(told, node)
    return { uuid: agentProviderId(node), name, parent: roots.get(node)!, traits: vnicTraits, inventories }
  })
  const bridges = Object.keys(told.bridges).map((bridge): Provider => {
    const node = told.hypervisors[bridge]!
    const physical = Object.entries(told.mappings).flatMap(([network, on]) =>
      on === bridge ? physnetTrait(network) : [],
    )
    return {
      uuid: bridgeProviderId(node, bridge),
      name: `${node}:${agentType}:${bridge}`,
      parent: agentProviderId(node),
      traits: [...physical, ...vnicTraits],
      inventories: inventoriesOf(told, bridge),
    }
  })
  return [...agents, ...bridges]
}

/** Names of the compute nodes that an agent's resources belong to. */
export function nodesOf({ hypervisors, packetRates }: Resources): string[] {
  return [...new Set([...Object.values(hypervisors), ...Object.keys(packetRates)])].sort()
}

function packetInventories({ packetRates, packetDefaults }: Resources, node: string): Provider['inventories'] {
  const rates = packetRates[node]
  if (!rates) return null
  const entries = (['any', 'egress', 'ingress'] as const).flatMap((direction) => {
    const total = rates[direction]
    return total ? [[PACKET_RATE_CLASS[direction], { ...packetDefaults, total }] as const] : []
  })
  return Object.fromEntries(entries)
}

function inventoriesOf({ bridges, defaults }: Resources, bridge: string): Record<string, Inventory> {
  const entries = (['egress', 'ingress'] as const).flatMap((direction) => {
    const total = bridges[bridge]?.[direction]
    return total ? [[BANDWIDTH_CLASS[direction], { ...defaults, total }] as const] : []
  })
  return Object.fromEntries(entries)
}

/** Whether what nova has allocated for a port (ids of providers by request group, or nothing) is this agent's to give. */
export function hasProviders(agent: Pick<AgentRecord, 'host' | 'configurations'>, allocation: unknown): boolean {
  if (typeof allocation !== 'object' || allocation === null) return true
  const own = providerIds(agent)
  return Object.values(allocation).every((id) => own.has(String(id)))
}

function providerIds(agent: Pick<AgentRecord, 'host' | 'configurations'>): ReadonlySet<string> {
  const told = resourcesOf(agent)
  if (!told) return new Set()
  const bridges = Object.entries(told.hypervisors).map(([bridge, node]) => bridgeProviderId(node, bridge))
  return new Set([...nodesOf(told).map(agentProviderId), ...bridges])
}
