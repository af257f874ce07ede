/** The documents by which clients find their way: versions, resources, extensions. */
import type { FastifyRequest } from 'fastify'
import { Fault } from '../faults.js'
import type { Compiled } from '../resources/definition.js'
import { workingExtensions } from '../resources/extensions.js'
import type { Environment } from './environment.js'
import { baseUrl, param, type Routes } from './routes.js'

const VERSION = 'v2.0'

export function discoveryRoutes(routes: Routes, env: Environment): void {
  const extensions = workingExtensions(env.services)
  const byAlias = new Map(extensions.map((extension) => [extension.alias, extension]))
  routes.on('GET', '/', async (request) => ({
    versions: [{ id: VERSION, status: 'CURRENT', links: self(request, `${VERSION}/`) }],
  }))
  routes.on('GET', '/healthcheck', async (_request, reply) => reply.type('text/plain').send('OK'))
  routes.on('GET', `/${VERSION}`, async (request) => ({
    resources: wholes(env).map(({ resource: { name, plural, path } }) => ({
      links: self(request, `${VERSION}/${path}`),
      name,
      collection: plural,
    })),
  }))
  routes.on('GET', `/${VERSION}/extensions`, async () => ({ extensions }))
  routes.on('GET', `/${VERSION}/extensions/:alias`, async (request) => {
    const alias = param(request, 'alias')
    const extension = byAlias.get(alias)
    if (extension) return { extension }
    throw new Fault('HTTPNotFound', 404, `Extension with alias ${alias} does not exist`)
  })
}

/** Resources with a path of their own. */
function wholes({ resources }: Environment): Compiled[] {
  return [...resources.values()].filter(({ resource }) => !resource.parent)
}

function self(request: FastifyRequest, path: string) {
  return [{ rel: 'self', href: `${baseUrl(request)}/${path}` }]
}
