import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { type MeteringLabelRuleRecord, meteringLabelRules, meteringLabels } from '../../store/metering-labels.js'
import type { Db } from '../../store/table.js'
import { flagOf, textOf } from '../attributes.js'
import { byId, type Collection, everything, findVisible, requireVisible } from '../collection.js'
import type { Core } from '../core.js'
import type { Attributes, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import type { Work } from '../work.js'
import { checkOverlap, checkPrefixes } from './checks.js'
import { labelRuleNotFound } from './faults.js'
import { labelCollection, visibleLabels } from './label-service.js'

const collection: Collection<Resource> = {
  table: meteringLabelRules,
  names: {},
  load: showAll,
  visible: (ctx) =>
    ctx.isAdmin
      ? everything
      : sql`metering_label_rules.metering_label_id in (select id from metering_labels where ${visibleLabels(ctx)})`,
  notFound: labelRuleNotFound,
}

const visibleRule = findVisible(collection, byId(meteringLabelRules))

/** With the label's project, which is for who may do what. */
async function showAll(db: Db, ids: readonly string[]): Promise<Resource[]> {
  const rules = await meteringLabelRules.findIn(db, 'id', ids)
  const labels = await meteringLabels.findIn(db, 'id', [...new Set(rules.map((rule) => rule.meteringLabelId))])
  const owners = new Map(labels.map(({ id, projectId }) => [id, projectId]))
  return rules.map((rule) => showRule(rule, owners.get(rule.meteringLabelId)!))
}

function showRule(rule: MeteringLabelRuleRecord, projectId: string): Resource {
  return {
    id: rule.id,
    metering_label_id: rule.meteringLabelId,
    direction: rule.direction,
    excluded: rule.excluded,
    remote_ip_prefix: rule.remoteIpPrefix,
    source_ip_prefix: rule.sourceIpPrefix,
    destination_ip_prefix: rule.destinationIpPrefix,
    project_id: projectId,
  }
}

/** `/metering/metering-label-rules`: which packets a label counts. A label with its rules is one value. */
export function meteringLabelRuleService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: createRule,
    find: visibleRule,
    delete: async ({ tx }, { id, meteringLabelId }) => {
      await meteringLabelRules.delete(tx.db, { id })
      tx.touch('metering_label', meteringLabelId)
    },
  })
}

async function createRule({ tx, ctx }: Work, item: Attributes): Promise<Resource> {
  const labelId = textOf(item, 'metering_label_id')
  await requireVisible(tx.db, labelCollection, ctx, labelId)
  const rule: MeteringLabelRuleRecord = {
    id: randomUUID(),
    meteringLabelId: labelId,
    direction: textOf(item, 'direction') === 'egress' ? 'egress' : 'ingress',
    excluded: flagOf(item, 'excluded', false),
    remoteIpPrefix: textOf(item, 'remote_ip_prefix') || null,
    sourceIpPrefix: textOf(item, 'source_ip_prefix') || null,
    destinationIpPrefix: textOf(item, 'destination_ip_prefix') || null,
  }
  checkPrefixes(rule)
  checkOverlap(rule, await meteringLabelRules.find(tx.db, { meteringLabelId: labelId }))
  await meteringLabelRules.insert(tx.db, rule)
  tx.touch('metering_label', labelId)
  return (await showAll(tx.db, [rule.id]))[0]!
}
