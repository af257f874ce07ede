import { sql } from 'kysely'
import {
  loadSubnetpool,
  loadSubnetpools,
  lockSubnetpool,
  type SubnetpoolRecord,
  subnetpools,
} from '../../store/subnetpools.js'
import type { Condition, Db } from '../../store/table.js'
import { standardTail } from '../attributes.js'
import { type Collection, findVisible } from '../collection.js'
import { isSharedWith, sharedFilter, visibleShared } from '../rbac/sharing.js'
import type { RequestContext, Resource } from '../service.js'
import { subnetpoolNotFound } from './faults.js'

export const subnetpoolCollection: Collection<Resource> = {
  table: subnetpools,
  names: { tenant_id: 'project_id' },
  special: { shared: sharedFilter('subnetpool'), is_default: isDefaultFilter },
  load: async (db, ids, ctx) => (await loadSubnetpools(db, ids)).map((pool) => showSubnetpool(pool, ctx)),
  visible: visibleShared('subnetpools', 'subnetpool'),
  notFound: subnetpoolNotFound,
}

function isDefaultFilter(values: readonly string[]): Condition {
  const terms = values.map((value) =>
    /^(true|1)$/i.test(value) ? sql`default_for is not null` : sql`default_for is null`,
  )
  return sql.join(terms, sql` or `)
}

export const visibleSubnetpool = findVisible(subnetpoolCollection, loadSubnetpool)

/** As `visibleSubnetpool`, for changes: locked for this transaction. */
export const writableSubnetpool = findVisible(subnetpoolCollection, lockedSubnetpool)

/** The pool as it is once nobody else is changing it or taking from it. */
export async function lockedSubnetpool(db: Db, id: string): Promise<SubnetpoolRecord> {
  await lockSubnetpool(db, id)
  const pool = await loadSubnetpool(db, id)
  if (!pool) throw subnetpoolNotFound(id)
  return pool
}

export function showSubnetpool(pool: SubnetpoolRecord, ctx: RequestContext): Resource {
  return {
    id: pool.id,
    name: pool.name,
    tenant_id: pool.projectId,
    prefixes: pool.prefixes,
    default_quota: pool.defaultQuota,
    ip_version: pool.ipVersion,
    min_prefixlen: String(pool.minPrefixlen),
    max_prefixlen: String(pool.maxPrefixlen),
    default_prefixlen: String(pool.defaultPrefixlen),
    is_default: pool.defaultFor !== null,
    shared: isSharedWith(pool, ctx),
    address_scope_id: pool.addressScopeId,
    ...standardTail(pool),
  }
}
