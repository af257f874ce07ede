import { sql } from 'kysely'
import { type AddressScopeRecord, addressScopes, loadAddressScope, loadAddressScopes } from '../../store/subnetpools.js'
import type { Db } from '../../store/table.js'
import { type Collection, everything, requireVisible } from '../collection.js'
import { isSharedWith, opened, sharedFilter } from '../rbac/sharing.js'
import type { RequestContext, Resource } from '../service.js'
import { addressScopeNotFound } from '../subnetpool/faults.js'

export const addressScopeCollection: Collection<Resource> = {
  table: addressScopes,
  names: { tenant_id: 'project_id' },
  special: { shared: sharedFilter('address_scope') },
  load: async (db, ids, ctx) => (await loadAddressScopes(db, ids)).map((scope) => showAddressScope(scope, ctx)),
  visible: (ctx) =>
    ctx.isAdmin
      ? everything
      : sql`address_scopes.project_id = ${ctx.projectId} or address_scopes.id in (${opened('address_scope', ctx)})`,
  notFound: addressScopeNotFound,
}

export async function visibleAddressScope(db: Db, ctx: RequestContext, id: string): Promise<AddressScopeRecord> {
  await requireVisible(db, addressScopeCollection, ctx, id)
  return (await loadAddressScope(db, id))!
}

export function showAddressScope(scope: AddressScopeRecord, ctx: RequestContext): Resource {
  return {
    id: scope.id,
    name: scope.name,
    tenant_id: scope.projectId,
    ip_version: scope.ipVersion,
    shared: isSharedWith(scope, ctx),
    project_id: scope.projectId,
  }
}
