import { sql } from 'kysely'
import {
  type AddressGroupRecord,
  addressGroups,
  loadAddressGroup,
  loadAddressGroups,
} from '../../store/address-groups.js'
import type { Db } from '../../store/table.js'
import { standardTail } from '../attributes.js'
import { type Collection, everything, requireVisible } from '../collection.js'
import { isSharedWith, opened, sharedFilter } from '../rbac/sharing.js'
import type { RequestContext, Resource } from '../service.js'
import { addressGroupNotFound } from './faults.js'

export const addressGroupCollection: Collection<Resource> = {
  table: addressGroups,
  names: { tenant_id: 'project_id' },
  special: { shared: sharedFilter('address_group') },
  load: async (db, ids, ctx) => (await loadAddressGroups(db, ids)).map((group) => showAddressGroup(group, ctx)),
  visible: (ctx) =>
    ctx.isAdmin
      ? everything
      : sql`address_groups.project_id = ${ctx.projectId} or address_groups.id in (${opened('address_group', ctx)})`,
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
