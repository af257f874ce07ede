import type { Db, RecordOf } from './table.js'
import { Table, text, word } from './table.js'

/** Kinds of objects that policies can open to other projects. */
export type SharedType = 'network' | 'security_group' | 'subnetpool' | 'address_scope' | 'address_group' | 'qos_policy'
export type SharingAction = 'access_as_shared' | 'access_as_external'

/** Target of a policy that is for every project. */
export const EVERYBODY = '*'

/** Who else may use an object. `shared = true` is nothing but a policy for everybody. */
export const rbacPolicies = new Table('rbac_policies', {
  id: text('id'),
  projectId: text('project_id'),
  objectType: word<SharedType>('object_type'),
  objectId: text('object_id'),
  action: word<SharingAction>('action'),
  targetProject: text('target_project'),
})

export type RbacPolicy = RecordOf<typeof rbacPolicies.columns>

/** For each object, the projects it is shared with (`*`: all); objects shared with nobody are absent. */
export async function sharedWith(db: Db, ids: readonly string[]): Promise<Map<string, string[]>> {
  const targets = new Map<string, string[]>()
  for (const { objectId, action, targetProject } of await rbacPolicies.findIn(db, 'objectId', ids)) {
    if (action === 'access_as_shared') targets.set(objectId, [...(targets.get(objectId) ?? []), targetProject])
  }
  return targets
}
