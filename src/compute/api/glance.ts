import type { FastifyInstance, FastifyRequest } from 'fastify'
import { notFound } from '../core/faults.js'
import type { Image } from '../core/images.js'
import { SCHEMAS } from './glance-schemas.js'

type ById = { Params: { id: string } }
type Query = { Querystring: { name?: string; limit?: string; marker?: string } }

/** As little of the Image API v2 as clients need to list images and to turn an image's name into its id. Mounted at `/image` and at `/`. */
export function glanceRoutes(app: FastifyInstance, images: readonly Image[], prefix: string): void {
  app.get<Query>(`${prefix}/v2/images`, async (request) => {
    const { name, marker, limit } = request.query
    const all = images.filter((image) => name === undefined || image.name === name)
    const start = marker ? all.findIndex((image) => image.id === marker) + 1 : 0
    return {
      images: all.slice(start, limit ? start + Number(limit) : undefined).map(render),
      first: '/v2/images',
      schema: '/v2/schemas/images',
    }
  })
  app.get<ById>(`${prefix}/v2/images/:id`, async (request) => {
    const image = images.find((known) => known.id === request.params.id)
    if (!image) throw notFound(`No image found with ID ${request.params.id}`)
    return render(image)
  })
  app.get<{ Params: { '*': string } }>(`${prefix}/v2/schemas/*`, async (request) => {
    const schema = SCHEMAS[request.params['*']]
    if (!schema) throw notFound('The resource could not be found.')
    return schema
  })
  // clients ask for them; none are defined
  app.get(`${prefix}/v2/metadefs/namespaces`, async () => ({
    namespaces: [],
    first: '/v2/metadefs/namespaces',
    schema: '/v2/schemas/metadefs/namespaces',
  }))
  app.get(`${prefix}/v2/metadefs/resource_types`, async () => ({ resource_types: [] }))
  if (prefix === '') return
  const versions = (request: FastifyRequest) => ({
    versions: [
      {
        id: 'v2.9',
        status: 'CURRENT',
        links: [{ rel: 'self', href: `${request.protocol}://${request.host}${prefix}/v2/` }],
      },
    ],
  })
  app.get(prefix, (request, reply) => reply.code(300).send(versions(request)))
  app.get(`${prefix}/versions`, (request) => versions(request))
}

function render({ id, name }: Image): Record<string, unknown> {
  const made = '2015-04-30T00:00:00Z'
  const facts = {
    status: 'active',
    visibility: 'public',
    container_format: 'bare',
    disk_format: 'raw',
    min_disk: 0,
    min_ram: 0,
    size: 0,
    protected: false,
    tags: [],
  }
  return {
    id,
    name,
    ...facts,
    owner: '',
    os_hidden: false,
    created_at: made,
    updated_at: made,
    self: `/v2/images/${id}`,
    file: `/v2/images/${id}/file`,
    schema: '/v2/schemas/image',
  }
}
