import * as check from '../wire/checks.js'
import { toIntOrNull } from '../wire/convert.js'
import * as common from './common.js'
import { type Resource, UNSET } from './definition.js'

const PHYSICAL_NETWORK_LENGTH = 64
const NETWORK_TYPE_LENGTH = 32

/** A wire that a network is on. */
export const segment: Resource = {
  name: 'segment',
  plural: 'segments',
  path: 'segments',
  policy: { create: common.ADMIN, get: common.ADMIN, update: common.ADMIN, delete: common.ADMIN },
  attributes: {
    id: common.id,
    network_id: { post: true, check: check.uuid, filter: true, sort: true },
    physical_network: {
      post: true,
      fallback: UNSET,
      check: check.orNull(check.text(PHYSICAL_NETWORK_LENGTH)),
      filter: true,
      sort: true,
    },
    network_type: { post: true, check: check.text(NETWORK_TYPE_LENGTH), filter: true, sort: true },
    segmentation_id: {
      post: true,
      fallback: UNSET,
      convert: toIntOrNull,
      check: check.orNull(check.range(0, 2 ** 32 - 1)),
      filter: true,
      sort: true,
    },
    name: { post: true, put: true, fallback: null, check: check.orNull(check.text(255)), filter: true, sort: true },
    description: common.description,
    tenant_id: common.hiddenProject,
    project_id: common.hiddenProject,
    created_at: common.standardTail.created_at,
    updated_at: common.standardTail.updated_at,
    revision_number: common.standardTail.revision_number,
  },
}
