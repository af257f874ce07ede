import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Cidr, cidrOf, cidrRange, formatCidr } from '../../model/ip.js'
import { anyOverlap, coversAll, firstFit, freePrefixes, mergePrefixes } from './prefixes.js'

const BASE = cidrOf('10.0.0.0/24').network

/** Any prefix of 10.0.0.0/24. */
const prefix = fc.tuple(fc.integer({ min: 24, max: 32 }), fc.nat(255)).map(([length, at]): Cidr => {
  const size = 1n << BigInt(32 - length)
  return { version: 4, network: BASE + (BigInt(at) / size) * size, prefix: length }
})
const prefixes = fc.array(prefix, { maxLength: 8 })

/** The model: the addresses one by one. */
function addresses(set: readonly Cidr[]): Set<bigint> {
  const found = new Set<bigint>()
  for (const cidr of set) for (let at = cidrRange(cidr).first; at <= cidrRange(cidr).last; at++) found.add(at)
  return found
}

const sorted = (set: Iterable<bigint>) => [...set].sort((a, b) => (a < b ? -1 : 1))

describe('sets of prefixes', () => {
  it('are what their addresses are, in the fewest prefixes', () => {
    fc.assert(
      fc.property(prefixes, prefixes, (pool, taken) => {
        const free = freePrefixes(pool, taken)
        const model = addresses(pool)
        for (const address of addresses(taken)) model.delete(address)
        const total = free.reduce((sum, cidr) => sum + Number(cidrRange(cidr).last - cidrRange(cidr).first) + 1, 0)
        assert.equal(total, model.size, 'no address twice')
        assert.deepEqual(sorted(addresses(free)), sorted(model))
        assert.deepEqual(mergePrefixes(free).map(formatCidr), free.map(formatCidr), 'nothing left to merge')
        assert.equal(coversAll(taken, pool), model.size === 0)
        assert.equal(anyOverlap(pool, taken), model.size < addresses(pool).size)
      }),
    )
  })

  it('give a subnet the smallest gap it fits in, and none only when there is none', () => {
    fc.assert(
      fc.property(prefixes, fc.integer({ min: 24, max: 32 }), (taken, length) => {
        const free = freePrefixes([cidrOf('10.0.0.0/24')], taken)
        const left = addresses(free)
        const size = 1n << BigInt(32 - length)
        const starts = Array.from({ length: 2 ** (length - 24) }, (_, i) => BASE + BigInt(i) * size)
        const possible = starts.filter((start) =>
          [...Array(Number(size)).keys()].every((i) => left.has(start + BigInt(i))),
        )
        const found = firstFit(free, length)
        assert.equal(found === null, possible.length === 0)
        if (found) assert.ok(possible.includes(found.network))
      }),
    )
    const gaps = freePrefixes([cidrOf('10.0.0.0/24')], [cidrOf('10.0.0.128/27'), cidrOf('10.0.0.192/26')])
    assert.equal(formatCidr(firstFit(gaps, 28)!), '10.0.0.160/28')
  })

  it('hold for IPv6', () => {
    const free = freePrefixes([cidrOf('2001:db8::/32')], [cidrOf('2001:db8::/64')])
    assert.equal(formatCidr(firstFit(free, 64)!), '2001:db8:0:1::/64')
    assert.deepEqual(mergePrefixes([cidrOf('fd00::/65'), cidrOf('fd00::8000:0:0:0/65')]).map(formatCidr), ['fd00::/64'])
  })
})
