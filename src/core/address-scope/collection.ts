import { type AddressScopeRecord, addressScopes, loadAddressScope, loadAddressScopes } from '../../store/subnetpools.js'
import { type Collection, findVisible } from '../collection.js'
import { isSharedWith, sharedFilter, visibleShared } from '../rbac/sharing.js'
import type { RequestContext, Resource } from '../service.js'
import { addressScopeNotFound } from '../subnetpool/faults.js'

export const addressScopeCollection: Collection<Resource> = {
  table: addressScopes,
  names: { tenant_id: 'project_id' },
  special: { shared: sharedFilter('address_scope') },
  load: async (db, ids, ctx) => (await loadAddressScopes(db, ids)).map((scope) => showAddressScope(scope, ctx)),
  visible: visibleShared('address_scopes', 'address_scope'),
  notFound: addressScopeNotFound,
}

export const visibleAddressScope = findVisible(addressScopeCollection, loadAddressScope)

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
