import * as check from '../wire/checks.js'
import { nullToEmptyList } from '../wire/convert.js'
import * as common from './common.js'
import type { Resource } from './definition.js'

export const toAddresses = nullToEmptyList
export const checkAddresses = check.listOf(check.cidr)

/** Addresses that security group rules can name together. */
export const addressGroup: Resource = {
  name: 'address_group',
  plural: 'address_groups',
  path: 'address-groups',
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    name: common.name,
    description: common.description,
    tenant_id: common.project,
    addresses: { post: true, fallback: [], convert: toAddresses, check: checkAddresses },
    shared: { filter: true },
    created_at: common.standardTail.created_at,
    updated_at: common.standardTail.updated_at,
    revision_number: common.standardTail.revision_number,
    project_id: common.project,
  },
}
