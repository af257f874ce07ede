import { portSecurityGroups } from '../../store/ports.js'
import {
  defaultSecurityGroups,
  loadSecurityGroup,
  loadSecurityGroups,
  type SecurityGroupRecord,
  securityGroupRules,
  securityGroups,
} from '../../store/security-groups.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import { flagOf, listOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import { type Collection, findVisible } from '../collection.js'
import type { Core } from '../core.js'
import {
  cannotRemoveDefaultGroup,
  cannotUpdateDefaultGroup,
  securityGroupInUse,
  securityGroupNotFound,
} from '../fault-messages.js'
import { checkQuota } from '../quota/limits.js'
import { closeCompletely, sharedFilter, visibleShared } from '../rbac/sharing.js'
import type { Attributes, RequestContext, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import type { Work } from '../work.js'
import { defaultGroup, EGRESS_RULES, insertEgressRules } from './default-group.js'
import { showGroup } from './shape.js'

export const securityGroupCollection: Collection<Resource> = {
  table: securityGroups,
  names: { tenant_id: 'project_id' },
  special: { shared: sharedFilter('security_group') },
  load: async (db, ids, ctx) => (await loadSecurityGroups(db, ids)).map((group) => showGroup(group, ctx)),
  visible: visibleShared('security_groups', 'security_group'),
  notFound: securityGroupNotFound,
}

export function securityGroupService(core: Core): ResourceService {
  const stored = storedCollection(core, securityGroupCollection, {
    create: async ({ tx, ctx }, item) => showGroup(await createGroup(core, tx, ctx, item), ctx),
    find: findVisible(securityGroupCollection, loadSecurityGroup),
    update: async ({ tx, ctx }, before, changes) => showGroup(await updateGroup(tx, before, changes), ctx),
    delete: deleteGroup,
  })
  return {
    ...stored,
    async list(ctx, query) {
      await ensureDefault(core, ctx, query.filters)
      return stored.list(ctx, query)
    },
  }
}

/** A project that looks for its groups finds at least the default one. */
async function ensureDefault(
  core: Core,
  ctx: RequestContext,
  filters: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const asked = filters.project_id ?? filters.tenant_id
  const projectId = ctx.isAdmin && asked?.length === 1 ? asked[0]! : ctx.projectId
  if (projectId === '') return
  const exists = await core.store.read((db) => defaultSecurityGroups.findOne(db, { projectId }))
  if (!exists) await core.store.transaction(ctx, (tx) => defaultGroup(tx, projectId))
}

async function createGroup(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  item: Attributes,
): Promise<SecurityGroupRecord> {
  const projectId = projectOf(item, ctx.projectId)
  await defaultGroup(tx, projectId)
  await checkQuota(core, tx, projectId, 'security_group')
  await checkQuota(core, tx, projectId, 'security_group_rule', EGRESS_RULES)
  const standard = newStandard(tx.now, {
    projectId,
    description: textOf(item, 'description'),
    tags: listOf(item, 'tags'),
  })
  await securityGroups.insert(tx.db, {
    ...standard,
    name: textOf(item, 'name'),
    stateful: flagOf(item, 'stateful', true),
  })
  await insertEgressRules(tx, projectId, standard.id)
  tx.touch('security_group', standard.id)
  return (await loadSecurityGroup(tx.db, standard.id))!
}

async function updateGroup(
  tx: Transaction,
  group: SecurityGroupRecord,
  changes: Attributes,
): Promise<SecurityGroupRecord> {
  const { id } = group
  const renamed = changes.name !== undefined && changes.name !== group.name
  if (renamed && (await isDefault(tx.db, id))) throw cannotUpdateDefaultGroup()
  if (changes.stateful !== undefined && changes.stateful !== group.stateful && (await isUsed(tx.db, id))) {
    throw securityGroupInUse(id)
  }
  const patch = patchOf<SecurityGroupRecord>(changes, {
    ...standardChanges,
    stateful: (stateful: boolean) => ({ stateful }),
  })
  await revise(tx, securityGroups, group, patch)
  tx.touch('security_group', id)
  return (await loadSecurityGroup(tx.db, id))!
}

async function deleteGroup({ core, tx, ctx }: Work, { id }: SecurityGroupRecord): Promise<void> {
  if (!ctx.isAdmin && (await isDefault(tx.db, id))) throw cannotRemoveDefaultGroup()
  if (await isUsed(tx.db, id)) throw securityGroupInUse(id)
  await dropRulesNaming(tx, id)
  await defaultSecurityGroups.delete(tx.db, { securityGroupId: id })
  await securityGroupRules.delete(tx.db, { securityGroupId: id })
  await closeCompletely(tx.db, 'security_group', id)
  await securityGroups.delete(tx.db, { id })
  tx.touch('security_group', id)
  await core.hooks.run('security-group.after-delete', { tx, ctx, id })
}

/** Rules of other groups that let the group's members in mean nobody any more. */
async function dropRulesNaming(tx: Transaction, groupId: string): Promise<void> {
  const naming = await securityGroupRules.find(tx.db, { remoteGroupId: groupId })
  await securityGroupRules.delete(tx.db, { remoteGroupId: groupId })
  tx.touch('security_group', ...new Set(naming.map(({ securityGroupId }) => securityGroupId)))
}

async function isDefault(db: Db, securityGroupId: string): Promise<boolean> {
  return (await defaultSecurityGroups.findOne(db, { securityGroupId })) !== undefined
}

async function isUsed(db: Db, securityGroupId: string): Promise<boolean> {
  return (await portSecurityGroups.findOne(db, { securityGroupId })) !== undefined
}
