/** `qos_policy_id` of networks, ports, floating IPs and gateways: a policy that the caller may see, or none. */
import { qosPolicies } from '../../store/qos.js'
import type { Db } from '../../store/table.js'
import type { Attributes, RequestContext } from '../service.js'
import { visibleQosPolicy } from './collection.js'

/** For a patch: nothing when the request says nothing. */
export async function askedPolicy(
  db: Db,
  ctx: RequestContext,
  asked: Attributes,
): Promise<{ readonly qosPolicyId?: string | null }> {
  const id = asked.qos_policy_id as string | null | undefined
  if (id === undefined) return {}
  return { qosPolicyId: id === null ? null : (await visibleQosPolicy(db, ctx, id)).id }
}

/** A new network has its project's default policy unless it is told another one, or none. */
export async function policyOfNewNetwork(
  db: Db,
  ctx: RequestContext,
  projectId: string,
  asked: Attributes,
): Promise<string | null> {
  const { qosPolicyId } = await askedPolicy(db, ctx, asked)
  if (qosPolicyId !== undefined) return qosPolicyId
  return (await qosPolicies.findOne(db, { defaultFor: projectId }))?.id ?? null
}
