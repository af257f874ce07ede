import {
  type LinkState,
  type NamespaceState,
  neighbourKey,
  type RouteSpec,
  type RuleSpec,
  routeKey,
  ruleText,
  sameRoute,
} from '../ip/types.js'
import type { DeviceSpec, NamespaceSpec, VethSpec } from './spec.js'

/** Lines for `ip -batch` in the namespace, what is new before what goes. */
export interface NamespaceDiff {
  readonly lines: readonly string[]
  /** rules and default routes of IPv6 (`ip -6 -batch`) */
  readonly lines6: readonly string[]
}

export const NO_STATE: NamespaceState = {
  links: new Map(),
  rules: new Map(),
  routes: new Map(),
  neighbours: new Map(),
  proxies: new Map(),
}

/** The state that `spec` describes. */
export function stateOf(spec: NamespaceSpec): NamespaceState {
  const loopback: LinkState = { mac: '00:00:00:00:00:00', mtu: 65536, up: true, addresses: new Set() }
  const links = [...spec.devices, ...spec.veths].map(
    ({ name, mac, mtu, addresses }) => [name, { mac, mtu, up: true, addresses: new Set(addresses) }] as const,
  )
  return {
    links: new Map([['lo', loopback], ...links]),
    rules: new Map(spec.rules.map((rule) => [ruleText(rule), rule])),
    routes: new Map(spec.routes.map((route) => [routeKey(route), route])),
    neighbours: new Map(spec.neighbours.map((entry) => [neighbourKey(entry), entry])),
    proxies: new Map((spec.proxies ?? []).map((entry) => [neighbourKey(entry), entry])),
  }
}

/**
 * From `actual` to `spec`. Devices have to be in the namespace already. A packet always finds either the old
 * or the new way: addresses, neighbours and routes stand before the rules that lead to them, and what is no
 * longer wanted goes in the opposite order, last.
 */
export function diffNamespace(actual: NamespaceState, spec: NamespaceSpec): NamespaceDiff {
  const wanted = stateOf(spec)
  const newRules = missing(wanted.rules, actual.rules)
  const oldRules = missing(actual.rules, wanted.rules)
  const newRoutes = [...wanted.routes.values()].filter((route) => {
    const there = actual.routes.get(routeKey(route))
    return !there || !sameRoute(there, route)
  })
  const shared = new Set(spec.devices.filter((device) => device.shared).map(({ name }) => name))
  const oldRoutes = missing(actual.routes, wanted.routes).filter(({ device }) => !shared.has(device))
  const of = (family: 4 | 6) => [
    ...newRoutes.filter((route) => route.family === family).map((route) => `route replace ${routeText(route)}`),
    ...newRules.filter((rule) => rule.family === family).map((rule) => `rule add ${ruleArguments(rule)}`),
    ...oldRules.filter((rule) => rule.family === family).map((rule) => `rule del ${ruleArguments(rule)}`),
    ...oldRoutes.filter((route) => route.family === family).map((route) => `route del ${routeText(route)}`),
  ]
  return {
    lines: [
      ...(actual.links.get('lo')?.up ? [] : ['link set lo up']),
      ...[...spec.devices, ...spec.veths].flatMap((device) => bringUp(device, actual.links.get(device.name))),
      ...neighboursToSet(wanted, actual).map(
        ({ ip, mac, device }) => `neigh replace ${ip} lladdr ${mac} nud permanent dev ${device}`,
      ),
      ...of(4),
      // who asks is answered as soon as the ways on are there
      ...missing(wanted.proxies, actual.proxies).map(({ ip, device }) => `neigh add proxy ${ip} dev ${device}`),
      ...missing(actual.proxies, wanted.proxies).map(({ ip, device }) => `neigh del proxy ${ip} dev ${device}`),
      ...missing(actual.neighbours, wanted.neighbours).map(({ ip, device }) => `neigh del ${ip} dev ${device}`),
      ...[...spec.devices, ...spec.veths].flatMap((device) => staleAddresses(device, actual.links.get(device.name))),
    ],
    lines6: of(6),
  }
}

function missing<T>(from: ReadonlyMap<string, T>, other: ReadonlyMap<string, T>): T[] {
  return [...from].filter(([key]) => !other.has(key)).map(([, value]) => value)
}

function neighboursToSet(wanted: NamespaceState, actual: NamespaceState) {
  return [...wanted.neighbours]
    .filter(([key, entry]) => actual.neighbours.get(key)?.mac !== entry.mac)
    .map(([, e]) => e)
}

function bringUp(device: DeviceSpec | VethSpec, actual: LinkState | undefined): string[] {
  const settings = [
    ...(actual?.mac === device.mac ? [] : [`address ${device.mac}`]),
    ...(actual?.mtu === device.mtu ? [] : [`mtu ${device.mtu}`]),
  ]
  return [
    ...(settings.length > 0 ? [`link set dev ${device.name} ${settings.join(' ')}`] : []),
    ...device.addresses
      .filter((address) => !actual?.addresses.has(address))
      .map((address) => `addr add ${address} ${addressFlags(address)}dev ${device.name}`),
    ...(actual?.up ? [] : [`link set dev ${device.name} up`]),
  ]
}

/** Addresses come from an allocator: duplicate address detection would only delay IPv6. */
function addressFlags(address: string): string {
  if (address.includes(':')) return 'nodad '
  return /\/3[12]$/.test(address) ? '' : 'brd + '
}

function staleAddresses(device: DeviceSpec | VethSpec, actual: LinkState | undefined): string[] {
  if ('shared' in device && device.shared) return []
  return [...(actual?.addresses ?? [])]
    .filter((address) => !device.addresses.includes(address))
    .map((address) => `addr del ${address} dev ${device.name}`)
}

function ruleArguments(rule: RuleSpec): string {
  return `${rule.iif ? `iif ${rule.iif}` : `from ${rule.from}`} lookup ${rule.table} priority ${rule.priority}`
}

function routeText({ destination, via, device, table }: RouteSpec): string {
  const way = via === null ? `dev ${device} scope link` : `via ${via} dev ${device}`
  return `${destination} ${way}${table === null ? '' : ` table ${table}`} proto static`
}
