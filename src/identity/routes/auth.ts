import type { FastifyInstance, FastifyRequest } from 'fastify'
import { authenticate } from '../authenticate.js'
import { catalogFor } from '../catalog.js'
import { callerOf } from '../context.js'
import { badRequest, forbidden, IdentityFault, notFound } from '../faults.js'
import type { Identity } from '../identity.js'
import { mayInspectTokens } from '../policy.js'
import { openSession, revoke, type Session } from '../sessions.js'
import { tokenBody } from '../token-body.js'

type Query = { Querystring: Record<string, string | undefined> }

/** /v3/auth: tokens, and what the caller may choose from. */
export function authRoutes(app: FastifyInstance, identity: Identity): void {
  app.post<Query>('/v3/auth/tokens', async (request, reply) => {
    const { token, session } = await authenticate(identity, request.body)
    const catalog = request.query.nocatalog === undefined
    return reply
      .code(201)
      .header('x-subject-token', token)
      .send(tokenBody(identity, session, { catalog }))
  })

  app.get<Query>('/v3/auth/tokens', async (request, reply) => {
    const { token, session } = subjectOf(identity, request, 'validate_token')
    const catalog = request.query.nocatalog === undefined
    return reply.header('x-subject-token', token).send(tokenBody(identity, session, { catalog }))
  })

  app.delete('/v3/auth/tokens', async (request, reply) => {
    revoke(identity, subjectOf(identity, request, 'revoke_token').session.claims)
    return reply.code(204).send()
  })

  app.get('/v3/auth/projects', async (request) => ({
    projects: targets(identity, callerOf(identity, request), 'project'),
    links: links('auth/projects'),
  }))
  app.get('/v3/auth/domains', async (request) => ({
    domains: targets(identity, callerOf(identity, request), 'domain'),
    links: links('auth/domains'),
  }))
  app.get('/v3/auth/system', async (request) => {
    callerOf(identity, request)
    return { system: [], links: links('auth/system') }
  })
  app.get('/v3/auth/catalog', async (request) => {
    const { project, domain, user } = callerOf(identity, request)
    if (!project && !domain) throw forbidden('get_auth_catalog')
    return {
      catalog: catalogFor(identity.database, { projectId: project?.id ?? '', userId: user.id }),
      links: links('auth/catalog'),
    }
  })
}

/** The token that a request is about: the caller's own, or any for admins and services. 404 when it is not valid. */
function subjectOf(identity: Identity, request: FastifyRequest, action: string): { token: string; session: Session } {
  const caller = callerOf(identity, request)
  const token = request.headers['x-subject-token']
  if (typeof token !== 'string') throw badRequest('X-Subject-Token is missing.')
  if (token === request.headers['x-auth-token']) return { token, session: caller }
  if (!mayInspectTokens(caller)) throw forbidden(action)
  try {
    return { token, session: openSession(identity, token) }
  } catch (error) {
    if (error instanceof IdentityFault && error.code === 401) throw notFound('token', 'the token is not valid')
    throw error
  }
}

function targets(identity: Identity, session: Session, type: 'project' | 'domain') {
  const ids = new Set(identity.assignments.targets(session.user.id, type))
  return identity.resources.list(type, { enabled: 'true' }).filter((item) => ids.has(item.id))
}

export function links(path: string): Record<string, string | null> {
  return { self: `/v3/${path}`, previous: null, next: null }
}
