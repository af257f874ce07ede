import { sql } from 'kysely'
import { type IpVersion, intToIp, ipToInt, ipVersion } from '../model/ip.js'
import { runCompiled } from './compiled.js'
import { oldRowsOf } from './memory.js'
import type { Schema } from './schema.js'
import { remembered } from './session.js'
import { type Db, int, type RecordOf, Table, text } from './table.js'

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
/** A walk over so many taken addresses is worth a write, so that the next one need not take it. */
const LONG = 64n

type AllocationPool = RecordOf<typeof allocationPools.columns>

/** What is left of a pool: everything below `next` is taken, and so is what is listed. */
interface Rest {
  readonly pool: AllocationPool
  next: string
  /** `next` as the database has it */
  stored: string
  /** ascending */
  taken: string[]
  /** whether `taken` goes to the pool's end */
  complete: boolean
}

/**
 * The free addresses of a subnet. It stays known what a walk over the taken ones has found, as long as addresses are
 * only taken, and said so by `take`.
 */
class FreeAddresses {
  readonly #subnetId: string
  /** in address order; null: not looked at yet */
  #rests: Rest[] | null = null

  constructor(subnetId: string) {
    this.#subnetId = subnetId
  }

  /**
   * The lowest address of the pools that is not taken, or null. Each pool remembers in the database a key below which
   * everything is taken, so that filling a subnet costs one look per address or less; a released address moves it back
   * (`releaseHint`).
   */
  async lowest(db: Db): Promise<string | null> {
    this.#rests ??= await this.#pools(db)
    for (const rest of this.#rests) {
      await this.#toGap(db, rest)
      if (within(rest)) return keyToIp(rest.next)
    }
    return null
  }

  /** Somebody has it now. */
  take(ip: string): void {
    const key = ipKey(ip)
    for (const rest of this.#rests ?? []) {
      if (key === rest.next) rest.next = following(key)
      else if (key > rest.next && key <= rest.pool.last) this.#rests = null
    }
  }

  async #pools(db: Db): Promise<Rest[]> {
    const pools = await allocationPools.find(db, { subnetId: this.#subnetId })
    pools.sort((a, b) => (a.first < b.first ? -1 : 1))
    return pools.map((pool) => ({ pool, next: pool.next, stored: pool.next, taken: [], complete: false }))
  }

  /** Moves on to an address that is not taken, or behind the pool's last one. */
  async #toGap(db: Db, rest: Rest): Promise<void> {
    while (within(rest)) {
      if (rest.taken.length === 0 && !rest.complete) await this.#walk(db, rest)
      let passed = 0
      for (; rest.taken[passed] === rest.next; passed++) rest.next = following(rest.next)
      rest.taken.splice(0, passed)
      if (rest.taken.length > 0 || rest.complete) break
    }
    await this.#remember(db, rest)
  }

  async #walk(db: Db, rest: Rest): Promise<void> {
    const parameters = [this.#subnetId, rest.next, rest.pool.last]
    const { rows } = await runCompiled<{ ip_key: string }, Schema>(
      db,
      'ip_allocations walk',
      parameters,
      () => sql`select ip_key from ip_allocations
        where subnet_id = ${this.#subnetId} and ip_key >= ${rest.next} and ip_key <= ${rest.pool.last}
        order by ip_key limit ${sql.lit(WALK)}`,
    )
    rest.taken = rows.map(({ ip_key }) => ip_key)
    rest.complete = rows.length < WALK
  }

  async #remember(db: Db, rest: Rest): Promise<void> {
    const { pool, next, stored } = rest
    if (next === stored || (within(rest) && BigInt(`0x${next}`) - BigInt(`0x${stored}`) < LONG)) return
    await allocationPools.update(db, { subnetId: this.#subnetId, position: pool.position }, { next })
    rest.stored = next
  }
}

export function freeAddresses(db: Db, subnetId: string): Promise<FreeAddresses> {
  const tables = [oldRowsOf('ip_allocations'), 'allocation_pools']
  return remembered(db, tables, `free addresses of ${subnetId}`, async () => new FreeAddresses(subnetId))
}

/** A pool that ends at the last address of all has a one digit longer end mark. */
const within = ({ next, pool: { last } }: Rest) => next.length === last.length && next <= last

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
