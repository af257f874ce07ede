import { sql } from 'kysely'
import { type IpVersion, intToIp, ipToInt, ipVersion } from '../model/ip.js'
import { runCompiled } from './compiled.js'
import type { Schema } from './schema.js'
import { type Db, int, Table, text } from './table.js'

/** Addresses taken from subnets, one row each; (subnet, address) is unique. */
export const ipAllocations = new Table('ip_allocations', {
  subnetId: text('subnet_id'),
  key: text('ip_key'),
  ip: text('ip'),
  networkId: text('network_id'),
  portId: text('port_id'),
  position: int('position'),
})

export const allocationPools = new Table('allocation_pools', {
  subnetId: text('subnet_id'),
  position: int('position'),
  first: text('first_key'),
  last: text('last_key'),
  next: text('next_key'),
})

/** Fixed width, so that text order is address order within a version. */
export function ipKey(ip: string): string {
  return keyOf(ipToInt(ip), ipVersion(ip)!)
}

export function keyOf(value: bigint, version: IpVersion): string {
  return value.toString(16).padStart(version === 4 ? 8 : 32, '0')
}

export function keyToIp(key: string): string {
  return intToIp(BigInt(`0x${key}`), key.length === 8 ? 4 : 6)
}

const following = (key: string) => (BigInt(`0x${key}`) + 1n).toString(16).padStart(key.length, '0')

/** Addresses looked at together while walking over taken ones. */
const WALK = 256

/**
 * The lowest address of the subnet's pools that is not taken, or null. Pools are searched in address order. Each pool
 * remembers a key below which everything is taken, so that filling a subnet costs one look per address; a released
 * address moves it back (`releaseHint`).
 */
export async function lowestFree(db: Db, subnetId: string): Promise<string | null> {
  const pools = await allocationPools.find(db, { subnetId })
  pools.sort((a, b) => (a.first < b.first ? -1 : 1))
  for (const pool of pools) {
    const key = await firstGap(db, subnetId, pool.next, pool.last)
    const next = key ?? following(pool.last)
    if (next !== pool.next) await allocationPools.update(db, { subnetId, position: pool.position }, { next })
    if (key !== null) return keyToIp(key)
  }
  return null
}

async function firstGap(db: Db, subnetId: string, from: string, last: string): Promise<string | null> {
  let expected = from
  // a pool that ends at the last address of all has a one digit longer end mark
  while (expected.length === last.length && expected <= last) {
    const { rows } = await runCompiled<{ ip_key: string }, Schema>(
      db,
      'ip_allocations walk',
      [subnetId, expected, last],
      () => sql`select ip_key from ip_allocations
        where subnet_id = ${subnetId} and ip_key >= ${expected} and ip_key <= ${last}
        order by ip_key limit ${sql.lit(WALK)}`,
    )
    for (const { ip_key } of rows) {
      if (ip_key !== expected) return expected
      expected = following(expected)
    }
    if (rows.length < WALK) break
  }
  return expected.length === last.length && expected <= last ? expected : null
}

/** A released address may now be the lowest free one of its pool. */
export async function releaseHint(db: Db, subnetId: string, ip: string): Promise<void> {
  const key = ipKey(ip)
  await runCompiled(
    db,
    'allocation_pools release',
    [key, subnetId, key, key, key],
    () => sql`update allocation_pools set next_key = ${key}
      where subnet_id = ${subnetId} and first_key <= ${key} and last_key >= ${key} and next_key > ${key}`,
  )
}
