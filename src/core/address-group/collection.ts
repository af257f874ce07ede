import {
  type AddressGroupRecord,
  addressGroups,
  loadAddressGroup,
  loadAddressGroups,
} from '../../store/address-groups.js'
import { standardTail } from '../attributes.js'
import { type Collection, findVisible } from '../collection.js'
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

export const visibleAddressGroup = findVisible(addressGroupCollection, loadAddressGroup)

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
