import type { PortRecord } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import { type AllocationChange, allocationChange } from '../qos/allocation-change.js'
import { askedPolicy } from '../qos/attach.js'
import { checkPolicyFits } from '../qos/fits.js'
import { policyOf } from '../qos/resource-request.js'
import type { Attributes, RequestContext } from '../service.js'

/** Another QoS policy of a port, as asked. */
interface OtherPolicy {
  /** undefined: nothing is asked; null: none of its own */
  readonly qosPolicyId?: string | null
  /** what it means for the port's allocation */
  readonly change: AllocationChange | null
}

/** Refuses a policy that the caller may not see or that the port's network cannot have. A port without one has its network's. */
export async function otherPolicy(
  db: Db,
  ctx: RequestContext,
  port: PortRecord,
  changes: Attributes,
): Promise<OtherPolicy> {
  const { qosPolicyId } = await askedPolicy(db, ctx, changes, port.qosPolicyId)
  if (qosPolicyId === undefined) return { change: null }
  await checkPolicyFits(db, qosPolicyId, { networkId: port.networkId, portId: port.id })
  return { qosPolicyId, change: await allocationChange(db, port, policyOf(port), policyOf({ ...port, qosPolicyId })) }
}
