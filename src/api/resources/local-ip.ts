import * as check from '../wire/checks.js'
import { toIp, toIpOrUnset } from '../wire/convert.js'
import { ANY, checking } from '../wire/schema.js'
import * as common from './common.js'
import { type Attribute, type Check, type Resource, UNSET } from './definition.js'

const unsetOr = (inner: Check): Check =>
  checking(inner.schema ?? ANY, (value) => (value === UNSET ? null : inner(value)))

const chosen: Attribute = { post: true, fallback: UNSET, check: check.uuid, filter: true, sort: true }

/** An address that leads to another port on each host. */
export const localIp: Resource = {
  name: 'local_ip',
  plural: 'local_ips',
  path: 'local_ips',
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    name: common.name,
    description: common.description,
    tenant_id: common.project,
    local_port_id: chosen,
    network_id: chosen,
    local_ip_address: {
      post: true,
      fallback: UNSET,
      convert: toIpOrUnset,
      check: unsetOr(check.ip),
      filter: true,
      sort: true,
    },
    ip_mode: {
      post: true,
      fallback: 'translate',
      check: check.oneOf(['translate', 'passthrough']),
      filter: true,
      sort: true,
    },
    created_at: common.standardTail.created_at,
    updated_at: common.standardTail.updated_at,
    revision_number: common.standardTail.revision_number,
    project_id: common.project,
  },
}

const shown: Attribute = { filter: true, shows: { type: 'string' } }

/** A port that stands for a local IP on its host; in paths it has the port's id. */
export const localIpAssociation: Resource = {
  name: 'port_association',
  plural: 'port_associations',
  ruleName: 'local_ip_port_association',
  path: 'port_associations',
  parent: { resource: localIp, key: 'local_ip_id', composed: true },
  policy: { create: common.OWNER, get: common.READER, delete: common.OWNER },
  attributes: {
    local_ip_id: { shows: { type: 'string' } },
    local_ip_address: shown,
    fixed_port_id: { post: true, check: check.uuid, filter: true, sort: true },
    fixed_ip: { post: true, fallback: null, convert: toIp, check: check.orNull(check.ip), filter: true, sort: true },
    host: shown,
  },
}
