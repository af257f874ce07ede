import * as check from '../wire/checks.js'
import { toBoolean, toIntOrNull } from '../wire/convert.js'
import { TEXT } from '../wire/schema.js'
import * as common from './common.js'
import { type Attribute, type Resource, UNSET } from './definition.js'

/** Shown as text, as Neutron does. */
const length: Attribute = {
  post: true,
  put: true,
  fallback: UNSET,
  convert: toIntOrNull,
  check: check.orNull(check.range(0, 128)),
  shows: TEXT,
  filter: true,
  sort: true,
}

/** Prefixes from which subnets are taken. */
export const subnetpool: Resource = {
  name: 'subnetpool',
  plural: 'subnetpools',
  path: 'subnetpools',
  taggable: true,
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    name: { post: true, put: true, check: check.word(255), filter: true, sort: true },
    tenant_id: common.project,
    prefixes: { post: true, put: true, check: check.listOf(check.cidr) },
    default_quota: {
      post: true,
      put: true,
      fallback: null,
      convert: toIntOrNull,
      check: check.orNull(check.range(0, Number.MAX_SAFE_INTEGER)),
      filter: true,
      sort: true,
    },
    ip_version: { filter: true, sort: true },
    min_prefixlen: length,
    max_prefixlen: length,
    default_prefixlen: length,
    is_default: {
      post: true,
      put: true,
      fallback: false,
      convert: toBoolean,
      filter: true,
      sort: true,
      policy: { create: common.ADMIN, update: common.ADMIN },
    },
    shared: { post: true, fallback: false, convert: toBoolean, filter: true, policy: { create: common.ADMIN } },
    address_scope_id: {
      post: true,
      put: true,
      fallback: null,
      check: check.orNull(check.uuid),
      filter: true,
      sort: true,
    },
    description: common.description,
    ...common.standardTail,
  },
}
