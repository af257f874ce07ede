import { catalogFor } from './catalog.js'
import type { Identity } from './identity.js'
import type { Session } from './sessions.js'

/** Body of a token's answers. Unscoped tokens have neither roles nor catalog. */
export function tokenBody(
  identity: Identity,
  session: Session,
  options: { catalog: boolean },
): { token: Record<string, unknown> } {
  const { claims, user, project, domain, roles, credential } = session
  const scoped = project !== null || domain !== null
  return {
    token: {
      methods: claims.methods,
      user: { ...user, password_expires_at: null },
      audit_ids: [claims.auditId, ...(claims.parentAuditId ? [claims.parentAuditId] : [])],
      issued_at: isoTime(claims.issued),
      expires_at: isoTime(claims.expires),
      ...(project ? { project, is_domain: false } : {}),
      ...(domain ? { domain } : {}),
      ...(scoped ? { roles } : {}),
      ...(credential
        ? {
            application_credential: {
              id: credential.id,
              name: credential.name,
              restricted: credential.unrestricted === 0,
            },
          }
        : {}),
      ...(scoped && options.catalog
        ? { catalog: catalogFor(identity.database, { projectId: project?.id ?? '', userId: user.id }) }
        : {}),
    },
  }
}

/** Keystone's time format, with microseconds. */
function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
