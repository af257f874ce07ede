import * as check from '../wire/checks.js'
import { nullToEmptyDict } from '../wire/convert.js'
import * as common from './common.js'
import type { Resource } from './definition.js'
import { port, VNIC_TYPES } from './port.js'

/** A port on a host, as a live migration prepares it. Named by its host, so its routes are its own. */
export const portBinding: Resource = {
  name: 'binding',
  plural: 'bindings',
  path: 'bindings',
  parent: { resource: port, key: 'port_id' },
  policy: { create: common.SERVICE, get: common.SERVICE, update: common.SERVICE, delete: common.SERVICE },
  attributes: {
    host: {
      post: true,
      check: check.word(255),
      filter: true,
      sort: true,
    },
    vif_type: { filter: true, sort: true },
    vif_details: common.shownOnly,
    vnic_type: { post: true, put: true, fallback: 'normal', check: check.oneOf(VNIC_TYPES), filter: true, sort: true },
    profile: { post: true, put: true, fallback: {}, convert: nullToEmptyDict, check: check.dict },
    status: common.status,
  },
}
