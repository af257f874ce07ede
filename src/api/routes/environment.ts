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

/** Where the cloud and its hosts stand. */
export interface RevisionSource {
  /** number of the last committed change */
  current(): number
  applied(): readonly AppliedRevision[]
  /** how far hosts were told: the last change looked at, and host -> the last one that concerned it */
  projected(): { readonly revision: number; readonly touched: Readonly<Record<string, number>> }
}

export function service(env: Environment, plural: string) {
  return env.services.collections[plural]!
}

/** Makes sure the object exists and is visible; returns it. */
export function visible(env: Environment, ctx: RequestContext, plural: string, id: string) {
  return service(env, plural).get(ctx, id)
}
