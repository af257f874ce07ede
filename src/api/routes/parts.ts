/** Resources that are parts of another one's objects: `/floatingips/{id}/port_forwardings`. */
import type { FastifyRequest } from 'fastify'
import type { Resource, ResourceService } from '../../core/service.js'
import { notFound } from '../faults.js'
import type { Compiled } from '../resources/definition.js'
import { type Environment, service } from './environment.js'
import { param } from './routes.js'

const PARENT = 'parent'

/** The collection's path with its parameters. */
export function pathOf({ resource: { parent, path } }: Compiled): string {
  return parent ? `/v2.0/${parent.resource.path}/:${PARENT}/${path}` : `/v2.0/${path}`
}

/** The id under which `core` knows the object of a request's path. */
export function idOf({ resource: { parent } }: Compiled, request: FastifyRequest): string {
  const id = param(request, 'id')
  return parent?.composed ? `${param(request, PARENT)}:${id}` : id
}

/** The object that the parts of a request belong to, which the caller must see; null where there is no parent. */
export async function parentOf(
  env: Environment,
  { resource: { parent } }: Compiled,
  request: FastifyRequest,
): Promise<Resource | null> {
  return parent ? service(env, parent.resource.plural).get(request.ctx, param(request, PARENT)) : null
}

/** What `core` has of the collection, as the request's path names it: a part under another parent is not there. */
export function objectsOf(env: Environment, compiled: Compiled, request: FastifyRequest): ResourceService {
  const { plural, parent } = compiled.resource
  const all = service(env, plural)
  if (!parent) return all
  const { key } = parent
  const parentId = param(request, PARENT)
  const own: ResourceService['get'] = async (ctx, id) => {
    await parentOf(env, compiled, request)
    const part = await all.get(ctx, id)
    if (part[key] !== parentId) throw notFound()
    return part
  }
  return {
    get: own,
    async list(ctx, query) {
      await parentOf(env, compiled, request)
      return all.list(ctx, { ...query, filters: { ...query.filters, [key]: [parentId] } })
    },
    create: (ctx, items) =>
      all.create(
        ctx,
        items.map((item) => ({ ...item, [key]: parentId })),
      ),
    async update(ctx, id, changes, ifRevision) {
      await own(ctx, id)
      return all.update(ctx, id, changes, ifRevision)
    },
    async delete(ctx, id, ifRevision) {
      await own(ctx, id)
      return all.delete(ctx, id, ifRevision)
    },
  }
}
