import type { FastifyInstance } from 'fastify'
import { callerOf } from '../context.js'
import { badRequest, unauthorized } from '../faults.js'
import type { Identity } from '../identity.js'
import { requireAdmin, requireSelf } from '../policy.js'
import type { Json } from '../resources.js'
import { links } from './auth.js'
import { bodyOf } from './resources.js'

type ById = { Params: { id: string } }
type Query = { Querystring: Record<string, string | undefined> }

/** /v3/users, passwords included. */
export function userRoutes(app: FastifyInstance, identity: Identity): void {
  const { resources } = identity
  app.get<Query>('/v3/users', async (request) => {
    requireAdmin(callerOf(identity, request), 'list_users')
    return { users: resources.list('user', request.query), links: links('users') }
  })
  app.get<ById>('/v3/users/:id', async (request) => {
    requireSelf(callerOf(identity, request), request.params.id, 'get_user')
    return { user: resources.get('user', request.params.id) }
  })
  app.post('/v3/users', async (request, reply) => {
    requireAdmin(callerOf(identity, request), 'create_user')
    const body = bodyOf(request.body, 'user')
    const password_hash = await hashOf(identity, body.password)
    return reply.code(201).send({ user: resources.create('user', body, password_hash ? { password_hash } : {}) })
  })
  app.patch<ById>('/v3/users/:id', async (request) => {
    requireAdmin(callerOf(identity, request), 'update_user')
    const body = bodyOf(request.body, 'user')
    const hash = await hashOf(identity, body.password)
    const user = resources.update('user', request.params.id, body, hash ? newPassword(hash) : {})
    // enabling the user again does not bring back what it had signed in to before
    if (body.enabled === false) endTokens(identity, request.params.id)
    return { user }
  })
  app.delete<ById>('/v3/users/:id', async (request, reply) => {
    requireAdmin(callerOf(identity, request), 'delete_user')
    resources.delete('user', request.params.id)
    return reply.code(204).send()
  })
  app.post<ById>('/v3/users/:id/password', async (request, reply) => {
    await changeOwnPassword(identity, request.params.id, bodyOf(request.body, 'user'))
    return reply.code(204).send()
  })
  app.get<ById>('/v3/users/:id/projects', async (request) => {
    requireSelf(callerOf(identity, request), request.params.id, 'list_user_projects')
    const ids = new Set(identity.assignments.targets(request.params.id, 'project'))
    return {
      projects: resources.list('project').filter((item) => ids.has(item.id)),
      links: links(`users/${request.params.id}/projects`),
    }
  })
}

async function hashOf(identity: Identity, password: unknown): Promise<string | null> {
  if (password === undefined || password === null) return null
  if (typeof password !== 'string' || password === '') throw badRequest("Invalid input for field 'password'")
  return identity.passwords.hash(password)
}

function endTokens(identity: Identity, userId: string): void {
  identity.database.run('UPDATE user SET tokens_valid_after = ? WHERE id = ?', Date.now() + 1, userId)
}

/** A new password ends the user's tokens. */
function newPassword(hash: string): { password_hash: string; tokens_valid_after: number } {
  return { password_hash: hash, tokens_valid_after: Date.now() }
}

/** Needs no token: the old password is proof enough. */
async function changeOwnPassword(identity: Identity, id: string, body: Json): Promise<void> {
  const { original_password: old, password } = body
  if (typeof old !== 'string') throw badRequest("'original_password' is a required property")
  const now = Date.now()
  const stored = identity.resources.row('user', id)?.password_hash
  const usable = typeof stored === 'string' && !identity.failures.isLockedOut(id, now) ? stored : null
  const right = await identity.passwords.verify(old, usable)
  if (usable !== null) identity.failures[right ? 'succeeded' : 'failed'](id, now)
  if (!right) throw unauthorized()
  const hash = await hashOf(identity, password)
  if (!hash) throw badRequest("'password' is a required property")
  identity.resources.update('user', id, {}, newPassword(hash))
}
