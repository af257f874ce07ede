import { randomUUID } from 'node:crypto'
import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { allowEmptyJson } from '../base/json-body.js'
import type { Logger } from '../base/log.js'
import { badRequest, IdentityFault } from './faults.js'
import type { Identity } from './identity.js'
import { applicationCredentialRoutes } from './routes/application-credentials.js'
import { assignmentRoutes } from './routes/assignments.js'
import { authRoutes } from './routes/auth.js'
import { groupRoutes } from './routes/groups.js'
import { impliedRoleRoutes } from './routes/implied-roles.js'
import { projectTagRoutes } from './routes/project-tags.js'
import { resourceRoutes } from './routes/resources.js'
import { userRoutes } from './routes/users.js'
import { versionRoutes } from './routes/versions.js'

/** The Identity API v3. Builds, never listens. */
export function buildIdentityApp(
  identity: Identity,
  options: { publicEndpoint: string | null; log: Logger },
): FastifyInstance {
  const app: FastifyInstance = fastify({
    routerOptions: { ignoreTrailingSlash: true },
    genReqId: () => `req-${randomUUID()}`,
  })
  allowEmptyJson(app)
  app.addHook('onSend', async (request, reply) => {
    reply.header('vary', 'X-Auth-Token').header('x-openstack-request-id', request.id)
    if (reply.statusCode === 401)
      reply.header('www-authenticate', `Keystone uri="${options.publicEndpoint ?? `http://${request.host}`}"`)
  })
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const fault = asFault(error)
    if (fault.code === 500) options.log.error({ err: error, request: request.id, url: request.url }, 'request failed')
    return reply.code(fault.code).send(fault.body())
  })
  app.setNotFoundHandler((_request, reply) => {
    const fault = new IdentityFault(404, 'Not Found', 'The resource could not be found.')
    return reply.code(404).send(fault.body())
  })
  versionRoutes(app, options.publicEndpoint)
  authRoutes(app, identity)
  resourceRoutes(app, identity)
  projectTagRoutes(app, identity)
  userRoutes(app, identity)
  applicationCredentialRoutes(app, identity)
  groupRoutes(app, identity)
  assignmentRoutes(app, identity)
  impliedRoleRoutes(app, identity)
  return app
}

function asFault(error: FastifyError | Error): IdentityFault {
  if (error instanceof IdentityFault) return error
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500
  // malformed JSON, wrong media type, body too large: fastify's own 4xx
  if (status >= 400 && status < 500) return badRequest(error.message)
  return new IdentityFault(
    500,
    'Internal Server Error',
    'An unexpected error prevented the server from fulfilling your request.',
  )
}
