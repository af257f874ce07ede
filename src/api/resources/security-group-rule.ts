import * as check from '../wire/checks.js'
import { type Convert, toIntOrNull, toTextOrNull } from '../wire/convert.js'
import { either, NULL, TEXT, taking } from '../wire/schema.js'
import * as common from './common.js'
import type { Attribute, Resource } from './definition.js'
import { checkRule, checkRules } from './security-group-rule-checks.js'

const portBound: Attribute = {
  post: true,
  fallback: null,
  convert: toIntOrNull,
  filter: true,
  sort: true,
}

/** `ipv4`, `IPV4` … as `IPv4`; other values are left for the check. */
const toEthertype: Convert = taking(
  { takes: () => ({ type: 'string', pattern: '^[iI][pP][vV][46]$' }), gives: { enum: ['IPv4', 'IPv6'] } },
  (value) =>
    ['IPv4', 'IPv6'].find((name) => typeof value === 'string' && name.toLowerCase() === value.toLowerCase()) ?? value,
)

/** A protocol by name or number. */
const lower: Convert = taking(
  { takes: () => ({ type: ['string', 'integer', 'null'] }), gives: either(TEXT, NULL) },
  (value) => {
    const text = toTextOrNull(value)
    return typeof text === 'string' ? text.toLowerCase() || null : text
  },
)

export const securityGroupRule: Resource = {
  name: 'security_group_rule',
  plural: 'security_group_rules',
  path: 'security-group-rules',
  policy: { create: common.OWNER, get: common.READER, delete: common.OWNER },
  checkCreate: checkRule,
  checkBulk: checkRules,
  attributes: {
    id: common.id,
    tenant_id: common.project,
    security_group_id: { post: true, check: check.uuid, filter: true, sort: true },
    ethertype: { post: true, fallback: 'IPv4', convert: toEthertype, filter: true, sort: true },
    direction: { post: true, check: check.oneOf(['ingress', 'egress']), filter: true, sort: true },
    protocol: { post: true, fallback: null, convert: lower, filter: true, sort: true },
    port_range_min: portBound,
    port_range_max: portBound,
    remote_ip_prefix: { post: true, fallback: null, check: check.orNull(check.ipOrCidr), filter: true, sort: true },
    remote_address_group_id: {
      post: true,
      fallback: null,
      check: check.orNull(check.uuid),
      filter: true,
      sort: true,
    },
    normalized_cidr: { filter: true },
    // not checked to be a UUID: whatever names no group is a group that is not there (404)
    remote_group_id: { post: true, fallback: null, check: check.orNull(check.text(255)), filter: true, sort: true },
    description: common.description,
    ...common.standardTail,
  },
}
