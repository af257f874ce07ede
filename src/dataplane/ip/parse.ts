import { linkLocal } from '../../model/mac.js'
import {
  type LinkState,
  type NamespaceState,
  type NeighbourSpec,
  neighbourKey,
  type ProxySpec,
  type RouteSpec,
  type RuleSpec,
  routeKey,
  ruleText,
} from './types.js'

interface JsonAddress {
  readonly family: string
  readonly local: string
  readonly prefixlen: number
}

export interface JsonLink {
  readonly ifname: string
  readonly flags: readonly string[]
  readonly mtu: number
  readonly address?: string
  readonly addr_info?: readonly JsonAddress[]
}

export interface JsonRule {
  readonly priority: number
  readonly src?: string
  readonly srclen?: number
  readonly iif?: string
  readonly table?: string
}

export interface JsonRoute {
  readonly type?: string
  readonly dst: string
  readonly gateway?: string
  readonly dev?: string
  readonly table?: string
  readonly protocol?: string
}

export interface JsonNeighbour {
  readonly dst: string
  readonly dev: string
  readonly lladdr?: string
  readonly state: readonly string[]
}

export interface JsonProxy {
  readonly dst: string
  readonly dev: string
}

/** The five dumps of `ip -j`, v6 rules apart because iproute2 asks for one family at a time. */
export interface JsonDump {
  readonly links: readonly JsonLink[]
  readonly rules: readonly JsonRule[]
  readonly rules6: readonly JsonRule[]
  readonly routes: readonly JsonRoute[]
  readonly neighbours: readonly JsonNeighbour[]
  readonly proxies: readonly JsonProxy[]
}

export function parseDump(dump: JsonDump): NamespaceState {
  const rules = [...dump.rules.flatMap((rule) => ownRule(rule, 4)), ...dump.rules6.flatMap((rule) => ownRule(rule, 6))]
  return {
    links: new Map(dump.links.map((link) => [link.ifname, linkState(link)])),
    rules: new Map(rules.map((rule) => [ruleText(rule), rule])),
    routes: new Map(dump.routes.flatMap(ownRoute).map((route) => [routeKey(route), route])),
    neighbours: new Map(dump.neighbours.flatMap(permanent).map((entry) => [neighbourKey(entry), entry])),
    proxies: new Map(dump.proxies.map(proxy).map((entry) => [neighbourKey(entry), entry])),
  }
}

function linkState(link: JsonLink): LinkState {
  const mac = link.address ?? ''
  const automatic = mac === '' ? '' : linkLocal(mac)
  const addresses = (link.addr_info ?? [])
    // a link-local address that the kernel made from an earlier MAC is not ours either
    .filter(({ local }) => local !== automatic && !/^fe80:.*ff:fe/.test(local))
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
  return { mac, mtu: link.mtu, up: link.flags.includes('UP'), addresses: new Set(addresses) }
}

/**
 * Rules carry no mark of who made them, so ours are known by their form: the table has the number of the
 * priority, or it is the floating IPs' table 16 with a priority from the range reserved for them.
 */
function ownRule(rule: JsonRule, family: 4 | 6): RuleSpec[] {
  const table = Number(rule.table)
  const floating = table === 16 && rule.priority >= 32768 && rule.priority <= 72767
  if (!floating && table !== rule.priority) return []
  if (rule.iif) return [{ family, priority: rule.priority, iif: rule.iif, table }]
  if (!rule.src || rule.src === 'all') return []
  const from = rule.srclen === undefined ? rule.src : `${rule.src}/${rule.srclen}`
  return [{ family, priority: rule.priority, from, table }]
}

function ownRoute(route: JsonRoute): RouteSpec[] {
  if (route.protocol !== 'static' || !route.dev) return []
  const family = (route.gateway ?? route.dst).includes(':') ? 6 : 4
  const table = route.table === undefined ? null : Number(route.table)
  return [{ family, destination: route.dst, via: route.gateway ?? null, device: route.dev, table }]
}

function permanent({ dst, dev, lladdr, state }: JsonNeighbour): NeighbourSpec[] {
  return state.includes('PERMANENT') && lladdr ? [{ ip: dst, mac: lladdr, device: dev }] : []
}

const proxy = ({ dst, dev }: JsonProxy): ProxySpec => ({ ip: dst, device: dev })
