import { sql } from 'kysely'
import { sharedWith } from './rbac-policies.js'
import { standardColumns } from './standard-attributes.js'
import { type Column, type Db, int, intOrNull, json, type RecordOf, Table, text, textOrNull } from './table.js'

const ipVersionColumn: Column<4 | 6> = { ...int('ip_version'), decode: (stored) => (Number(stored) === 6 ? 6 : 4) }

export const addressScopes = new Table('address_scopes', {
  id: text('id'),
  projectId: text('project_id'),
  name: text('name'),
  ipVersion: ipVersionColumn,
})

export const subnetpools = new Table('subnetpools', {
  ...standardColumns,
  name: text('name'),
  ipVersion: ipVersionColumn,
  /** merged and in order */
  prefixes: json<readonly string[]>('prefixes'),
  defaultPrefixlen: int('default_prefixlen'),
  minPrefixlen: int('min_prefixlen'),
  maxPrefixlen: int('max_prefixlen'),
  /** addresses (IPv4) or /64s (IPv6) a project may take; null: as many as there are */
  defaultQuota: intOrNull('default_quota'),
  /** the IP version whose default pool this is: unique, so that there is one default per version */
  defaultFor: intOrNull('default_for'),
  addressScopeId: textOrNull('address_scope_id'),
  /** counts what was taken; see `lockSubnetpool` */
  allocations: int('allocations'),
})

export type SubnetpoolRow = RecordOf<typeof subnetpools.columns>
export type AddressScopeRow = RecordOf<typeof addressScopes.columns>

interface Shared {
  /** projects beside the owner that may use it; `*` is all */
  readonly sharedWith: readonly string[]
}

export type SubnetpoolRecord = SubnetpoolRow & Shared
export type AddressScopeRecord = AddressScopeRow & Shared

async function withTargets<T extends { readonly id: string }>(db: Db, rows: readonly T[]): Promise<(T & Shared)[]> {
  const targets = await sharedWith(
    db,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => ({ ...row, sharedWith: targets.get(row.id) ?? [] }))
}

export async function loadSubnetpools(db: Db, ids: readonly string[]): Promise<SubnetpoolRecord[]> {
  return withTargets(db, await subnetpools.findIn(db, 'id', ids))
}

export async function loadSubnetpool(db: Db, id: string): Promise<SubnetpoolRecord | undefined> {
  return (await loadSubnetpools(db, [id]))[0]
}

export async function loadAddressScopes(db: Db, ids: readonly string[]): Promise<AddressScopeRecord[]> {
  return withTargets(db, await addressScopes.findIn(db, 'id', ids))
}

export async function loadAddressScope(db: Db, id: string): Promise<AddressScopeRecord | undefined> {
  return (await loadAddressScopes(db, [id]))[0]
}

/**
 * Whoever takes from a pool, or changes its prefixes, first writes the pool's row: on a database with several writers
 * the second one waits here, and then sees what the first one took.
 */
export async function lockSubnetpool(db: Db, id: string): Promise<void> {
  await sql`update subnetpools set allocations = allocations + 1 where id = ${id}`.execute(db)
}

/** As `lockSubnetpool`, for the prefixes of all pools of a scope. */
export async function lockAddressScope(db: Db, id: string): Promise<void> {
  await sql`update address_scopes set name = name where id = ${id}`.execute(db)
}

/** The subnets taken from a pool, by project. */
export async function takenFrom(db: Db, subnetpoolId: string): Promise<{ cidr: string; projectId: string }[]> {
  const { rows } = await sql<{ cidr: string; project_id: string }>`
    select cidr, project_id from subnets where subnetpool_id = ${subnetpoolId}`.execute(db)
  return rows.map(({ cidr, project_id }) => ({ cidr, projectId: project_id }))
}
