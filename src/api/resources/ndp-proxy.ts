import * as check from '../wire/checks.js'
import { toIp } from '../wire/convert.js'
import * as common from './common.js'
import type { Resource } from './definition.js'

const part = { post: true, check: check.uuid, filter: true, sort: true } as const

/** An IPv6 address of a port for which a router answers on its external network. */
export const ndpProxy: Resource = {
  name: 'ndp_proxy',
  plural: 'ndp_proxies',
  path: 'ndp_proxies',
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    name: common.name,
    tenant_id: common.project,
    router_id: part,
    port_id: part,
    ip_address: {
      post: true,
      fallback: null,
      convert: toIp,
      check: check.orNull(check.ip),
      filter: true,
      sort: true,
    },
    description: common.description,
    created_at: common.standardTail.created_at,
    updated_at: common.standardTail.updated_at,
    revision_number: common.standardTail.revision_number,
    project_id: common.project,
  },
}
