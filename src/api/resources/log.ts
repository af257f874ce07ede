import * as check from '../wire/checks.js'
import * as common from './common.js'
import type { Attribute, Resource } from './definition.js'

const TYPE_LENGTH = 255
const EVENTS = ['ACCEPT', 'DROP', 'ALL']

/** A log shows who talks to whom: an administrator's matter. */
const ADMINS = { create: common.ADMIN, get: common.ADMIN, update: common.ADMIN, delete: common.ADMIN }

const about: Attribute = { post: true, fallback: null, check: check.orNull(check.uuid), filter: true, sort: true }

/** Which packets of security groups are written down. */
export const log: Resource = {
  name: 'log',
  plural: 'logs',
  path: 'log/logs',
  policy: ADMINS,
  attributes: {
    id: common.id,
    name: common.name,
    description: common.description,
    tenant_id: common.project,
    resource_type: { post: true, check: check.text(TYPE_LENGTH), filter: true, sort: true },
    resource_id: about,
    target_id: about,
    event: { post: true, fallback: 'ALL', check: check.oneOf(EVENTS), filter: true },
    enabled: common.flag(true, { sort: true }),
    created_at: common.standardTail.created_at,
    updated_at: common.standardTail.updated_at,
    revision_number: common.standardTail.revision_number,
    project_id: common.project,
  },
}

/** What a log can be about. */
export const loggableResource: Resource = {
  name: 'loggable_resource',
  plural: 'loggable_resources',
  path: 'log/loggable-resources',
  policy: { get: common.ADMIN },
  attributes: { type: { filter: true } },
}
