import { ANY_MAC } from './parse.js'
import type { VxlanSpec, VxlanState } from './types.js'

export interface VxlanDiff {
  /** devices that have to go before they can be made again: what they are made with cannot be changed */
  readonly remade: readonly string[]
  /** devices that are made */
  readonly made: readonly VxlanSpec[]
  /** lines for `ip -batch` about devices that stay */
  readonly links: readonly string[]
  /** lines for `bridge -batch`, what is new before what goes */
  readonly fdb: readonly string[]
}

export function diffVxlans(actual: ReadonlyMap<string, VxlanState>, specs: readonly VxlanSpec[]): VxlanDiff {
  const remade = specs.filter((spec) => actual.has(spec.name) && !isSameTunnel(actual.get(spec.name)!, spec))
  const made = specs.filter((spec) => !actual.has(spec.name) || remade.includes(spec))
  const kept = specs.filter((spec) => !made.includes(spec))
  return {
    remade: remade.map(({ name }) => name),
    made,
    links: kept.flatMap((spec) => linkLines(spec, actual.get(spec.name)!)),
    fdb: specs.flatMap((spec) => fdbLines(spec, made.includes(spec) ? null : actual.get(spec.name)!)),
  }
}

/** The state that `spec` describes. */
export function stateOf(spec: VxlanSpec): VxlanState {
  const { vni, localIp, udpPort, mtu, learning, flood, macs } = spec
  return { vni, localIp, udpPort, mtu, learning, up: true, flood: new Set(flood), macs }
}

/** Line for `ip -batch` that makes the device; it is down. */
export function addLine({ name, vni, localIp, udpPort, mtu, ...rest }: VxlanSpec): string {
  const { learning, dontFragment, checksum } = rest
  const options = [
    learning ? 'learning' : 'nolearning',
    `df ${dontFragment ? 'set' : 'unset'}`,
    ...(localIp.includes(':')
      ? [checksum ? 'noudp6zerocsumtx' : 'udp6zerocsumtx udp6zerocsumrx']
      : [checksum ? 'udpcsum' : 'noudpcsum']),
  ]
  return `link add ${name} mtu ${mtu} type vxlan id ${vni} local ${localIp} dstport ${udpPort} ${options.join(' ')}`
}

function isSameTunnel(actual: VxlanState, spec: VxlanSpec): boolean {
  return (['vni', 'localIp', 'udpPort', 'learning'] as const).every((key) => actual[key] === spec[key])
}

function linkLines({ name, mtu }: VxlanSpec, actual: VxlanState): string[] {
  return [
    ...(actual.mtu === mtu ? [] : [`link set ${name} mtu ${mtu}`]),
    ...(actual.up ? [] : [`link set ${name} arp off up`]),
  ]
}

function fdbLines({ name, flood, macs }: VxlanSpec, actual: VxlanState | null): string[] {
  const entry = (verb: string, mac: string, ip: string) => `fdb ${verb} ${mac} dev ${name} dst ${ip} self`
  const had = actual ?? { flood: new Set<string>(), macs: new Map<string, string>() }
  return [
    ...flood.filter((ip) => !had.flood.has(ip)).map((ip) => `${entry('append', ANY_MAC, ip)} permanent`),
    ...[...macs]
      .filter(([mac, ip]) => had.macs.get(mac) !== ip)
      .map(([mac, ip]) => `${entry('replace', mac, ip)} permanent`),
    ...[...had.flood].filter((ip) => !flood.includes(ip)).map((ip) => entry('del', ANY_MAC, ip)),
    ...[...had.macs].filter(([mac]) => !macs.has(mac)).map(([mac, ip]) => entry('del', mac, ip)),
  ]
}
