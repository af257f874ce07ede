import type { HostView } from '../../bus/contracts/view.js'
import { cidrOf, intToIp } from '../../model/ip.js'
import { hasFipLink, routerParts } from './desired/router-part.js'
import type { L3Settings } from './settings.js'

/** Numbers that have to stay the same as long as they are used, also across restarts. */
export interface Allocations {
  /** floating IP, or IPv6 address that goes outside the same way -> priority of its rule in qrouter */
  readonly priorities: ReadonlyMap<string, number>
  /** router -> /31 between qrouter and fip */
  readonly links: ReadonlyMap<string, string>
}

export const NO_ALLOCATIONS: Allocations = { priorities: new Map(), links: new Map() }

const FIRST_PRIORITY = 32768
const LAST_PRIORITY = 72767
const LINK_POOL = cidrOf('169.254.64.0/18')
const LINK_COUNT = 1 << (31 - LINK_POOL.prefix)

/** `current` with what the view needs: users keep what they have, new ones get the lowest free, others are released. */
export function allocate(view: HostView, settings: L3Settings, current: Allocations): Allocations {
  const parts = routerParts(view, settings).filter(hasFipLink)
  const addresses = parts.flatMap((part) => [...part.floatingIps.map(({ floatingIp }) => floatingIp), ...part.proxied])
  const links = assign(
    parts.map(({ router }) => router.id),
    indexes(current.links, linkIndex),
    LINK_COUNT,
  )
  const size = LAST_PRIORITY - FIRST_PRIORITY + 1
  const priorities = assign(
    addresses,
    indexes(current.priorities, (priority) => priority - FIRST_PRIORITY),
    size,
  )
  return {
    priorities: new Map([...priorities].map(([key, index]) => [key, FIRST_PRIORITY + index])),
    links: new Map([...links].map(([key, index]) => [key, linkOf(index)])),
  }
}

function linkOf(index: number): string {
  return `${intToIp(LINK_POOL.network + BigInt(2 * index), 4)}/31`
}

function linkIndex(pair: string): number {
  return Number(cidrOf(pair).network - LINK_POOL.network) / 2
}

function indexes<V>(current: ReadonlyMap<string, V>, indexOf: (value: V) => number): Map<string, number> {
  return new Map([...current].map(([key, value]) => [key, indexOf(value)]))
}

/** @throws RangeError when all `size` numbers are taken */
function assign(keys: readonly string[], current: ReadonlyMap<string, number>, size: number): Map<string, number> {
  const wanted = [...new Set(keys)].sort()
  const result = new Map<string, number>()
  const taken = new Set<number>()
  for (const key of wanted) {
    const index = current.get(key)
    if (index === undefined || !Number.isInteger(index) || index < 0 || index >= size || taken.has(index)) continue
    result.set(key, index)
    taken.add(index)
  }
  let next = 0
  for (const key of wanted) {
    if (result.has(key)) continue
    while (taken.has(next)) next++
    if (next >= size) throw new RangeError(`all ${size} numbers are taken`)
    result.set(key, next)
    taken.add(next)
  }
  return result
}
