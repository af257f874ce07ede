import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
import { Fault } from '../faults.js'
import type { PutBack } from '../placement/allocations.js'
import { allocationChanged } from '../placement/faults.js'
import type { RequestContext } from '../service.js'
import type { AllocationChange } from './allocation-change.js'
import { trackedInPlacement } from './faults.js'

/** Others may change the same port or policy at the same time; each time the change is made out anew. */
const TRIES = 5

/** The change that Placement was told of is not the one that is due any more. */
export class AllocationOutdated extends Error {
  readonly consumer: string

  constructor(consumer: string) {
    super(`the allocation of ${consumer} is to be changed in another way by now`)
    this.consumer = consumer
  }
}

/** A change of policies that may change what an instance has allocated. */
export interface PolicyChange<T> {
  /** what it means for the allocation as things stand; faults refuse it */
  plan(db: Db): Promise<AllocationChange | null>
  /** Carries it out. Throws AllocationOutdated when `planned` is not what is due. */
  commit(tx: Transaction, planned: AllocationChange | null): Promise<T>
  /** whether it was carried out, for when the database did not say */
  stands(db: Db, planned: AllocationChange): Promise<boolean>
}

/**
 * A transaction must not wait for HTTP: all others wait for it. So Placement, which may refuse, is told first, by what a
 * read says is due; the transaction checks that it is still due, and if it fails Placement gets its amounts back. What
 * lies between is the server's death: then Placement has the new amounts of a port with the old policy, until it gets
 * another one (as with Neutron).
 */
export async function withAllocation<T>(core: Core, ctx: RequestContext, change: PolicyChange<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    const planned = await core.store.read((db) => change.plan(db))
    const putBack = await tellPlacement(core, planned)
    try {
      return await core.store.transaction(ctx, (tx) => change.commit(tx, planned))
    } catch (error) {
      if (planned && putBack) await undo(core, change, planned, putBack, error)
      if (!(error instanceof AllocationOutdated)) throw error
      if (left <= 1) throw allocationChanged(error.consumer)
    }
  }
}

/** Null when the amounts stay. */
async function tellPlacement(core: Core, planned: AllocationChange | null): Promise<PutBack | null> {
  if (!planned || Object.keys(planned.difference).length === 0) return null
  if (!core.placement) throw trackedInPlacement()
  return core.placement.allocations.change(planned.consumer, planned.difference)
}

/** Unless the commit took place though the database was lost before it said so: refusals are certain. */
async function undo<T>(
  core: Core,
  change: PolicyChange<T>,
  planned: AllocationChange,
  putBack: PutBack,
  reason: unknown,
): Promise<void> {
  const refused = reason instanceof Fault || reason instanceof AllocationOutdated
  try {
    const stands = !refused && (await core.store.read((db) => change.stands(db, planned)).catch(() => false))
    if (!stands) await putBack()
  } catch (error) {
    core.log.error({ err: error, ...planned }, 'what Placement was told could not be taken back')
  }
}
