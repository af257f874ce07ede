import type { NeighbourView } from '../../../bus/contracts/host-view.js'
import { hostAddress, ipVersion } from '../../../model/ip.js'
import { SharedAddresses } from '../../common/shared-addresses.js'
import { type Facts, sorted } from './facts.js'

/** Where a MAC of a network is, and which IPv4 addresses are answered for it. */
export interface KnownMac {
  readonly mac: string
  /** peer host name */
  readonly host: string
  readonly addresses: readonly string[]
}

interface Claim {
  readonly mac: string
  /** null: a port in use on this host, or bound nowhere */
  readonly host: string | null
  readonly portId: string
  readonly fixed: boolean
}

/** L2 population entries per network id, from the ports of other hosts, and those here that wait while another host has them. */
export function knownMacs(facts: Facts): ReadonlyMap<string, readonly KnownMac[]> {
  const byNetwork = new Map<string, NeighbourView[]>()
  for (const neighbour of sorted(facts.view.all('neighbour'))) {
    const found = byNetwork.get(neighbour.networkId)
    if (found) found.push(neighbour)
    else byNetwork.set(neighbour.networkId, [neighbour])
  }
  const shared = SharedAddresses.of([...facts.view.all('port'), ...facts.view.all('neighbour')])
  return new Map([...byNetwork].map(([id, neighbours]) => [id, ofNetwork(facts, id, neighbours, shared)]))
}

function ofNetwork(
  facts: Facts,
  networkId: string,
  neighbours: readonly NeighbourView[],
  shared: SharedAddresses,
): KnownMac[] {
  const local = facts.ports.filter(({ port }) => port.networkId === networkId)
  const waiting = new Set(local.flatMap(({ port }) => (port.activeHost === undefined ? [] : [port.id])))
  const ports = [...neighbours, ...local.map(({ port }) => ({ ...port, host: port.activeHost ?? null }))]
  const macs = new Map<string, Claim[]>()
  const answered = new Map<string, string[]>()
  for (const port of ports) {
    const { id, mac, host, fixedIps, allowedAddressPairs } = port
    claim(macs, mac, { mac, host, portId: id, fixed: true })
    for (const pair of allowedAddressPairs) {
      if (hostAddress(pair.ip) === null) continue
      claim(macs, pair.mac, { mac: pair.mac, host, portId: id, fixed: pair.mac === mac })
    }
    // what waits here is not answered for: the answer to its own announcement, when it takes over, would come from afar
    if (waiting.has(id)) continue
    const certain = fixedIps.filter(({ ip }) => ipVersion(ip) === 4 && !shared.has(port, ip)).map(({ ip }) => ip)
    answered.set(mac, [...(answered.get(mac) ?? []), ...certain])
  }
  return [...macs].flatMap(([mac, claims]): KnownMac[] => {
    const owner = soleOwner(claims)
    if (!owner?.host) return []
    return [{ mac, host: owner.host, addresses: answered.get(mac) ?? [] }]
  })
}

/**
 * A port's own MAC counts before another port's allowed pair. A MAC that several ports may use (a virtual one that
 * moves between instances) is nobody's: its place is learned.
 */
function soleOwner(claims: readonly Claim[]): Claim | null {
  const fixed = claims.filter((candidate) => candidate.fixed)
  const candidates = fixed.length > 0 ? fixed : claims
  const first = candidates[0]!
  return candidates.every(({ mac, portId }) => mac === first.mac && portId === first.portId) ? first : null
}

function claim(claims: Map<string, Claim[]>, key: string, entry: Claim): void {
  const found = claims.get(key)
  if (found) found.push(entry)
  else claims.set(key, [entry])
}
