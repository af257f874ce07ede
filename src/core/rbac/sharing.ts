import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { EVERYBODY, rbacPolicies, type SharedType, type SharingAction } from '../../store/rbac-policies.js'
import type { Condition, Db } from '../../store/table.js'
import { everything } from '../collection.js'
import type { RequestContext } from '../service.js'

/** Sub-select: ids of the objects of a type that policies open to the caller's project, for `action` or whatever for. */
export function opened(type: SharedType, ctx: RequestContext, action?: SharingAction): Condition {
  const only = action ? sql`and action = ${action}` : sql``
  return sql`select object_id from rbac_policies
    where object_type = ${type} and target_project in (${EVERYBODY}, ${ctx.projectId}) ${only}`
}

/** Sub-select: ids of a table's objects that are the caller's own, or that policies open to its project. */
export function ownOrShared(table: string, type: SharedType, ctx: RequestContext, action?: SharingAction): Condition {
  return sql`select id from ${sql.table(table)} where project_id = ${ctx.projectId} or id in (${opened(type, ctx, action)})`
}

/** What a context sees of the table of a type that policies can open; for use in a statement on it. */
export function visibleShared(table: string, type: SharedType): (ctx: RequestContext) => Condition {
  const [project, id] = [sql.ref(`${table}.project_id`), sql.ref(`${table}.id`)]
  return (ctx) => (ctx.isAdmin ? everything : sql`${project} = ${ctx.projectId} or ${id} in (${opened(type, ctx)})`)
}

/** `shared` as the caller sees it: shared with everybody, or with the caller's project. */
export function isSharedWith(object: { readonly sharedWith: readonly string[] }, ctx: RequestContext): boolean {
  return object.sharedWith.some((target) => target === EVERYBODY || target === ctx.projectId)
}

/** The filter `shared`; for use in a statement on the type's own table. */
export function sharedFilter(type: SharedType): (values: readonly string[], ctx: RequestContext) => Condition {
  return (values, ctx) => {
    const wanted = new Set(values.map((value) => /^(true|1)$/i.test(value)))
    if (wanted.size === 2) return sql`1 = 1`
    const shared = sql`select object_id from rbac_policies where object_type = ${type}
      and action = 'access_as_shared' and target_project in (${EVERYBODY}, ${ctx.projectId})`
    return wanted.has(true) ? sql`id in (${shared})` : sql`id not in (${shared})`
  }
}

/** `shared` (or external) for everybody; the policy belongs to the object's project. */
export async function openToAll(
  db: Db,
  objectType: SharedType,
  object: { readonly id: string; readonly projectId: string },
  action: SharingAction = 'access_as_shared',
): Promise<void> {
  const policy = { objectType, objectId: object.id, action, targetProject: EVERYBODY }
  if (await rbacPolicies.findOne(db, policy)) return
  await rbacPolicies.insert(db, { id: randomUUID(), projectId: object.projectId, ...policy })
}

export async function closeToAll(db: Db, objectType: SharedType, objectId: string): Promise<void> {
  await rbacPolicies.delete(db, { objectType, objectId, action: 'access_as_shared', targetProject: EVERYBODY })
}

/** The policies of an object that goes. */
export async function closeCompletely(db: Db, objectType: SharedType, objectId: string): Promise<void> {
  await rbacPolicies.delete(db, { objectType, objectId })
}
