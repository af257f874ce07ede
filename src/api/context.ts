import type { RequestContext } from '../core/service.js'
import type { Policy } from './policy/policy.js'
import { effectiveRoles } from './policy/roles.js'

/** Who a token belongs to, as the identity service says. */
export interface Identity {
  readonly userId: string
  /** empty for an unscoped token */
  readonly projectId: string
  readonly roles: readonly string[]
}

/** The caller of a request; roles are lower case, with the roles they imply. `policy` says who is an administrator. */
export function makeContext(identity: Identity, requestId: string, policy?: Policy): RequestContext {
  const roles = effectiveRoles(identity.roles)
  const caller = { userId: identity.userId, projectId: identity.projectId, roles }
  const isAdmin = policy ? policy.isAdmin(caller) : roles.includes('admin')
  return {
    requestId,
    userId: identity.userId,
    projectId: identity.projectId,
    roles,
    isAdmin,
    isService: isAdmin || (policy ? policy.isService(caller) : roles.includes('service')),
  }
}
