import type { CoreServices, RequestContext } from '../../core/service.js'
import type { Policy } from '../policy/policy.js'
import type { Compiled } from '../resources/definition.js'

/** What route handlers work with; built once. */
export interface Environment {
  readonly services: CoreServices
  readonly resources: ReadonlyMap<string, Compiled>
  readonly paginationMaxLimit: number | null
  readonly revisions: RevisionSource | null
  readonly policy: Policy
}

/** How far an agent is, and which objects it could not bring about. */
export interface AppliedRevision {
  readonly host: string
  readonly binary: string
  readonly revision: number
  readonly errors: readonly { readonly kind: string; readonly id: string; readonly message: string }[]
}

/** How far hosts are, and were told. */
export interface Standing {
  readonly applied: readonly AppliedRevision[]
  /** the last change that all servers have looked at; null: one of them does not say */
  readonly told: number | null
  /** host -> the last change that concerned it */
  readonly touched: Readonly<Record<string, number>>
}

/** Where the cloud and its hosts stand. */
export interface RevisionSource {
  /** number of the last committed change */
  current(): number
  standing(): Promise<Standing>
}

export function service(env: Environment, plural: string) {
  return env.services.collections[plural]!
}

/** Makes sure the object exists and is visible; returns it. */
export function visible(env: Environment, ctx: RequestContext, plural: string, id: string) {
  return service(env, plural).get(ctx, id)
}
