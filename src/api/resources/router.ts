import { fixedIps, routes } from '../wire/address-checks.js'
import * as check from '../wire/checks.js'
import { type Convert, chain, inside, nullToEmptyList, toBoolean, toBooleanOrNull, toIp } from '../wire/convert.js'
import { either, taking } from '../wire/schema.js'
import * as common from './common.js'
import { type Resource, UNSET } from './definition.js'

const ADMIN_ONLY = { read: common.ADMIN, create: common.ADMIN, update: common.ADMIN }

/** `{}` and null both clear the gateway. */
const emptyToNull: Convert = taking(
  { takes: (schema) => either(schema, { type: 'object', maxProperties: 0 }) },
  (value) => (check.isDict(value) && Object.keys(value).length === 0 ? null : value),
)

const gateway = check.shape(
  {
    network_id: check.uuid,
    enable_snat: check.boolean,
    external_fixed_ips: fixedIps,
    qos_policy_id: check.orNull(check.uuid),
  },
  ['network_id'],
)

export const router: Resource = {
  name: 'router',
  plural: 'routers',
  path: 'routers',
  taggable: true,
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    name: common.name,
    tenant_id: common.project,
    admin_state_up: common.adminStateUp,
    status: common.status,
    external_gateway_info: {
      post: true,
      put: true,
      fallback: null,
      convert: chain(
        emptyToNull,
        inside({ enable_snat: toBoolean, external_fixed_ips: chain(nullToEmptyList, inside({ ip_address: toIp })) }),
      ),
      check: check.orNull(gateway),
      policy: {
        create: common.OWNER,
        update: common.OWNER,
        keys: {
          network_id: common.OWNER,
          qos_policy_id: common.OWNER,
          enable_snat: common.ADMIN,
          external_fixed_ips: common.ADMIN,
        },
      },
    },
    description: common.description,
    availability_zones: common.shownOnly,
    /** `core` takes router_distributed and l3_ha when these are not given */
    distributed: common.flag(UNSET, { policy: ADMIN_ONLY }),
    ha: common.flag(UNSET, { policy: ADMIN_ONLY }),
    availability_zone_hints: common.zoneHints,
    routes: { put: true, convert: chain(nullToEmptyList, inside({ nexthop: toIp })), check: routes },
    conntrack_helpers: common.shownOnly,
    /** null is as good as not given: `core` takes enable_ndp_proxy_by_default where that can be */
    enable_ndp_proxy: common.flag(UNSET, { convert: toBooleanOrNull }),
    flavor_id: { post: true, fallback: null, check: check.orNull(check.uuid), filter: true, sort: true },
    ...common.standardTail,
  },
}

/** Body of add_extraroutes and remove_extraroutes, inside `router`. */
export const extraRoutesBody = check.shape({ routes }, ['routes'])
