import type { FastifyRequest } from 'fastify'
import type { TokenValidator } from '../clients/token-validator.js'
import { forbidden, instanceNotFound } from '../core/faults.js'
import type { Instance } from '../core/instance.js'
import type { NovaStore } from '../core/store.js'

/** Who asks. */
export interface Context {
  readonly token: string
  readonly userId: string
  readonly projectId: string
  readonly isAdmin: boolean
  /** may tell us events: the network service */
  readonly isService: boolean
}

/** The token is missing, not valid, or of no project. */
export class Unauthorized extends Error {
  override name = 'Unauthorized'
}

const contexts = new WeakMap<FastifyRequest, Context>()

export async function authenticateRequest(tokens: TokenValidator, request: FastifyRequest): Promise<void> {
  const token = request.headers['x-auth-token']
  const facts = typeof token === 'string' ? await tokens.validate(token) : null
  if (!facts?.projectId) throw new Unauthorized()
  const roles = new Set(facts.roles)
  contexts.set(request, {
    token: token as string,
    userId: facts.userId,
    projectId: facts.projectId,
    isAdmin: roles.has('admin'),
    isService: roles.has('admin') || roles.has('service'),
  })
}

export function contextOf(request: FastifyRequest): Context {
  const context = contexts.get(request)
  if (!context) throw new Unauthorized()
  return context
}

export function requireAdmin(request: FastifyRequest, rule: string): Context {
  const context = contextOf(request)
  if (!context.isAdmin) throw forbidden(rule)
  return context
}

/** An instance that the caller may see; another project's does not exist for them. */
export function visibleInstance(store: NovaStore, context: Context, id: string): Instance {
  const instance = store.instance(id)
  if (!instance || (instance.projectId !== context.projectId && !context.isAdmin)) throw instanceNotFound(id)
  return instance
}
