import * as check from '../wire/checks.js'
import { toBoolean } from '../wire/convert.js'
import * as common from './common.js'
import type { Attribute, Resource } from './definition.js'

const plain: Attribute = { filter: true, sort: true }

/** Agents appear by reporting; an admin may switch them off, describe them and delete them. */
export const agent: Resource = {
  name: 'agent',
  plural: 'agents',
  path: 'agents',
  policy: { get: common.ADMIN, update: common.ADMIN, delete: common.ADMIN },
  attributes: {
    id: common.id,
    agent_type: plain,
    binary: plain,
    topic: plain,
    host: plain,
    admin_state_up: { put: true, convert: toBoolean, filter: true, sort: true },
    created_at: plain,
    started_at: plain,
    heartbeat_timestamp: plain,
    description: { put: true, check: check.orNull(check.text(common.DESCRIPTION_LENGTH)), filter: true, sort: true },
    resources_synced: common.shownOnly,
    availability_zone: plain,
    alive: { filter: true },
    configurations: common.shownOnly,
    ha_state: common.shownOnly,
  },
}
