import { randomUUID } from 'node:crypto'
import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { allowEmptyJson } from '../../base/json-body.js'
import { fromNeutron, NovaFault } from '../core/faults.js'
import { authenticateRequest, Unauthorized } from './context.js'
import { glanceRoutes } from './glance.js'
import { MAX_MINOR, microversionHeaders, requestedMinor } from './microversion.js'
import { actionRoutes } from './routes-actions.js'
import { catalogRoutes } from './routes-catalog.js'
import { eventRoutes } from './routes-events.js'
import { groupingRoutes } from './routes-groupings.js'
import { hostRoutes } from './routes-hosts.js'
import { hypervisorRoutes } from './routes-hypervisors.js'
import { instanceActionRoutes } from './routes-instance-actions.js'
import { interfaceRoutes } from './routes-interfaces.js'
import { migrationRoutes } from './routes-migrations.js'
import { networkProxyRoutes } from './routes-network-proxies.js'
import { quotaRoutes } from './routes-quotas.js'
import { baseOf, serverRoutes } from './routes-servers.js'
import { usageRoutes } from './routes-usage.js'
import type { NovaServices } from './services.js'

/** The Compute API v2.1 (and the look-up part of the Image API). Builds, never listens. */
export function buildComputeApp(services: NovaServices): FastifyInstance {
  const app = fastify({
    routerOptions: { ignoreTrailingSlash: true },
    genReqId: () => `req-${randomUUID()}`,
    // endpoints of older catalogs carry the project's id behind the version
    rewriteUrl: (request) => (request.url ?? '/').replace(/^\/v2(?:\.1)?\/[0-9a-f]{32}(?=\/|$|\?)/, '/v2.1'),
  })
  allowEmptyJson(app)
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-openstack-request-id', request.id).header('x-compute-request-id', request.id)
  })
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    if (error instanceof Unauthorized) return reply.code(401).header('www-authenticate', 'Keystone').send(UNAUTHORIZED)
    const fault = asFault(error)
    if (fault.code >= 500) services.log.error({ err: error, request: request.id, url: request.url }, 'request failed')
    return reply.code(fault.code).send(fault.body())
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(new NovaFault(404, 'The resource could not be found.').body()),
  )

  app.get('/', (request) => ({ versions: [version(baseOf(request))] }))
  app.get('/v2.1', (request) => ({
    version: {
      ...version(baseOf(request)),
      'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }],
    },
  }))
  app.register(async (api) => apiRoutes(api, services), { prefix: '/v2.1' })
  app.register(async (images) => {
    images.addHook('onRequest', async (request) => {
      if (request.url.includes('/v2/')) await authenticateRequest(services.tokens, request)
    })
    glanceRoutes(images, services.images, '/image')
    glanceRoutes(images, services.images, '')
  })
  return app
}

const UNAUTHORIZED = {
  error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
}

function apiRoutes(api: FastifyInstance, services: NovaServices): void {
  api.addHook('onRequest', async (request, reply) => {
    reply.headers(microversionHeaders(requestedMinor(request.headers)))
    await authenticateRequest(services.tokens, request)
  })
  serverRoutes(api, services)
  actionRoutes(api, services)
  instanceActionRoutes(api, services)
  interfaceRoutes(api, services)
  migrationRoutes(api, services)
  networkProxyRoutes(api, services)
  eventRoutes(api, services)
  catalogRoutes(api, services)
  hostRoutes(api, services)
  hypervisorRoutes(api, services)
  groupingRoutes(api)
  quotaRoutes(api, services)
  usageRoutes(api, services)
  api.get('/extensions', async () => ({ extensions: [] }))
}

function version(base: string): Record<string, unknown> {
  return {
    id: 'v2.1',
    status: 'CURRENT',
    version: `2.${MAX_MINOR}`,
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
    links: [{ rel: 'self', href: `${base}/v2.1/` }],
  }
}

function asFault(error: FastifyError | Error): NovaFault {
  const known = fromNeutron(error)
  if (known instanceof NovaFault) return known
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500
  if (status >= 400 && status < 500) return new NovaFault(400, error.message)
  return new NovaFault(500, 'Unexpected API Error. Please report this with the request id of the answer.')
}
