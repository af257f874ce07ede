/** The documents by which clients find their way: versions, resources, extensions. */
import type { FastifyRequest } from 'fastify'
import { Fault } from '../faults.js'
import type { Compiled } from '../resources/definition.js'
import { workingExtensions } from '../resources/extensions.js'
import { arrayOf, objectOf, objectWith, TEXT } from '../wire/schema.js'
import type { Environment } from './environment.js'
import { baseUrl, param, type Routes } from './routes.js'

const VERSION = 'v2.0'
const LINKS = arrayOf(objectOf({ rel: TEXT, href: TEXT }, ['rel', 'href']))
const VERSIONS = objectWith({ versions: arrayOf(objectWith({ id: TEXT, status: TEXT, links: LINKS })) })
const COLLECTIONS = objectWith({ resources: arrayOf(objectWith({ name: TEXT, collection: TEXT, links: LINKS })) })
const EXTENSION = objectWith({ name: TEXT, alias: TEXT, description: TEXT, updated: TEXT })

export function discoveryRoutes(routes: Routes, env: Environment): void {
  const extensions = workingExtensions(env.services)
  const byAlias = new Map(extensions.map((extension) => [extension.alias, extension]))
  routes.on(
    'GET',
    '/',
    async (request) => ({ versions: [{ id: VERSION, status: 'CURRENT', links: self(request, `${VERSION}/`) }] }),
    { id: 'list_versions', summary: 'List the versions of the API', reply: VERSIONS },
  )
  routes.on('GET', '/healthcheck', async (_request, reply) => reply.type('text/plain').send('OK'), {
    id: 'check_health',
    summary: 'Tell whether the service answers',
    text: true,
  })
  routes.on(
    'GET',
    `/${VERSION}`,
    async (request) => ({
      resources: wholes(env).map(({ resource: { name, plural, path } }) => ({
        links: self(request, `${VERSION}/${path}`),
        name,
        collection: plural,
      })),
    }),
    { id: 'list_collections', summary: 'List the collections of the API', reply: COLLECTIONS },
  )
  routes.on('GET', `/${VERSION}/extensions`, async () => ({ extensions }), {
    id: 'list_extensions',
    summary: 'List what the API has beside its core',
    reply: objectWith({ extensions: arrayOf(EXTENSION) }),
  })
  routes.on(
    'GET',
    `/${VERSION}/extensions/:alias`,
    async (request) => showExtension(byAlias, param(request, 'alias')),
    {
      id: 'show_extension',
      summary: 'Show an extension',
      reply: objectWith({ extension: EXTENSION }),
    },
  )
}

function showExtension<T>(byAlias: ReadonlyMap<string, T>, alias: string): { readonly extension: T } {
  const extension = byAlias.get(alias)
  if (extension) return { extension }
  throw new Fault('HTTPNotFound', 404, `Extension with alias ${alias} does not exist`)
}

/** Resources with a path of their own. */
function wholes({ resources }: Environment): Compiled[] {
  return [...resources.values()].filter(({ resource }) => !resource.parent)
}

function self(request: FastifyRequest, path: string) {
  return [{ rel: 'self', href: `${baseUrl(request)}/${path}` }]
}
