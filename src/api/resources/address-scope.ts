import * as check from '../wire/checks.js'
import { toIntOrNull } from '../wire/convert.js'
import * as common from './common.js'
import type { Resource } from './definition.js'

/** Pools whose addresses do not repeat. */
export const addressScope: Resource = {
  name: 'address_scope',
  plural: 'address_scopes',
  path: 'address-scopes',
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    name: common.name,
    tenant_id: common.project,
    ip_version: { post: true, convert: toIntOrNull, check: check.oneOf([4, 6]), filter: true, sort: true },
    shared: common.flag(false, { policy: { create: common.ADMIN, update: common.ADMIN } }),
    project_id: common.project,
  },
}
