import { sql } from 'kysely'
import {
  loadQosPolicies,
  loadQosPolicy,
  type QosPolicyRecord,
  type QosRuleRecord,
  qosPolicies,
} from '../../store/qos.js'
import type { Db } from '../../store/table.js'
import { standardTail } from '../attributes.js'
import { type Collection, findVisible } from '../collection.js'
import { isSharedWith, sharedFilter, visibleShared } from '../rbac/sharing.js'
import type { RequestContext, Resource } from '../service.js'
import { policyNotFound } from './faults.js'

export const qosPolicyCollection: Collection<Resource> = {
  table: qosPolicies,
  names: { tenant_id: 'project_id' },
  special: { shared: sharedFilter('qos_policy') },
  load: async (db, ids, ctx) => (await loadQosPolicies(db, ids)).map((policy) => showPolicy(policy, ctx)),
  visible: visibleShared('qos_policies', 'qos_policy'),
  // as in Neutron, whose other lists refuse it
  anyMarker: true,
  notFound: policyNotFound,
}

export async function seesPolicy(db: Db, ctx: RequestContext, id: string): Promise<boolean> {
  const [seen] = await qosPolicies.select(db, sql`id = ${id} and (${qosPolicyCollection.visible(ctx)})`)
  return seen !== undefined
}

export const visibleQosPolicy = findVisible(qosPolicyCollection, loadQosPolicy)

export function showPolicy(policy: QosPolicyRecord, ctx: RequestContext): Resource {
  return {
    id: policy.id,
    name: policy.name,
    tenant_id: policy.projectId,
    shared: isSharedWith(policy, ctx),
    is_default: policy.defaultFor !== null,
    rules: policy.rules.map((rule) => ({ ...showRule(rule), qos_policy_id: policy.id, type: rule.type })),
    ...standardTail(policy),
  }
}

/** Those of its fields that a rule of the type has. */
export function showRule(rule: QosRuleRecord): Resource {
  if (rule.type === 'dscp_marking') return { id: rule.id, dscp_mark: rule.dscpMark }
  if (rule.type === 'packet_rate_limit') {
    return { id: rule.id, max_kpps: rule.maxKpps, max_burst_kpps: rule.maxBurstKpps, direction: rule.direction }
  }
  if (rule.type === 'minimum_packet_rate') return { id: rule.id, min_kpps: rule.minKpps, direction: rule.direction }
  if (rule.type === 'minimum_bandwidth') return { id: rule.id, min_kbps: rule.minKbps, direction: rule.direction }
  return { id: rule.id, max_kbps: rule.maxKbps, max_burst_kbps: rule.maxBurstKbps, direction: rule.direction }
}
