/**
 * Tags of an object. They change through the object's own update, so they share its rule, its revision and its
 * checks in `core`.
 */
import type { FastifyRequest } from 'fastify'
import { badRequest, Fault, notFound } from '../faults.js'
import type { Operation } from '../openapi/operation.js'
import type { NamedRule } from '../policy/enforce.js'
import { allowed, NO_TARGET, needsObject, type Rule } from '../policy/rules.js'
import { MAX_TAG_LENGTH, MAX_TAGS } from '../resources/common.js'
import type { Compiled } from '../resources/definition.js'
import { isDict, texts } from '../wire/checks.js'
import { targetOf } from '../wire/present.js'
import { NULL, objectWith } from '../wire/schema.js'
import { shown } from '../wire/text.js'
import { authorize } from './collection.js'
import { type Environment, service } from './environment.js'
import { type Handler, type Method, param, type Routes } from './routes.js'

const checkTags = texts(MAX_TAG_LENGTH)
const TAGS = objectWith({ tags: checkTags.schema! })

export function tagRoutes(routes: Routes, env: Environment, compiled: Compiled): void {
  const { taggable, path, plural } = compiled.resource
  if (!taggable) return
  // Neutron names what is tagged by its collection alone (`/policies/{id}/tags`), clients of today by its path too
  const named = path.includes('_') ? path : plural.replaceAll('_', '-')
  for (const collection of new Set([path, named])) {
    tagsOf(routes, env, compiled, `/v2.0/${collection}/:id/tags`)
  }
}

function tagsOf(routes: Routes, env: Environment, compiled: Compiled, all: string): void {
  const rules = tagRules(env, compiled)
  const one = `${all}/:tag`
  const read = (request: FastifyRequest) => readTags(env, compiled, request, rules.get)
  const write = (request: FastifyRequest, tags: readonly string[], rule = rules.update) =>
    writeTags(env, compiled, request, tags, rule)

  const on = (method: Method, path: string, operation: Operation, handler: Handler) =>
    routes.on(method, path, handler, operation)

  on('GET', all, { summary: 'List the tags', reply: TAGS }, async (request) => ({ tags: await read(request) }))
  on('PUT', all, { summary: 'Replace the tags', body: TAGS, reply: TAGS }, async (request) => ({
    tags: await write(request, parseTags(request.body)),
  }))
  on('DELETE', all, { summary: 'Take all tags away' }, async (request, reply) => {
    await write(request, [], rules.delete)
    return reply.code(204).send()
  })
  on('GET', one, { summary: 'Tell whether there is such a tag' }, async (request, reply) => {
    requireTag(await read(request), param(request, 'tag'))
    return reply.code(204).send()
  })
  on('PUT', one, { summary: 'Add a tag', reply: NULL, status: 201 }, async (request, reply) => {
    const tags = await read(request)
    const tag = validTag(param(request, 'tag'))
    if (!tags.includes(tag)) await write(request, [...tags, tag])
    return reply.code(201).type('application/json').send('null')
  })
  on('DELETE', one, { summary: 'Take a tag away' }, async (request, reply) => {
    const tags = await read(request)
    const tag = requireTag(tags, param(request, 'tag'))
    await write(
      request,
      tags.filter((other) => other !== tag),
      rules.delete,
    )
    return reply.code(204).send()
  })
}

/** `get_networks_tags` and the others; unless the operator says otherwise, those of the object itself. */
function tagRules({ policy }: Environment, { resource }: Compiled) {
  const write = resource.tagPolicy ?? resource.policy.update!
  const rule = (verb: 'get' | 'update' | 'delete', declared: Rule) => {
    const name = `${verb}_${resource.plural}_tags`
    return { name, rule: policy.rule(name, declared), inner: [] }
  }
  return { get: rule('get', resource.policy.get!), update: rule('update', write), delete: rule('delete', write) }
}

async function readTags(
  env: Environment,
  { resource }: Compiled,
  request: FastifyRequest,
  { rule }: NamedRule,
): Promise<readonly string[]> {
  if (!needsObject(rule) && !allowed(rule, request.ctx, NO_TARGET)) throw notFound()
  const object = await service(env, resource.plural).get(request.ctx, param(request, 'id'))
  if (needsObject(rule) && !allowed(rule, request.ctx, targetOf(object))) throw notFound()
  return (object.tags as readonly string[] | undefined) ?? []
}

async function writeTags(
  env: Environment,
  compiled: Compiled,
  request: FastifyRequest,
  tags: readonly string[],
  rule: NamedRule,
): Promise<readonly string[]> {
  if (tags.length > MAX_TAGS) {
    throw new Fault(
      'InvalidInput',
      400,
      `Invalid input for operation: The number of tags exceed the per-resource limit of ${MAX_TAGS}.`,
    )
  }
  const { ctx } = request
  const id = param(request, 'id')
  await authorize(env, compiled, ctx, id, [rule])
  const object = await service(env, compiled.resource.plural).update(ctx, id, { tags })
  return (object.tags as readonly string[] | undefined) ?? tags
}

function parseTags(body: unknown): readonly string[] {
  if (!isDict(body) || !('tags' in body)) throw invalid('Invalid tags body')
  const reason = checkTags(body.tags)
  if (reason !== null) throw invalid(reason)
  return body.tags as readonly string[]
}

function validTag(tag: string): string {
  const reason = checkTags([tag])
  if (reason !== null) throw invalid(reason)
  return tag
}

function invalid(reason: string): Fault {
  return badRequest(`Invalid input for tags. Reason: ${reason}.`)
}

function requireTag(tags: readonly string[], tag: string): string {
  if (tags.includes(tag)) return tag
  throw new Fault('TagNotFound', 404, `Tag ${shown(tag)} could not be found.`)
}
