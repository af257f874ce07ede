import * as check from '../wire/checks.js'
import { nullToEmptyText, toBoolean } from '../wire/convert.js'
import * as common from './common.js'
import type { Attribute, Resource } from './definition.js'

const ADMIN_WRITES = { create: common.ADMIN, update: common.ADMIN, delete: common.ADMIN }

const enabled: Attribute = { post: true, put: true, fallback: true, convert: toBoolean, filter: true, sort: true }

const words: Attribute = {
  post: true,
  put: true,
  fallback: '',
  convert: nullToEmptyText,
  check: check.text(4095),
  filter: true,
  sort: true,
}

/** A name under which users ask for a router of some kind. */
export const flavor: Resource = {
  name: 'flavor',
  plural: 'flavors',
  path: 'flavors',
  policy: { ...ADMIN_WRITES, get: common.READER },
  attributes: {
    id: common.id,
    name: common.name,
    description: words,
    enabled,
    service_profiles: common.shownOnly,
    service_type: { post: true, check: check.text(255), filter: true, sort: true },
  },
}

/** A way in which routers are realised. */
export const serviceProfile: Resource = {
  name: 'service_profile',
  plural: 'service_profiles',
  path: 'service_profiles',
  policy: { ...ADMIN_WRITES, get: common.ADMIN },
  attributes: { id: common.id, description: words, driver: words, enabled, metainfo: words },
}
