/**
 * The API as an application that does not listen. The life of a request, and the fault that leaves at each rung:
 *
 *   path known?          404 HTTPNotFound · 405 HTTPMethodNotAllowed
 *   who asks?            401, 503 when the identity service cannot be asked          (auth/)
 *   body and query       400 HTTPBadRequest, InvalidInput                             (wire/, resources/)
 *   may it?              403 PolicyNotAuthorized, 404 when it may not even see it     (policy/)
 *   does it fit?         core's faults: 404, 409, 400 …
 *   reply                attributes the caller may read, in declared order            (wire/present.ts)
 *
 * Anything else is 500, told to the log and not to the client.
 */
import { randomUUID } from 'node:crypto'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from '../base/log.js'
import type { RequestSample } from '../base/metrics.js'
import type { CoreServices } from '../core/service.js'
import { type Authenticator, Unauthorized } from './auth/authenticator.js'
import { makeContext } from './context.js'
import { badRequest, faultReply, isExpected, notFound, tooManyRequests } from './faults.js'
import { Policy } from './policy/policy.js'
import type { RateLimit } from './rate-limit.js'
import { compileResources } from './resources/index.js'
import type { RevisionSource } from './routes/environment.js'
import { allRoutes } from './routes/index.js'
import { OPEN_PATHS } from './routes/open-paths.js'
import { toJson } from './wire/json.js'
import { normalUrl } from './wire/normal-url.js'

export type { RevisionSource } from './routes/environment.js'

export interface ApiOptions {
  readonly services: CoreServices
  readonly auth: Authenticator
  readonly log: Logger
  /** null: no /v2.0/eastwest/revision */
  readonly revisions: RevisionSource | null
  /** pagination_max_limit; null: none */
  readonly paginationMaxLimit: number | null
  /** absent: no limit of requests per second */
  readonly rateLimit?: RateLimit | null
  /** bytes that a request's body may have; absent: 1 MiB */
  readonly bodyLimit?: number
  /** told of each answered request */
  readonly onAnswer?: (sample: RequestSample) => void
  /** the operator's rules; without, those that the API declares */
  readonly policy?: Policy
}

const BODY_LIMIT = 1024 * 1024

/** Builds the application; `ready()` it, then use its `routing` as a request listener, or `inject`. */
export function buildApp(options: ApiOptions): FastifyInstance {
  const app = fastify({
    genReqId: () => `req-${randomUUID()}`,
    rewriteUrl: (request) => normalUrl(request.url ?? '/'),
    bodyLimit: options.bodyLimit ?? BODY_LIMIT,
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) =>
      void sendError(options.log, error, request as FastifyRequest, reply as FastifyReply),
  })
  acceptJson(app)
  app.setReplySerializer(toJson)
  const policy = options.policy ?? new Policy()
  app.decorateRequest('ctx')
  app.addHook('onRequest', async (request, reply) => {
    reply.header('X-Openstack-Request-Id', request.id)
    if (OPEN_PATHS.has(pathOf(request))) return
    request.ctx = makeContext(await options.auth.authenticate(request.headers), request.id, policy)
    const wait = options.rateLimit?.take(request.ctx) ?? 0
    if (wait === 0) return
    reply.header('Retry-After', String(wait))
    throw tooManyRequests()
  })
  app.addHook('onResponse', async (request, reply) => logResponse(options.log, request, reply))
  const { onAnswer } = options
  if (onAnswer) app.addHook('onResponse', async (request, reply) => onAnswer(sampleOf(request, reply)))
  app.setErrorHandler<FastifyError>((error, request, reply) => sendError(options.log, error, request, reply))
  app.setNotFoundHandler(async () => {
    throw notFound()
  })
  allRoutes({
    services: options.services,
    resources: compileResources(options.services, policy),
    paginationMaxLimit: options.paginationMaxLimit,
    revisions: options.revisions,
    policy,
  }).mount(app)
  return app
}

function sampleOf(request: FastifyRequest, reply: FastifyReply): RequestSample {
  const route = request.routeOptions.url ?? 'unknown'
  return { method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 }
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!
}

/** Any body is JSON, whatever its type says; an empty one is none (clients send a content type with DELETE). */
function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined)
    try {
      done(null, JSON.parse(body as string))
    } catch {
      done(badRequest('Body contains invalid data'))
    }
  })
}

function sendError(log: Logger, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Unauthorized) return sendUnauthorized(error, reply)
  if (!isExpected(error))
    log.error({ requestId: request.id, err: error }, `${request.method} ${pathOf(request)} failed`)
  const { status, body } = faultReply(error)
  // a path that cannot even be parsed never came to the hook that sets this
  return reply.code(status).header('X-Openstack-Request-Id', request.id).send(body)
}

/** As Keystone's middleware answers it. */
function sendUnauthorized(error: Unauthorized, reply: FastifyReply): FastifyReply {
  return reply
    .code(401)
    .header('WWW-Authenticate', `Keystone uri="${error.authUri}"`)
    .send({ error: { code: 401, title: 'Unauthorized', message: error.message } })
}

function logResponse(log: Logger, request: FastifyRequest, reply: FastifyReply): void {
  if (!log.isLevelEnabled('debug')) return
  const ms = Math.round(reply.elapsedTime * 10) / 10
  log.debug({ requestId: request.id, status: reply.statusCode, ms }, `${request.method} ${request.originalUrl}`)
}
