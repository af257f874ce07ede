import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
import type { RequestContext } from '../service.js'

/** What every operation of this part is given: who asks, and the transaction that it is a part of. */
export interface Work {
  readonly core: Core
  readonly tx: Transaction
  readonly ctx: RequestContext
}

/** The same request with every right, for objects that belong to nobody (gateway ports and their like). */
export function elevated(ctx: RequestContext): RequestContext {
  return { ...ctx, isAdmin: true, isService: true }
}
