/** `qos_policy_id` of networks, ports, floating IPs and gateways: a policy that the caller may see, or none. */
import { qosPolicies } from '../../store/qos.js'
import type { Db } from '../../store/table.js'
import type { Attributes, RequestContext } from '../service.js'
import { seesPolicy, visibleQosPolicy } from './collection.js'
import { policyRemoveUnauthorized } from './faults.js'

/** For a patch: nothing when the request says nothing. `present`: the policy that is there; only who may see it takes it away. */
export async function askedPolicy(
  db: Db,
  ctx: RequestContext,
  asked: Attributes,
  present: string | null = null,
): Promise<{ readonly qosPolicyId?: string | null }> {
  const id = asked.qos_policy_id as string | null | undefined
  if (id === undefined || (id === present && id !== null)) return {}
  if (present !== null && !(await seesPolicy(db, ctx, present))) throw policyRemoveUnauthorized(present)
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
