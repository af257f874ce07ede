import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Version documents; `/` answers 300 with the list of versions, as keystoneauth's discovery expects. */
export function versionRoutes(app: FastifyInstance, publicEndpoint: string | null): void {
  const base = (request: FastifyRequest) =>
    (publicEndpoint ?? `${request.protocol}://${request.host}`).replace(/\/$/, '')
  const list = (request: FastifyRequest) => ({ versions: { values: [version(base(request))] } })
  app.get('/', (request, reply) =>
    reply
      .code(300)
      .header('location', `${base(request)}/v3/`)
      .send(list(request)),
  )
  app.get('/v3', (request) => ({ version: version(base(request)) }))
}

function version(base: string) {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${base}/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  }
}
