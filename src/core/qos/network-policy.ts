import { isDeepStrictEqual } from 'node:util'
import type { NetworkRecord } from '../../store/networks.js'
import { findPorts, loadPort } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
import { portChanged } from '../port/changed.js'
import type { RequestContext } from '../service.js'
import { type AllocationChange, allocationChange, hasAllocation, holds } from './allocation-change.js'
import { AllocationOutdated, withAllocation } from './with-allocation.js'

/**
 * After a network has got another policy: instances' ports that have none of their own ask for other amounts. As in
 * Neutron the network keeps its new policy whatever becomes of them; what Placement refuses is in the log, and the port
 * keeps what it has.
 */
export async function followNetworkPolicy(
  core: Core,
  ctx: RequestContext,
  { id: networkId, qosPolicyId: from }: NetworkRecord,
  to: string | null,
): Promise<void> {
  if (from === to) return
  const users = await core.store.read((db) => findPorts(db, { networkId, qosPolicyId: null }))
  for (const { id } of users.filter(hasAllocation)) {
    try {
      await follow(core, ctx, id, from, to)
    } catch (error) {
      core.log.warn(
        { port: id, network: networkId, reason: (error as Error).message },
        'the port keeps its allocation in Placement, though the policy of its network has changed',
      )
    }
  }
}

function follow(core: Core, ctx: RequestContext, portId: string, from: string | null, to: string | null) {
  const plan = async (db: Db): Promise<AllocationChange | null> => {
    const port = await loadPort(db, portId)
    // it may have got a policy of its own, or its network yet another one
    if (!port || port.qosPolicyId !== null || port.networkQosPolicyId !== to) return null
    return allocationChange(db, port, from, to)
  }
  return withAllocation(core, ctx, {
    plan,
    commit: async (tx, planned) => {
      if (!isDeepStrictEqual(await plan(tx.db), planned)) throw new AllocationOutdated(planned?.consumer ?? portId)
      if (planned) await record(tx, portId, planned)
    },
    stands: (db, planned) => holds(db, portId, planned),
  })
}

async function record(tx: Transaction, portId: string, { allocation }: AllocationChange): Promise<void> {
  const port = (await loadPort(tx.db, portId))!
  await portChanged(tx, port, { profile: { ...port.profile, allocation } })
}
