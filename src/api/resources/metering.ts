import * as check from '../wire/checks.js'
import { toBoolean } from '../wire/convert.js'
import * as common from './common.js'
import type { Attribute, Resource } from './definition.js'

const LONG_DESCRIPTION_LENGTH = 1024

/** Who may read others' traffic figures decides what they are charged: an administrator's matter. */
const ADMINS = { create: common.ADMIN, get: common.ADMIN, delete: common.ADMIN }

/** A count of what passes the external gateways of a project's routers. */
export const meteringLabel: Resource = {
  name: 'metering_label',
  plural: 'metering_labels',
  path: 'metering/metering-labels',
  policy: ADMINS,
  attributes: {
    id: common.id,
    name: common.name,
    description: { ...common.description, check: check.text(LONG_DESCRIPTION_LENGTH) },
    tenant_id: common.project,
    shared: common.flag(false, { put: false, sort: true }),
    project_id: common.project,
  },
}

const prefix: Attribute = {
  post: true,
  fallback: null,
  check: check.orNull(check.ipOrCidr),
  filter: true,
  sort: true,
}

/** Packets that a label counts, or does not. */
export const meteringLabelRule: Resource = {
  name: 'metering_label_rule',
  plural: 'metering_label_rules',
  path: 'metering/metering-label-rules',
  policy: ADMINS,
  attributes: {
    id: common.id,
    metering_label_id: { post: true, check: check.uuid, filter: true, sort: true },
    direction: {
      post: true,
      fallback: 'ingress',
      check: check.oneOf(['ingress', 'egress']),
      filter: true,
      sort: true,
    },
    excluded: { post: true, fallback: false, convert: toBoolean, filter: true, sort: true },
    remote_ip_prefix: prefix,
    source_ip_prefix: prefix,
    destination_ip_prefix: prefix,
    tenant_id: common.hiddenProject,
    project_id: common.hiddenProject,
  },
}
