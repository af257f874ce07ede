import type { ApplicationCredential } from './application-credentials.js'
import { badRequest, unauthorized } from './faults.js'
import type { Identity } from './identity.js'
import type { Json } from './resources.js'
import { openSession, type Session, sessionOf } from './sessions.js'
import { type AuthMethod, encodeToken, newAuditId, type TokenScope } from './tokens.js'

interface Proof {
  readonly userId: string
  readonly methods: readonly AuthMethod[]
  /** a token cannot outlive the one it was made from */
  readonly expires: number
  readonly parentAuditId: string | null
  readonly credential: ApplicationCredential | null
}

const EMPTY = { parentAuditId: null, credential: null } as const

/** POST /v3/auth/tokens: checks the credentials and the scope of `body`, makes the token. */
export async function authenticate(
  identity: Identity,
  body: unknown,
  now = Date.now(),
): Promise<{ token: string; session: Session }> {
  const auth = object(object(body, 'body').auth, 'auth')
  const proof = await prove(identity, object(auth.identity, 'identity'), now)
  const { credential, ...proven } = proof
  const scope = credential
    ? scopeOfCredential(identity, credential, auth.scope)
    : chooseScope(identity, proof.userId, auth.scope)
  const applicationCredentialId = credential?.id ?? null
  const claims = { ...proven, scope, issued: now, auditId: newAuditId(), applicationCredentialId }
  const session = sessionOf(identity, claims, now)
  await renewHash(identity, auth.identity, session.user.id)
  return { token: encodeToken(identity.tokenKey, claims), session }
}

async function prove(identity: Identity, request: Json, now: number): Promise<Proof> {
  const methods = request.methods
  if (!Array.isArray(methods) || methods.length === 0)
    throw badRequest("Invalid input for field 'methods': a list is required")
  const proofs: Proof[] = []
  for (const method of methods) {
    if (method === 'password') proofs.push(await byPassword(identity, object(request.password, 'password'), now))
    else if (method === 'token') proofs.push(byToken(identity, object(request.token, 'token'), now))
    else if (method === 'application_credential')
      proofs.push(await byCredential(identity, object(request.application_credential, method), now))
    else throw unauthorized()
  }
  const first = proofs[0]!
  if (proofs.some((proof) => proof.userId !== first.userId)) throw unauthorized()
  return {
    userId: first.userId,
    methods: [...new Set(proofs.flatMap((proof) => proof.methods))],
    expires: Math.min(...proofs.map((proof) => proof.expires)),
    parentAuditId: proofs.find((proof) => proof.parentAuditId)?.parentAuditId ?? null,
    credential: proofs.find((proof) => proof.credential)?.credential ?? null,
  }
}

async function byPassword(identity: Identity, request: Json, now: number): Promise<Proof> {
  const wanted = object(request.user, 'user')
  if (typeof wanted.password !== 'string')
    throw badRequest("Invalid input for field 'password': 'password' is a required property")
  const user = findInDomain(identity, 'user', wanted)
  // a locked out user's right password is as wrong as any, and takes as long
  const locked = user !== undefined && identity.failures.isLockedOut(user.id, now)
  const hash = user?.password_hash
  const right = await identity.passwords.verify(wanted.password, typeof hash === 'string' && !locked ? hash : null, now)
  if (user && !locked) identity.failures[right ? 'succeeded' : 'failed'](user.id, now)
  if (!right || !user) throw unauthorized()
  return { ...EMPTY, userId: user.id, methods: ['password'], expires: now + identity.tokenLife }
}

/** A password whose hash was made at another cost than is wanted now gets a new hash. */
async function renewHash(identity: Identity, request: unknown, userId: string): Promise<void> {
  const password = (request as { password?: { user?: { password?: unknown } } }).password?.user?.password
  const before = identity.resources.row('user', userId)?.password_hash
  if (typeof password !== 'string' || typeof before !== 'string' || !identity.passwords.isOutdated(before)) return
  const hash = await identity.passwords.hash(password)
  // not when it was changed in the meantime
  identity.database.run('UPDATE user SET password_hash = ? WHERE id = ? AND password_hash = ?', hash, userId, before)
}

