import { sql } from 'kysely'
import { type Cidr, cidrOf } from '../../model/ip.js'
import { type SubnetpoolRow, subnetpools, takenFrom } from '../../store/subnetpools.js'
import type { Db } from '../../store/table.js'
import type { Attributes, RequestContext } from '../service.js'
import { lockedSubnetpool, subnetpoolCollection, visibleSubnetpool } from './collection.js'
import { badSubnets, noRoom, poolQuotaExceeded, prefixNotFree, prefixTooLong, prefixTooShort } from './faults.js'
import { checkNetworkPools } from './network-pools.js'
import { coversAll, firstFit, freePrefixes } from './prefixes.js'

/** A prefix for a new subnet, with the pool it comes from. */
export interface TakenPrefix {
  readonly subnetpoolId: string
  readonly cidr: Cidr
}

/**
 * The prefix a create request takes from a pool; null when it names no pool. `cidr`: the one asked for, which must be
 * free in the pool. The caller writes the subnet in the same transaction: its row is what holds the prefix.
 */
export async function takePrefix(
  db: Db,
  ctx: RequestContext,
  item: Attributes,
  networkId: string,
  projectId: string,
): Promise<TakenPrefix | null> {
  const cidr = item.cidr === undefined || item.cidr === null ? null : cidrOf(String(item.cidr))
  const prefixlen = item.prefixlen === undefined || item.prefixlen === null ? null : Number(item.prefixlen)
  if (cidr !== null && prefixlen !== null) throw badSubnets('cidr and prefixlen must not be supplied together')
  const named = await poolOf(db, ctx, item)
  if (named === null) {
    if (cidr === null) throw badSubnets('a subnetpool must be specified in the absence of a cidr')
    return null
  }
  const pool = await lockedSubnetpool(db, named.id)
  if (item.ip_version !== pool.ipVersion) throw badSubnets(`ip_version does not match subnetpool ${pool.id}`)
  if (cidr === null && item.allocation_pools) {
    throw badSubnets('allocation_pools allowed only for specific subnet requests')
  }
  await checkNetworkPools(db, networkId, pool)
  const length = cidr?.prefix ?? prefixlen ?? pool.defaultPrefixlen
  checkLength(pool, length)
  const taken = await takenFrom(db, pool.id)
  checkPoolQuota(
    pool,
    length,
    taken.filter((subnet) => subnet.projectId === projectId),
  )
  const free = freePrefixes(
    pool.prefixes.map(cidrOf),
    taken.map((subnet) => cidrOf(subnet.cidr)),
  )
  return { subnetpoolId: pool.id, cidr: cidr === null ? anyPrefix(free, length) : thisPrefix(free, cidr) }
}

async function poolOf(db: Db, ctx: RequestContext, item: Attributes): Promise<SubnetpoolRow | null> {
  const id = (item.subnetpool_id as string | null | undefined) ?? null
  if (item.use_default_subnetpool !== true) return id === null ? null : visibleSubnetpool(db, ctx, id)
  if (id !== null) throw badSubnets('subnetpool_id and use_default_subnetpool cannot both be specified')
  return defaultSubnetpool(db, ctx, item.ip_version === 6 ? 6 : 4)
}

/** The default pool is an administrator's choice; it serves those who may see it. */
async function defaultSubnetpool(db: Db, ctx: RequestContext, version: 4 | 6): Promise<SubnetpoolRow> {
  const visible = subnetpoolCollection.visible(ctx)
  const [pool] = await subnetpools.select(db, sql`default_for = ${version} and (${visible})`)
  if (!pool) throw badSubnets(`No default subnetpool found for IPv${version}`)
  return pool
}

function checkLength(pool: SubnetpoolRow, length: number): void {
  if (length < pool.minPrefixlen) throw prefixTooShort(length, pool.minPrefixlen)
  if (length > pool.maxPrefixlen) throw prefixTooLong(length, pool.maxPrefixlen)
}

/** A project's quota of a pool counts addresses in IPv4, links (/64) in IPv6. */
function checkPoolQuota(pool: SubnetpoolRow, length: number, own: readonly { readonly cidr: string }[]): void {
  if (pool.defaultQuota === null) return
  const unit = pool.ipVersion === 4 ? 32 : 64
  const size = (prefixlen: number) => 2 ** (unit - prefixlen)
  const used = own.reduce((sum, { cidr }) => sum + size(cidrOf(cidr).prefix), 0)
  if (used + size(length) > pool.defaultQuota) throw poolQuotaExceeded()
}

function anyPrefix(free: readonly Cidr[], length: number): Cidr {
  const cidr = firstFit(free, length)
  if (cidr === null) throw noRoom(length)
  return cidr
}

function thisPrefix(free: readonly Cidr[], cidr: Cidr): Cidr {
  if (!coversAll(free, [cidr])) throw prefixNotFree()
  return cidr
}
