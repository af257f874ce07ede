import { Fault } from '../../core/faults.js'
import * as check from '../wire/checks.js'
import { toBoolean } from '../wire/convert.js'
import { checking } from '../wire/schema.js'
import * as common from './common.js'
import type { Check, Resource } from './definition.js'
import { securityGroupRule } from './security-group-rule.js'

/** Every project has its own `default`; no other group may take the name. */
const notDefault: Check = checking({ type: 'string', maxLength: 255 }, (value) => {
  if (typeof value === 'string' && value.toLowerCase() === 'default') {
    throw new Fault('SecurityGroupDefaultAlreadyExists', 409, 'Default security group already exists.')
  }
  return check.text(255)(value)
})

export const securityGroup: Resource = {
  name: 'security_group',
  plural: 'security_groups',
  path: 'security-groups',
  taggable: true,
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  embeds: { security_group_rules: securityGroupRule },
  attributes: {
    id: common.id,
    name: { ...common.name, check: notDefault },
    stateful: { post: true, put: true, fallback: true, convert: toBoolean, filter: true },
    tenant_id: common.project,
    description: common.description,
    shared: { filter: true },
    security_group_rules: common.shownOnly,
    ...common.standardTail,
  },
}