/** By id and secret, or by name, user and secret. */
async function byCredential(identity: Identity, wanted: Json, now: number): Promise<Proof> {
  if (typeof wanted.secret !== 'string')
    throw badRequest("Invalid input for field 'secret': 'secret' is a required property")
  const found = findCredential(identity, wanted)
  const right = await identity.passwords.verify(wanted.secret, found?.secret_hash ?? null, now)
  if (!right || !found) throw unauthorized()
  const expires = Math.min(now + identity.tokenLife, found.expires ?? Number.POSITIVE_INFINITY)
  return { ...EMPTY, userId: found.user_id, methods: ['application_credential'], expires, credential: found }
}

function findCredential(identity: Identity, wanted: Json): ApplicationCredential | undefined {
  if (typeof wanted.id === 'string') return identity.credentials.find(wanted.id)
  if (typeof wanted.name !== 'string') throw badRequest('Expecting to find id or name in application_credential.')
  const user = findInDomain(identity, 'user', object(wanted.user, 'user'))
  return user && identity.credentials.ofUser(user.id, wanted.name)[0]
}

/** Always the credential's own project; asking for another scope is refused. */
function scopeOfCredential(identity: Identity, { user_id, project_id: id }: ApplicationCredential, wanted: unknown) {
  const scope = wanted === undefined || wanted === null ? null : chooseScope(identity, user_id, wanted)
  if (scope && (scope.type !== 'project' || scope.id !== id)) throw unauthorized()
  return { type: 'project', id } as const
}

function byToken(identity: Identity, request: Json, now: number): Proof {
  if (typeof request.id !== 'string') throw badRequest("Invalid input for field 'id': 'id' is a required property")
  const { claims, credential } = openSession(identity, request.id, now)
  return {
    userId: claims.userId,
    methods: [...new Set<AuthMethod>([...claims.methods, 'token'])],
    expires: claims.expires,
    parentAuditId: claims.parentAuditId ?? claims.auditId,
    credential,
  }
}

/** The scope asked for; without one, the user's default project where they have a role, else none. */
function chooseScope(identity: Identity, userId: string, wanted: unknown): TokenScope {
  if (wanted === 'unscoped') return { type: 'unscoped' }
  if (wanted === undefined || wanted === null) return defaultScope(identity, userId)
  const scope = object(wanted, 'scope')
  if (scope.unscoped !== undefined) return { type: 'unscoped' }
  if (scope.project !== undefined)
    return { type: 'project', id: idOf(findInDomain(identity, 'project', object(scope.project, 'project'))) }
  if (scope.domain !== undefined)
    return { type: 'domain', id: idOf(findDomain(identity, object(scope.domain, 'domain'))) }
  throw unauthorized()
}

function defaultScope(identity: Identity, userId: string): TokenScope {
  const project = identity.resources.row('user', userId)?.default_project_id
  if (typeof project !== 'string' || identity.assignments.effective(userId, 'project', project).length === 0)
    return { type: 'unscoped' }
  return identity.resources.row('project', project)?.enabled === 1
    ? { type: 'project', id: project }
    : { type: 'unscoped' }
}

function findInDomain(identity: Identity, kind: 'user' | 'project', wanted: Json) {
  if (typeof wanted.id === 'string') return identity.resources.row(kind, wanted.id)
  if (typeof wanted.name !== 'string') throw badRequest(`Expecting to find id or name in ${kind}.`)
  const domain = findDomain(identity, object(wanted.domain, 'domain'))
  return domain && identity.resources.rowByName(kind, wanted.name, domain.id)
}

function findDomain(identity: Identity, wanted: Json) {
  if (typeof wanted.id === 'string') return identity.resources.row('domain', wanted.id)
  if (typeof wanted.name === 'string') return identity.resources.rowByName('domain', wanted.name)
  throw badRequest('Expecting to find id or name in domain.')
}

function idOf(row: { id: string } | undefined): string {
  if (!row) throw unauthorized()
  return row.id
}

function object(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(`Invalid input for field '${name}': an object is required`)
  }
  return value as Json
}
