import { sql } from 'kysely'
import {
  loadSecurityGroup,
  type SecurityGroupRuleRow,
  securityGroupRules,
  securityGroups,
} from '../../store/security-groups.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import type { Transaction } from '../../store/transaction.js'
import { addressGroupCollection } from '../address-group/collection.js'
import { numberOf, projectOf, textOf } from '../attributes.js'
import { type Collection, checkRevision, everything, listVisible, requireVisible, showVisible } from '../collection.js'
import type { Core } from '../core.js'
import { ruleExists, securityGroupRuleNotFound } from '../fault-messages.js'
import { Fault } from '../faults.js'
import { checkQuota } from '../quota/limits.js'
import { ownOrShared } from '../rbac/sharing.js'
import type { Attributes, RequestContext, Resource, ResourceService } from '../service.js'
import { meaningOf, type RuleWords } from './rule-meaning.js'
import { securityGroupCollection } from './service.js'
import { showRule } from './shape.js'

const collection: Collection<Resource> = {
  table: securityGroupRules,
  names: { tenant_id: 'project_id' },
  load: async (db, ids) => (await securityGroupRules.findIn(db, 'id', ids)).map(showRule),
  visible: (ctx) =>
    ctx.isAdmin
      ? everything
      : sql`security_group_rules.project_id = ${ctx.projectId} or security_group_rules.security_group_id in
          (${ownOrShared('security_groups', 'security_group', ctx)})`,
  notFound: securityGroupRuleNotFound,
}

/** Rules are made and deleted, never changed. Their form (ports, protocols, families) is checked by `api`. */
export function securityGroupRuleService(core: Core): ResourceService {
  return {
    list: (ctx, query) => listVisible(core, collection, ctx, query),
    get: (ctx, id) => core.store.read((db) => showVisible(db, collection, ctx, id)),
    create: (ctx, items) =>
      core.store.transaction(ctx, async (tx) => (await createRules(core, tx, ctx, items)).map(showRule)),
    async update(_ctx, _id, _changes) {
      throw new Fault('HTTPMethodNotAllowed', 405, 'Security group rules cannot be updated.')
    },
    delete: (ctx, id, ifRevision) =>
      core.store.transaction(ctx, async (tx) => {
        await requireVisible(tx.db, collection, ctx, id)
        const rule = (await securityGroupRules.findOne(tx.db, { id }))!
        checkRevision(rule, ifRevision)
        await securityGroupRules.delete(tx.db, { id })
        await groupChanged(tx, rule.securityGroupId)
      }),
  }
}

/** The rules of one request belong to one group and one project (`api` checks it): one change of the group. */
async function createRules(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  items: readonly Attributes[],
): Promise<SecurityGroupRuleRow[]> {
  const [first] = items
  if (!first) return []
  const securityGroupId = textOf(first, 'security_group_id')
  await requireVisible(tx.db, securityGroupCollection, ctx, securityGroupId)
  await checkOwnGroup(tx, ctx, securityGroupId)
  const remotes = new Set(items.flatMap((item) => remoteGroupOf(item) ?? []))
  for (const id of remotes) await requireVisible(tx.db, securityGroupCollection, ctx, id)
  const addressGroups = new Set(items.flatMap((item) => addressGroupOf(item) ?? []))
  for (const id of addressGroups) await requireVisible(tx.db, addressGroupCollection, ctx, id)
  const projectId = projectOf(first, ctx.projectId)
  await checkQuota(core, tx, projectId, 'security_group_rule', items.length)
  const present = await securityGroupRules.find(tx.db, { securityGroupId })
  const known = new Map(present.map(({ meaning, id }) => [meaning, id]))
  const rules = items.map((item): SecurityGroupRuleRow => {
    const words = { ...wordsOf(item, remoteGroupOf(item)), remoteAddressGroupId: addressGroupOf(item) }
    const meaning = meaningOf(words)
    const same = known.get(meaning)
    if (same) throw ruleExists(same)
    const standard = newStandard(tx.now, { projectId, description: textOf(item, 'description') }, 0)
    known.set(meaning, standard.id)
    return { ...standard, ...words, securityGroupId, meaning }
  })
  await securityGroupRules.insert(tx.db, ...rules)
  await groupChanged(tx, securityGroupId)
  return rules
}

function remoteGroupOf(item: Attributes): string | null {
  return (item.remote_group_id as string | null | undefined) ?? null
}

function addressGroupOf(item: Attributes): string | null {
  return (item.remote_address_group_id as string | null | undefined) ?? null
}

/** A shared group may be used by others, not written. */
async function checkOwnGroup(tx: Transaction, ctx: RequestContext, id: string): Promise<void> {
  const group = await securityGroups.findOne(tx.db, { id })
  if (!ctx.isAdmin && group?.projectId !== ctx.projectId) {
    throw new Fault('PolicyNotAuthorized', 403, 'rule:create_security_group_rule is disallowed by policy')
  }
}

function wordsOf(item: Attributes, remoteGroupId: string | null): Omit<RuleWords, 'remoteAddressGroupId'> {
  const protocol =
    item.protocol === undefined || item.protocol === null || item.protocol === 'any' ? null : String(item.protocol)
  return {
    direction: item.direction === 'egress' ? 'egress' : 'ingress',
    ethertype: item.ethertype === 'IPv6' ? 'IPv6' : 'IPv4',
    protocol,
    portRangeMin: numberOf(item, 'port_range_min'),
    portRangeMax: numberOf(item, 'port_range_max'),
    remoteIpPrefix: (item.remote_ip_prefix as string | null | undefined) ?? null,
    remoteGroupId,
  }
}

/** A group with its rules is one value: a change of a rule is a change of the group. */
async function groupChanged(tx: Transaction, id: string): Promise<void> {
  const group = (await loadSecurityGroup(tx.db, id))!
  await revise(tx, securityGroups, group)
  tx.touch('security_group', id)
}
