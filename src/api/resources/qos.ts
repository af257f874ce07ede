import * as check from '../wire/checks.js'
import { toBoolean, toInt, toIntOrNull } from '../wire/convert.js'
import * as common from './common.js'
import type { Attribute, Resource } from './definition.js'

const MOST = 2 ** 31 - 1
/** The classes of RFC 2474, RFC 2597 and RFC 3246. */
export const DSCP_MARKS = [0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 46, 48, 56]

/** What may be sent by whom, how fast and how it is marked. */
export const qosPolicy: Resource = {
  name: 'policy',
  plural: 'policies',
  path: 'qos/policies',
  taggable: true,
  tagPolicy: common.OWNER,
  hiddenFromUpdate: true,
  policy: { create: common.ADMIN, get: common.READER, update: common.ADMIN, delete: common.ADMIN },
  attributes: {
    id: common.id,
    name: common.name,
    tenant_id: common.project,
    description: common.description,
    shared: { post: true, put: true, fallback: false, convert: toBoolean, filter: true },
    is_default: { post: true, put: true, fallback: false, convert: toBoolean, filter: true },
    rules: common.shownOnly,
    ...common.standardTail,
  },
}

const ADMIN_WRITES = { create: common.ADMIN, get: common.READER, update: common.ADMIN, delete: common.ADMIN }

const number = (extra: Partial<Attribute>): Attribute => ({ post: true, put: true, filter: true, sort: true, ...extra })

const limit = {
  id: common.id,
  max_kbps: number({ convert: toInt, check: check.range(0, MOST) }),
  max_burst_kbps: number({ fallback: 0, convert: toInt, check: check.range(0, MOST) }),
  direction: number({ fallback: 'egress', check: check.oneOf(['egress', 'ingress']) }),
}

const packetLimit = {
  id: common.id,
  max_kpps: number({ convert: toInt, check: check.range(0, MOST) }),
  max_burst_kpps: number({ fallback: 0, convert: toInt, check: check.range(0, MOST) }),
  direction: number({ fallback: 'egress', check: check.oneOf(['egress', 'ingress']) }),
}

/** Clients name the project of a rule, though it goes with its policy. */
const ruleOf = <T extends Record<string, Attribute>>(own: T) => ({
  ...own,
  tenant_id: common.hiddenProject,
  project_id: common.hiddenProject,
})

const mark = { id: common.id, dscp_mark: number({ convert: toIntOrNull, check: check.oneOf(DSCP_MARKS) }) }

const guarantee = {
  id: common.id,
  min_kbps: number({ convert: toInt, check: check.range(0, MOST) }),
  direction: number({ fallback: 'egress', check: check.oneOf(['egress', 'ingress']) }),
}

const packetGuarantee = {
  id: common.id,
  min_kpps: number({ convert: toInt, check: check.range(0, MOST) }),
  direction: number({ fallback: 'egress', check: check.oneOf(['egress', 'ingress', 'any']) }),
}

const parent = { resource: qosPolicy, key: 'qos_policy_id' }

export const bandwidthLimitRule: Resource = {
  name: 'bandwidth_limit_rule',
  ruleName: 'policy_bandwidth_limit_rule',
  plural: 'bandwidth_limit_rules',
  path: 'bandwidth_limit_rules',
  parent,
  policy: ADMIN_WRITES,
  attributes: ruleOf(limit),
}

export const dscpMarkingRule: Resource = {
  name: 'dscp_marking_rule',
  ruleName: 'policy_dscp_marking_rule',
  plural: 'dscp_marking_rules',
  path: 'dscp_marking_rules',
  parent,
  policy: ADMIN_WRITES,
  attributes: ruleOf(mark),
}

export const packetRateLimitRule: Resource = {
  name: 'packet_rate_limit_rule',
  ruleName: 'policy_packet_rate_limit_rule',
  plural: 'packet_rate_limit_rules',
  path: 'packet_rate_limit_rules',
  parent,
  policy: ADMIN_WRITES,
  attributes: ruleOf(packetLimit),
}

export const minimumBandwidthRule: Resource = {
  name: 'minimum_bandwidth_rule',
  ruleName: 'policy_minimum_bandwidth_rule',
  plural: 'minimum_bandwidth_rules',
  path: 'minimum_bandwidth_rules',
  parent,
  policy: ADMIN_WRITES,
  attributes: ruleOf(guarantee),
}

export const minimumPacketRateRule: Resource = {
  name: 'minimum_packet_rate_rule',
  ruleName: 'policy_minimum_packet_rate_rule',
  plural: 'minimum_packet_rate_rules',
  path: 'minimum_packet_rate_rules',
  parent,
  policy: ADMIN_WRITES,
  attributes: ruleOf(packetGuarantee),
}

const WITHOUT_CREATE = { get: common.READER, update: common.ADMIN, delete: common.ADMIN }

/** Rules by their own id, without that of their policy. */
export const bandwidthLimitAlias: Resource = {
  name: 'alias_bandwidth_limit_rule',
  plural: 'alias_bandwidth_limit_rules',
  path: 'qos/alias-bandwidth-limit-rules',
  policy: WITHOUT_CREATE,
  attributes: limit,
}

export const dscpMarkingAlias: Resource = {
  name: 'alias_dscp_marking_rule',
  plural: 'alias_dscp_marking_rules',
  path: 'qos/alias-dscp-marking-rules',
  policy: WITHOUT_CREATE,
  attributes: mark,
}

export const packetRateLimitAlias: Resource = {
  name: 'alias_packet_rate_limit_rule',
  plural: 'alias_packet_rate_limit_rules',
  path: 'qos/alias-packet-rate-limit-rules',
  policy: WITHOUT_CREATE,
  attributes: packetLimit,
}

export const minimumBandwidthAlias: Resource = {
  name: 'alias_minimum_bandwidth_rule',
  plural: 'alias_minimum_bandwidth_rules',
  path: 'qos/alias-minimum-bandwidth-rules',
  policy: WITHOUT_CREATE,
  attributes: guarantee,
}

export const minimumPacketRateAlias: Resource = {
  name: 'alias_minimum_packet_rate_rule',
  plural: 'alias_minimum_packet_rate_rules',
  path: 'qos/alias-minimum-packet-rate-rules',
  policy: WITHOUT_CREATE,
  attributes: packetGuarantee,
}
