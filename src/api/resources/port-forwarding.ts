import * as check from '../wire/checks.js'
import { type Convert, toIntOrNull, toIp, toTextOrNull } from '../wire/convert.js'
import { ANY, checking, taking } from '../wire/schema.js'
import { shown } from '../wire/text.js'
import * as common from './common.js'
import { type Attribute, type Check, type Resource, UNSET } from './definition.js'
import { floatingip } from './floatingip.js'

const lower: Convert = taking(
  { takes: () => ({ type: 'string', pattern: '^([tT][cC][pP]|[uU][dD][pP])$' }) },
  (value) => (typeof value === 'string' ? value.toLowerCase() : value),
)

const unsetOr = (inner: Check): Check =>
  checking(inner.schema ?? ANY, (value) => (value === UNSET ? null : inner(value)))

const port: Attribute = {
  post: true,
  put: true,
  fallback: UNSET,
  convert: toIntOrNull,
  check: check.orNull(check.range(1, 65535)),
  filter: true,
  sort: true,
}

/** `80` or `80:89`. */
const RANGE = /^(\d+)(?::(\d+))?$/
const portRange: Check = checking({ type: 'string', pattern: RANGE.source }, (value) => {
  const [, first, last] = typeof value === 'string' ? (RANGE.exec(value) ?? []) : []
  if (first === undefined) return `'${shown(value)}' is not a valid port range`
  const [low, high] = [Number(first), Number(last ?? first)]
  return check.range(1, 65535)(low) ?? check.range(low, 65535)(high)
})

const range: Attribute = { ...port, convert: toTextOrNull, check: check.orNull(portRange) }

/** A port of a floating IP, or a range of them, that leads to a port's fixed address. */
export const portForwarding: Resource = {
  name: 'port_forwarding',
  plural: 'port_forwardings',
  ruleName: 'floatingip_port_forwarding',
  path: 'port_forwardings',
  parent: { resource: floatingip, key: 'floatingip_id' },
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    protocol: {
      post: true,
      put: true,
      convert: lower,
      check: check.oneOf(['tcp', 'udp']),
      filter: true,
      sort: true,
    },
    internal_ip_address: {
      post: true,
      put: true,
      fallback: UNSET,
      convert: toIp,
      check: unsetOr(check.orNull(check.ip)),
      filter: true,
      sort: true,
    },
    internal_port: port,
    internal_port_range: range,
    internal_port_id: { post: true, put: true, check: check.uuid, filter: true, sort: true },
    external_port: port,
    external_port_range: range,
    description: common.description,
  },
}
