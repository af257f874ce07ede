import * as check from '../wire/checks.js'
import { type Convert, chain, nullToEmptyList } from '../wire/convert.js'
import { ANY, taking } from '../wire/schema.js'
import * as common from './common.js'
import type { Resource } from './definition.js'

/** In additions and removals an address alone is a network of one; a new group's addresses need their length. */
const withLength: Convert = taking(
  { takes: () => ({ type: 'array', items: check.ipOrCidr.schema ?? ANY, uniqueItems: true }) },
  (value) =>
    Array.isArray(value)
      ? value.map((item) => (check.ip(item) === null ? `${item}/${String(item).includes(':') ? 128 : 32}` : item))
      : value,
)

export const toAddresses: Convert = chain(nullToEmptyList, withLength)
export const checkAddresses = check.listOf(check.cidr)

/** Addresses that security group rules can name together. */
export const addressGroup: Resource = {
  name: 'address_group',
  plural: 'address_groups',
  path: 'address-groups',
  hiddenFromUpdate: true,
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    name: common.name,
    description: common.description,
    tenant_id: common.project,
    addresses: { post: true, fallback: [], convert: nullToEmptyList, check: checkAddresses },
    shared: { filter: true },
    created_at: common.standardTail.created_at,
    updated_at: common.standardTail.updated_at,
    revision_number: common.standardTail.revision_number,
    project_id: common.project,
  },
}
