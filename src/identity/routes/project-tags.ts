import type { FastifyInstance } from 'fastify'
import { callerOf } from '../context.js'
import { notFound } from '../faults.js'
import type { Identity } from '../identity.js'
import { requireAdmin, requireMember } from '../policy.js'
import { checkedTag, checkedTags } from '../tags.js'
import { links } from './auth.js'

type OfProject = { Params: { id: string } }
type OneTag = { Params: { id: string; tag: string } }

/** /v3/projects/{id}/tags: a project's tags, all at once and one by one. */
export function projectTagRoutes(app: FastifyInstance, identity: Identity): void {
  const { resources } = identity
  const path = '/v3/projects/:id/tags'
  const tagsOf = (id: string) => resources.get('project', id).tags as string[]
  const write = (id: string, tags: readonly string[]) => resources.update('project', id, { tags: checkedTags(tags) })

  app.get<OfProject>(path, async (request) => {
    requireMember(identity, callerOf(identity, request), request.params.id, 'list_project_tags')
    return { tags: tagsOf(request.params.id), links: links(`projects/${request.params.id}/tags`) }
  })
  app.put<OfProject>(path, async (request) => {
    requireAdmin(callerOf(identity, request), 'update_project_tags')
    const { tags } = (request.body ?? {}) as { tags?: unknown }
    return {
      tags: write(request.params.id, checkedTags(tags)).tags,
      links: links(`projects/${request.params.id}/tags`),
    }
  })
  app.delete<OfProject>(path, async (request, reply) => {
    requireAdmin(callerOf(identity, request), 'delete_project_tags')
    write(request.params.id, [])
    return reply.code(204).send()
  })
  app.get<OneTag>(`${path}/:tag`, async (request, reply) => {
    requireMember(identity, callerOf(identity, request), request.params.id, 'get_project_tag')
    if (!tagsOf(request.params.id).includes(request.params.tag)) throw notFound('project tag', request.params.tag)
    return reply.code(204).send()
  })
  app.put<OneTag>(`${path}/:tag`, async (request, reply) => {
    requireAdmin(callerOf(identity, request), 'create_project_tag')
    const { id, tag } = request.params
    write(id, [...tagsOf(id), checkedTag(tag)])
    return reply.code(201).send()
  })
  app.delete<OneTag>(`${path}/:tag`, async (request, reply) => {
    requireAdmin(callerOf(identity, request), 'delete_project_tag')
    const { id, tag } = request.params
    if (!tagsOf(id).includes(tag)) throw notFound('project tag', tag)
    write(
      id,
      tagsOf(id).filter((one) => one !== tag),
    )
    return reply.code(204).send()
  })
}
