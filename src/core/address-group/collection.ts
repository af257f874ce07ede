import {
  type AddressGroupRecord,
  addressGroups,
  loadAddressGroup,
  loadAddressGroups,
} from '../../store/address-groups.js'
import type { Db } from '../../store/table.js'
import { standardTail } from '../attributes.js'
import { type Collection, requireVisible } from '../collection.js'
import { isSharedWith, sharedFilter, visibleShared } from '../rbac/sharing.js'
import type { RequestContext, Resource } from '../service.js'
import { addressGroupNotFound } from './faults.js'

export const addressGroupCollection: Collection<Resource> = {
  table: addressGroups,
  names: { tenant_id: 'project_id' },
  special: { shared: sharedFilter('address_group') },
  load: async (db, ids, ctx) => (await loadAddressGroups(db, ids)).map((group) => showAddressGroup(group, ctx)),
  visible: visibleShared('address_groups', 'address_group'),
  notFound: addressGroupNotFound,
}

export async function visibleAddressGroup(db: Db, ctx: RequestContext, id: string): Promise<AddressGroupRecord> {
  await requireVisible(db, addressGroupCollection, ctx, id)
  return (await loadAddressGroup(db, id))!
}

export function showAddressGroup(group: AddressGroupRecord, ctx: RequestContext): Resource {
  return {
    id: group.id,
    name: group.name,
    tenant_id: group.projectId,
    addresses: group.addresses,
    shared: isSharedWith(group, ctx),
    ...standardTail(group),
  }
}
