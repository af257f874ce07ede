import { PROTOCOL_NUMBERS } from '../../model/protocols.js'
import * as check from '../wire/checks.js'
import { type Convert, toInt } from '../wire/convert.js'
import * as common from './common.js'
import type { Attribute, Resource } from './definition.js'
import { router } from './router.js'

const HELPER_LENGTH = 64

const lower: Convert = (value) => (typeof value === 'string' ? value.toLowerCase() : value)

const settable = (extra: Partial<Attribute>): Attribute => ({
  post: true,
  put: true,
  filter: true,
  sort: true,
  ...extra,
})

/** A port of a router whose connections the kernel follows by what is said in them. */
export const conntrackHelper: Resource = {
  name: 'conntrack_helper',
  plural: 'conntrack_helpers',
  path: 'conntrack_helpers',
  parent: { resource: router, key: 'router_id' },
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    protocol: settable({ convert: lower, check: check.oneOf(Object.keys(PROTOCOL_NUMBERS)) }),
    port: settable({ convert: toInt, check: check.range(1, 65535) }),
    helper: settable({ check: check.text(HELPER_LENGTH) }),
  },
}
