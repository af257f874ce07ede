import * as check from '../wire/checks.js'
import * as common from './common.js'
import type { Resource } from './definition.js'

const word = { filter: true, sort: true } as const

/** A project, or `*` for all. */
const target = check.word(255)

/** Opens an object to other projects. Only an administrator may open one to all. */
export const rbacPolicy: Resource = {
  name: 'rbac_policy',
  plural: 'rbac_policies',
  path: 'rbac-policies',
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    tenant_id: common.project,
    object_type: {
      post: true,
      check: check.oneOf(['network', 'security_group', 'subnetpool', 'address_scope', 'address_group', 'qos_policy']),
      ...word,
    },
    object_id: { post: true, check: check.uuid, ...word },
    action: { post: true, check: check.oneOf(['access_as_shared', 'access_as_external']), ...word },
    target_tenant: {
      post: true,
      put: true,
      check: target,
      ...word,
      policy: { create: ['not-everybody'], update: ['not-everybody'] },
    },
    project_id: common.project,
  },
}
