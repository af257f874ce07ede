import type { ApplicationCredential } from './application-credentials.js'
import type { RoleRef } from './assignments.js'
import { unauthorized } from './faults.js'
import type { Identity } from './identity.js'
import { decodeToken, type TokenClaims, type TokenScope } from './tokens.js'

interface Named {
  readonly id: string
  readonly name: string
}

export interface DomainMember extends Named {
  readonly domain: Named
}

/** What a token means at this moment. */
export interface Session {
  readonly claims: TokenClaims
  readonly user: DomainMember
  readonly project: DomainMember | null
  readonly domain: Named | null
  readonly roles: readonly RoleRef[]
  /** what it was asked for with; null: a password */
  readonly credential: ApplicationCredential | null
}

/** The session of a token; throws 401 when it is not genuine, expired, revoked or has nothing left to stand for. */
export function openSession(identity: Identity, token: string, now = Date.now()): Session {
  const claims = decodeToken(identity.tokenKey, token)
  if (!claims || claims.expires <= now || isRevoked(identity, claims)) throw unauthorized()
  return sessionOf(identity, claims, now)
}

/** Looks up what `claims` name; 401 when one of it is gone or disabled, or no role is left. */
export function sessionOf(identity: Identity, claims: TokenClaims, now = Date.now()): Session {
  const user = identity.resources.row('user', claims.userId)
  if (user?.enabled !== 1 || claims.issued < Number(user.tokens_valid_after)) throw unauthorized()
  const credential = credentialOf(identity, claims, now)
  const scope = scopeOf(identity, claims.userId, claims.scope)
  return {
    claims,
    user: { id: user.id, name: String(user.name), domain: enabledDomain(identity, String(user.domain_id)) },
    ...scope,
    roles: credential ? rolesOfCredential(identity, scope.roles, credential) : scope.roles,
    credential,
  }
}

/** The application credential as it is now; 401 when it is gone or has expired. */
function credentialOf(identity: Identity, claims: TokenClaims, now: number): ApplicationCredential | null {
  if (claims.applicationCredentialId === null) return null
  const found = identity.credentials.find(claims.applicationCredentialId)
  if (!found || (found.expires !== null && found.expires <= now)) throw unauthorized()
  return found
}

/** Those of the credential's roles that the user still has; 401 when none is left. */
function rolesOfCredential(identity: Identity, held: readonly RoleRef[], { id }: ApplicationCredential) {
  const given = new Set(identity.assignments.ofCredential(id).map((role) => role.id))
  const roles = held.filter((role) => given.has(role.id))
  if (roles.length === 0) throw unauthorized()
  return roles
}

function scopeOf(identity: Identity, userId: string, scope: TokenScope): Pick<Session, 'project' | 'domain' | 'roles'> {
  if (scope.type === 'unscoped') return { project: null, domain: null, roles: [] }
  const roles = identity.assignments.effective(userId, scope.type, scope.id)
  if (roles.length === 0) throw unauthorized()
  if (scope.type === 'domain') return { project: null, domain: enabledDomain(identity, scope.id), roles }
  const project = identity.resources.row('project', scope.id)
  if (project?.enabled !== 1) throw unauthorized()
  const domain = enabledDomain(identity, String(project.domain_id))
  return { project: { id: project.id, name: String(project.name), domain }, domain: null, roles }
}

function enabledDomain(identity: Identity, id: string): Named {
  const domain = identity.resources.row('domain', id)
  if (domain?.enabled !== 1) throw unauthorized()
  return { id: domain.id, name: String(domain.name) }
}

function isRevoked(identity: Identity, claims: TokenClaims): boolean {
  return identity.database.get('SELECT 1 AS yes FROM revoked_token WHERE audit_id = ?', claims.auditId) !== undefined
}

/** Revokes one token; forgets revocations of tokens that have expired since. */
export function revoke(identity: Identity, claims: TokenClaims, now = Date.now()): void {
  identity.database.transaction(() => {
    identity.database.run('DELETE FROM revoked_token WHERE expires < ?', now)
    identity.database.run('INSERT OR IGNORE INTO revoked_token VALUES (?, ?)', claims.auditId, claims.expires)
  })
}
