import type { Transaction } from '../store/transaction.js'
import type { Core } from './core.js'
import type { RequestContext } from './service.js'

/** What an operation is given: who asks, and the transaction that it is a part of. */
export interface Work {
  readonly core: Core
  readonly tx: Transaction
  readonly ctx: RequestContext
}
