import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { isComputeOwner } from '../../model/owners.js'
import { networks } from '../../store/networks.js'
import { ports } from '../../store/ports.js'
import { loadQosPolicies, type QosRuleRecord, type QosRuleType, qosPolicies, qosRules } from '../../store/qos.js'
import { revise } from '../../store/standard-attributes.js'
import type { Condition, Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import { numberOf, patchOf, textOf } from '../attributes.js'
import { byId, type Collection, everything, findVisible } from '../collection.js'
import type { Core } from '../core.js'
import { ownOrShared } from '../rbac/sharing.js'
import type { Attributes, RequestContext, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { showRule, visibleQosPolicy } from './collection.js'
import { rateConflict, ruleNotFound, rulesConflict, trackedInPlacement } from './faults.js'
import { checkGuaranteeFits } from './fits.js'
import { asks } from './resource-request.js'

/** `/qos/policies/{id}/<type>_rules`. A policy with its rules is one value: a change of a rule is a change of it. */
export function qosRuleService(core: Core, type: QosRuleType): ResourceService {
  const collection = rulesOf(type)
  const find = findVisible(collection, byId(qosRules))
  const shown = async (db: Db, ctx: RequestContext, id: string) => (await collection.load(db, [id], ctx))[0]!
  return storedCollection(core, collection, {
    create: async ({ tx, ctx }, item) => shown(tx.db, ctx, await createRule(tx, ctx, type, item)),
    find,
    update: async ({ tx, ctx }, before, changes) => {
      await updateRule(tx, before, changes)
      return shown(tx.db, ctx, before.id)
    },
    delete: async ({ tx }, rule) => {
      await checkNotAllocated(tx.db, rule)
      await qosRules.delete(tx.db, { id: rule.id })
      await policyChanged(tx, rule.policyId)
    },
  })
}

async function updateRule(tx: Transaction, before: QosRuleRecord, changes: Attributes): Promise<void> {
  const patch = patchOf<QosRuleRecord>(changes, {
    max_kbps: (maxKbps: number) => ({ maxKbps }),
    max_burst_kbps: (maxBurstKbps: number) => ({ maxBurstKbps }),
    direction: (direction: QosRuleRecord['direction']) => ({ direction }),
    dscp_mark: (dscpMark: number) => ({ dscpMark }),
    max_kpps: (maxKpps: number) => ({ maxKpps }),
    max_burst_kpps: (maxBurstKpps: number) => ({ maxBurstKpps }),
    min_kbps: (minKbps: number) => ({ minKbps }),
    min_kpps: (minKpps: number) => ({ minKpps }),
  })
  await checkRule(tx.db, { ...before, ...patch })
  await qosRules.update(tx.db, { id: before.id }, patch)
  await policyChanged(tx, before.policyId)
}

function rulesOf(type: QosRuleType): Collection<Resource> {
  const ofType: Condition = sql`qos_rules.type = ${type}`
  return {
    table: qosRules,
    names: { qos_policy_id: 'policy_id' },
    load: showAll,
    visible: (ctx) => sql`${ofType} and (${ctx.isAdmin ? everything : ofVisiblePolicies(ctx)})`,
    notFound: ruleNotFound,
  }
}

function ofVisiblePolicies(ctx: RequestContext): Condition {
  return sql`qos_rules.policy_id in (${ownOrShared('qos_policies', 'qos_policy', ctx)})`
}

/** With policy and project, which are for paths and for who may do what. */
async function showAll(db: Db, ids: readonly string[]): Promise<Resource[]> {
  const rules = await qosRules.findIn(db, 'id', ids)
  const policies = await loadQosPolicies(db, [...new Set(rules.map(({ policyId }) => policyId))])
  const owners = new Map(policies.map(({ id, projectId }) => [id, projectId]))
  return rules.map((rule) => ({
    ...showRule(rule),
    qos_policy_id: rule.policyId,
    project_id: owners.get(rule.policyId)!,
  }))
}

async function createRule(tx: Transaction, ctx: RequestContext, type: QosRuleType, item: Attributes): Promise<string> {
  const policy = await visibleQosPolicy(tx.db, ctx, textOf(item, 'qos_policy_id'))
  const rule: QosRuleRecord = {
    id: randomUUID(),
    policyId: policy.id,
    type,
    direction: (item.direction as QosRuleRecord['direction'] | undefined) ?? 'egress',
    maxKbps: numberOf(item, 'max_kbps'),
    maxBurstKbps: numberOf(item, 'max_burst_kbps'),
    dscpMark: numberOf(item, 'dscp_mark'),
    maxKpps: numberOf(item, 'max_kpps'),
    maxBurstKpps: numberOf(item, 'max_burst_kpps'),
    minKbps: numberOf(item, 'min_kbps'),
    minKpps: numberOf(item, 'min_kpps'),
  }
  await checkRule(tx.db, rule)
  await qosRules.insert(tx.db, rule)
  await policyChanged(tx, policy.id)
  return rule.id
}

async function checkRule(db: Db, rule: QosRuleRecord): Promise<void> {
  await checkDirections(db, rule)
  await checkAlone(db, rule)
  await checkRates(db, rule)
  await checkNotAllocated(db, rule)
  if (rule.type === 'minimum_bandwidth') await checkGuaranteeFits(db, rule.policyId)
}

/** What is guaranteed must be possible: no more than the limit of the same direction. */
async function checkRates(db: Db, { policyId, type, direction, minKbps, maxKbps }: QosRuleRecord): Promise<void> {
  for (const other of await qosRules.find(db, { policyId, direction })) {
    const [min, max] = type === 'minimum_bandwidth' ? [minKbps, other.maxKbps] : [other.minKbps, maxKbps]
    if (other.type === type || min === null || max === null || min <= max) continue
    const [value, existing] = type === 'minimum_bandwidth' ? [min, max] : [max, min]
    throw rateConflict(value, policyId, other.type, existing)
  }
}

/** Nova has allocated bandwidth for instances by the rules as they are, and is not asked again. */
async function checkNotAllocated(db: Db, rule: QosRuleRecord): Promise<void> {
  if (!asks(rule)) return
  const { policyId } = rule
  const networkIds = (await networks.find(db, { qosPolicyId: policyId })).map(({ id }) => id)
  const ofNetworks = (await ports.findIn(db, 'networkId', networkIds)).filter(({ qosPolicyId }) => qosPolicyId === null)
  const users = [...(await ports.find(db, { qosPolicyId: policyId })), ...ofNetworks]
  if (users.some(({ deviceOwner }) => isComputeOwner(deviceOwner))) throw trackedInPlacement()
}

/** Packets are counted either in each direction or in both together. */
async function checkDirections(db: Db, { id, policyId, type, direction }: QosRuleRecord): Promise<void> {
  if (type !== 'minimum_packet_rate') return
  const others = (await qosRules.find(db, { policyId, type })).filter((rule) => rule.id !== id)
  const other = others.find((rule) => (rule.direction === 'any') !== (direction === 'any'))
  if (other) throw rateConflict(direction, policyId, type, other.direction)
}

/** One limit and one guarantee for each direction, one mark. */
async function checkAlone(db: Db, { id, policyId, type, direction }: QosRuleRecord): Promise<void> {
  const other = (await qosRules.find(db, { policyId, type, direction })).find((rule) => rule.id !== id)
  if (other) throw rulesConflict(type, other.id, policyId)
}

async function policyChanged(tx: Transaction, id: string): Promise<void> {
  const policy = (await qosPolicies.findOne(tx.db, { id }))!
  await revise(tx, qosPolicies, policy)
  tx.touch('qos_policy', id)
}
