/** Sets of addresses as prefixes of one IP version. Pure. */
import { type Cidr, cidrBits, cidrRange, type IpVersion } from '../../model/ip.js'

interface Range {
  readonly first: bigint
  readonly last: bigint
}

/** The fewest prefixes with the same addresses, lowest first: 10.0.0.0/9 and 10.128.0.0/9 are 10.0.0.0/8. */
export function mergePrefixes(prefixes: readonly Cidr[]): Cidr[] {
  return prefixes.length === 0 ? [] : prefixesOf(union(prefixes), prefixes[0]!.version)
}

/** What is left of `pool`, as the fewest prefixes, lowest first. */
export function freePrefixes(pool: readonly Cidr[], taken: readonly Cidr[]): Cidr[] {
  return pool.length === 0 ? [] : prefixesOf(subtract(union(pool), union(taken)), pool[0]!.version)
}

/** Whether every address of `inner` is in `outer`. */
export function coversAll(outer: readonly Cidr[], inner: readonly Cidr[]): boolean {
  return subtract(union(inner), union(outer)).length === 0
}

export function anyOverlap(a: readonly Cidr[], b: readonly Cidr[]): boolean {
  const left = union(a)
  return union(b).some(({ first, last }) => left.some((range) => range.first <= last && first <= range.last))
}

/**
 * Where a subnet of this length comes from: the beginning of the smallest free prefix it fits in, of equally small
 * ones the lowest. Small gaps are used up first, so that large prefixes stay whole. Null: there is no room.
 */
export function firstFit(free: readonly Cidr[], prefixlen: number): Cidr | null {
  let best: Cidr | null = null
  for (const prefix of free) {
    if (prefix.prefix <= prefixlen && (best === null || prefix.prefix > best.prefix)) best = prefix
  }
  return best === null ? null : { ...best, prefix: prefixlen }
}

/** Ranges that do not meet, lowest first. */
function union(prefixes: readonly Cidr[]): Range[] {
  const sorted = prefixes.map(cidrRange).sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  const result: Range[] = []
  for (const range of sorted) {
    const before = result[result.length - 1]
    if (before === undefined || range.first > before.last + 1n) result.push(range)
    else if (range.last > before.last) result[result.length - 1] = { first: before.first, last: range.last }
  }
  return result
}

/** Both sides as `union` makes them. */
function subtract(from: readonly Range[], taken: readonly Range[]): Range[] {
  const left: Range[] = []
  let at = 0
  for (const { first, last } of from) {
    let next = first
    while (at < taken.length && taken[at]!.last < first) at += 1
    for (let i = at; i < taken.length && taken[i]!.first <= last; i++) {
      if (taken[i]!.first > next) left.push({ first: next, last: taken[i]!.first - 1n })
      next = taken[i]!.last + 1n
    }
    if (next <= last) left.push({ first: next, last })
  }
  return left
}

/** Each range from its start on, by the largest prefix that begins there and does not reach beyond it. */
function prefixesOf(ranges: readonly Range[], version: IpVersion): Cidr[] {
  const bits = cidrBits(version)
  const result: Cidr[] = []
  for (const { first, last } of ranges) {
    let next = first
    while (next <= last) {
      let size = 0
      while (size < bits && (next >> BigInt(size)) % 2n === 0n && next + (2n << BigInt(size)) - 1n <= last) size += 1
      result.push({ version, network: next, prefix: bits - size })
      next += 1n << BigInt(size)
    }
  }
  return result
}
