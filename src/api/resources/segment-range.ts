import * as check from '../wire/checks.js'
import { toBoolean, toIntOrNull } from '../wire/convert.js'
import { arrayOf, TEXT } from '../wire/schema.js'
import * as common from './common.js'
import { type Attribute, type Resource, UNSET } from './definition.js'

/** The widest type's ids, those of GRE; what the range's own type has is checked with the rest of it. */
const bound: Attribute = {
  post: true,
  put: true,
  convert: toIntOrNull,
  check: check.range(1, 2 ** 32 - 1),
  filter: true,
  sort: true,
}

/** Ids that networks get by themselves. */
export const segmentRange: Resource = {
  name: 'network_segment_range',
  plural: 'network_segment_ranges',
  path: 'network_segment_ranges',
  taggable: true,
  policy: { create: common.ADMIN, get: common.ADMIN, update: common.ADMIN, delete: common.ADMIN },
  attributes: {
    id: common.id,
    name: common.name,
    default: { filter: true, shows: { type: 'boolean' } },
    shared: { post: true, fallback: true, convert: toBoolean, filter: true },
    tenant_id: { ...common.project, writeOnly: true },
    network_type: {
      post: true,
      check: check.oneOf(['vlan', 'vxlan', 'gre', 'geneve']),
      filter: true,
      sort: true,
    },
    physical_network: { post: true, fallback: UNSET, check: check.orNull(check.text(64)), filter: true, sort: true },
    minimum: bound,
    maximum: bound,
    used: { shows: { type: 'object', additionalProperties: TEXT } },
    available: { shows: arrayOf({ type: 'integer' }) },
    description: common.description,
    ...common.standardTail,
  },
}
