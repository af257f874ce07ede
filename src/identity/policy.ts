import { forbidden } from './faults.js'
import type { Identity } from './identity.js'
import type { Session } from './sessions.js'

export function isAdmin(session: Session): boolean {
  return session.roles.some((role) => role.name === 'admin')
}

/** Services look at their clients' tokens. */
export function mayInspectTokens(session: Session): boolean {
  return isAdmin(session) || session.roles.some((role) => role.name === 'service')
}

export function requireAdmin(session: Session, action: string): void {
  if (!isAdmin(session)) throw forbidden(action)
}

/** Users see themselves. */
export function requireSelf(session: Session, userId: string, action: string): void {
  if (session.user.id !== userId) requireAdmin(session, action)
}

/** Users see the projects they have a role in. */
export function requireMember(identity: Identity, session: Session, projectId: string, action: string): void {
  if (session.project?.id === projectId) return
  if (identity.assignments.effective(session.user.id, 'project', projectId).length === 0) requireAdmin(session, action)
}
