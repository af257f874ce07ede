import * as check from '../wire/checks.js'
import { inside, nullToEmptyText, toIntOrNull } from '../wire/convert.js'
import { dnsDomain } from '../wire/dns-checks.js'
import { checking, orNullSchema } from '../wire/schema.js'
import * as common from './common.js'
import { type Attribute, type Resource, UNSET } from './definition.js'

const ADMIN_ONLY = { read: common.ADMIN, create: common.ADMIN, update: common.ADMIN }

/** Which types and physical networks there are is known to `core`. */
const word = check.orNull(check.text(255))

const segment = check.shape({
  'provider:network_type': word,
  'provider:physical_network': word,
  'provider:segmentation_id': checking(orNullSchema({ type: 'integer' }), () => null),
})

/** Provider attributes: `core` chooses by tenant_network_types when they are not given. */
function provider(extra: Partial<Attribute>): Attribute {
  return { post: true, put: true, fallback: UNSET, filter: true, sort: true, policy: ADMIN_ONLY, ...extra }
}

export const network: Resource = {
  name: 'network',
  plural: 'networks',
  path: 'networks',
  taggable: true,
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    name: common.name,
    tenant_id: common.project,
    admin_state_up: common.adminStateUp,
    mtu: {
      post: true,
      put: true,
      fallback: UNSET,
      convert: toIntOrNull,
      check: check.orNull(check.range(0, 65535)),
      filter: true,
      sort: true,
    },
    status: common.status,
    subnets: common.shownOnly,
    shared: common.flag(false, { policy: { create: common.ADMIN, update: common.ADMIN } }),
    availability_zone_hints: common.zoneHints,
    availability_zones: common.shownOnly,
    ipv4_address_scope: common.shownOnly,
    ipv6_address_scope: common.shownOnly,
    'router:external': common.flag(false, { policy: { create: common.ADMIN, update: common.ADMIN } }),
    description: common.description,
    port_security_enabled: common.flag(true, { policy: { create: common.OWNER, update: common.OWNER } }),
    /** not given: the project's default policy */
    qos_policy_id: {
      post: true,
      put: true,
      fallback: UNSET,
      check: check.orNull(check.uuid),
      filter: true,
      sort: true,
    },
    dns_domain: {
      post: true,
      put: true,
      fallback: '',
      convert: nullToEmptyText,
      check: dnsDomain,
      filter: true,
      sort: true,
    },
    l2_adjacency: common.shownOnly,
    is_default: common.flag(false, { policy: { create: common.ADMIN, update: common.ADMIN } }),
    ...common.standardTail,
    'provider:network_type': provider({ check: word }),
    'provider:physical_network': provider({ check: word }),
    'provider:segmentation_id': provider({ convert: toIntOrNull }),
    /** instead of the three above, for a network of several segments */
    segments: {
      post: true,
      put: true,
      fallback: UNSET,
      convert: inside({ 'provider:segmentation_id': toIntOrNull }),
      check: check.orNull(check.listOf(segment)),
      policy: ADMIN_ONLY,
    },
  },
}
