/** Addresses, rules, routes and neighbours of one network namespace, in the words of iproute2. */

/** An address with its prefix length: `192.168.1.1/24`, `fe80::a9fe:a9fe/64`. */
export type InterfaceAddress = string

/** A policy rule. Exactly one of `from` and `iif` is set. */
export interface RuleSpec {
  readonly family: 4 | 6
  /** also the order of evaluation, lowest first */
  readonly priority: number
  /** source address or address/length; the kernel keeps host bits as given */
  readonly from?: string
  /** incoming device */
  readonly iif?: string
  readonly table: number
}

/** A unicast route that we add (`proto static`). */
export interface RouteSpec {
  readonly family: 4 | 6
  /** `default`, an address or a prefix, canonical */
  readonly destination: string
  /** null: on-link */
  readonly via: string | null
  readonly device: string
  /** null: main */
  readonly table: number | null
}

/** A permanent neighbour entry. */
export interface NeighbourSpec {
  readonly ip: string
  readonly mac: string
  readonly device: string
}

/** An address of somebody elsewhere for which a device answers neighbour solicitations. */
export interface ProxySpec {
  readonly ip: string
  readonly device: string
}

export interface LinkState {
  readonly mac: string
  readonly mtu: number
  readonly up: boolean
  /** without the link-local addresses that the kernel makes from the MAC */
  readonly addresses: ReadonlySet<InterfaceAddress>
}

/** What is in a namespace, as far as it concerns us. */
export interface NamespaceState {
  readonly links: ReadonlyMap<string, LinkState>
  /** by `ruleText` */
  readonly rules: ReadonlyMap<string, RuleSpec>
  /** by `routeKey`; only routes with `proto static` */
  readonly routes: ReadonlyMap<string, RouteSpec>
  /** by `neighbourKey`; only permanent entries */
  readonly neighbours: ReadonlyMap<string, NeighbourSpec>
  /** by `neighbourKey` */
  readonly proxies: ReadonlyMap<string, ProxySpec>
}

export const ruleText = (rule: RuleSpec): string =>
  `${rule.family} ${rule.iif ? `iif ${rule.iif}` : `from ${rule.from}`} lookup ${rule.table} priority ${rule.priority}`

/** What the kernel takes for the same route: a second one with this key replaces the first. */
export const routeKey = (route: RouteSpec): string => `${route.family} ${route.table ?? 'main'} ${route.destination}`

export const sameRoute = (a: RouteSpec, b: RouteSpec): boolean => a.via === b.via && a.device === b.device

export const neighbourKey = (entry: { ip: string; device: string }): string => `${entry.ip} ${entry.device}`
