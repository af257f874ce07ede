/** list, show, create, update and delete of one resource. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Attributes, RequestContext } from '../../core/service.js'
import { notFound } from '../faults.js'
import { collectionOperations } from '../openapi/collection-operations.js'
import { enforce, type NamedRule, passes, rulesNeedNetwork, writeRules } from '../policy/enforce.js'
import { allowed, isAdminOnly, NO_TARGET, needsObject, type PolicyTarget } from '../policy/rules.js'
import { targets } from '../policy/target.js'
import { type Compiled, ruleName } from '../resources/definition.js'
import { parseCreate, parseUpdate } from '../wire/body.js'
import { parseIfMatch } from '../wire/if-match.js'
import { parseFields, parseList } from '../wire/list-query.js'
import { isLong, sendInPieces } from '../wire/long-list.js'
import { pageLinks } from '../wire/page-links.js'
import { presenter, targetOf } from '../wire/present.js'
import { parseQuery } from '../wire/query-string.js'
import { type Environment, service } from './environment.js'
import { idOf, objectsOf, parentOf, pathOf } from './parts.js'
import { baseUrl, type Handler, type Routes } from './routes.js'

export function collectionRoutes(routes: Routes, env: Environment, compiled: Compiled): void {
  const { policy } = compiled.resource
  const all = pathOf(compiled)
  const one = `${all}/:id`
  const operations = collectionOperations(compiled)
  routes.on('GET', all, listHandler(env, compiled), operations.list)
  routes.on('GET', one, showHandler(env, compiled), operations.show)
  if (policy.create) routes.on('POST', all, createHandler(env, compiled), operations.create)
  if (policy.update) routes.on('PUT', one, updateHandler(env, compiled), operations.update)
  if (policy.delete) routes.on('DELETE', one, deleteHandler(env, compiled), operations.delete)
}

function mayRead(compiled: Compiled, ctx: RequestContext, object?: Attributes): boolean {
  const rule = compiled.resource.policy.get!
  // the operator's own rule is asked of each object
  if (needsObject(rule)) return object === undefined || allowed(rule, ctx, targetOf(object))
  return allowed(rule, ctx, NO_TARGET)
}

function listHandler(env: Environment, compiled: Compiled): Handler {
  const { plural } = compiled.resource
  return async (request, reply) => {
    const { ctx } = request
    const query = parseQuery(request.url)
    const list = parseList(compiled, query, env.paginationMaxLimit)
    if (!mayRead(compiled, ctx)) return { [plural]: [] }
    const found = await objectsOf(env, compiled, request).list(ctx, list)
    const objects = found.filter((object) => mayRead(compiled, ctx, object))
    const present = presenter(compiled, ctx, list.fields)
    const ids = found.map(({ id }) => id)
    const links = pageLinks(`${baseUrl(request)}${request.url.split('?', 1)[0]}`, query, list, ids)
    const rest = links.length === 0 ? {} : { [`${plural}_links`]: links }
    if (isLong(objects)) return sendInPieces(reply, plural, objects, present, rest)
    return { [plural]: objects.map(present), ...rest }
  }
}

function showHandler(env: Environment, compiled: Compiled): Handler {
  const { name } = compiled.resource
  return async (request) => {
    const fields = parseFields(parseQuery(request.url))
    if (!mayRead(compiled, request.ctx)) throw notFound()
    const object = await objectsOf(env, compiled, request).get(request.ctx, idOf(compiled, request))
    if (!mayRead(compiled, request.ctx, object)) throw notFound()
    return { [name]: presenter(compiled, request.ctx, fields)(object) }
  }
}

function createHandler(env: Environment, compiled: Compiled): Handler {
  const { name, plural } = compiled.resource
  return async (request, reply) => {
    const { ctx } = request
    const { items, bulk } = parseCreate(ctx, compiled, request.body)
    const targetOf = targets(env.services, ctx)
    const asked = items.map((item) => ({ item, rules: writeRules(compiled, 'create', item) }))
    // what the caller may do nowhere is refused before anything is looked up, be it there or not
    for (const { rules } of asked) if (rules.some(({ rule }) => isAdminOnly(rule))) enforce(rules, ctx, NO_TARGET)
    const whole = await parentOf(env, compiled, request)
    for (const { item, rules } of asked) {
      const target = whole ? { ...item, project_id: whole.project_id } : item
      enforce(rules, ctx, await targetOf(target, !ctx.isAdmin && rulesNeedNetwork(rules)))
    }
    const made = (await objectsOf(env, compiled, request).create(ctx, items)).map(presenter(compiled, ctx))
    reply.code(201)
    return bulk ? { [plural]: made } : { [name]: made[0] }
  }
}

function updateHandler(env: Environment, compiled: Compiled): Handler {
  const { name } = compiled.resource
  return async (request) => {
    const { ctx } = request
    const id = idOf(compiled, request)
    const changes = parseUpdate(ctx, compiled, request.body)
    await authorizeUpdate(env, compiled, ctx, id, changes)
    const object = await objectsOf(env, compiled, request).update(ctx, id, changes, ifMatch(request))
    return { [name]: presenter(compiled, ctx)(object) }
  }
}

async function authorizeUpdate(
  env: Environment,
  compiled: Compiled,
  ctx: RequestContext,
  id: string,
  changes: Attributes,
): Promise<void> {
  if (ctx.isAdmin) return
  const rules = writeRules(compiled, 'update', changes)
  const target = await seen(env, compiled, ctx, id, rules, changes)
  const hidden = compiled.resource.hiddenFromUpdate && target.projectId !== ctx.projectId
  if (hidden && !passes(rules, ctx, target)) throw notFound()
  enforce(rules, ctx, target)
}

/** 404 when the caller may not even see the object, 403 when a rule does not let it. An admin needs no look-up. */
export async function authorize(
  env: Environment,
  compiled: Compiled,
  ctx: RequestContext,
  id: string,
  rules: readonly NamedRule[],
  changes: Attributes = {},
): Promise<void> {
  if (!ctx.isAdmin) enforce(rules, ctx, await seen(env, compiled, ctx, id, rules, changes))
}

/** What rules need to know of an object as it is with the changes; 404 when the caller may not see it. */
async function seen(
  env: Environment,
  compiled: Compiled,
  ctx: RequestContext,
  id: string,
  rules: readonly NamedRule[],
  changes: Attributes,
): Promise<PolicyTarget> {
  if (!mayRead(compiled, ctx)) throw notFound()
  const object = await service(env, compiled.resource.plural).get(ctx, id)
  if (!mayRead(compiled, ctx, object)) throw notFound()
  return targets(env.services, ctx)({ ...object, ...changes }, rulesNeedNetwork(rules))
}

function deleteHandler(env: Environment, compiled: Compiled): Handler {
  const { resource } = compiled
  const rules = [{ name: ruleName('delete', resource), rule: resource.policy.delete!, inner: [] }]
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { ctx } = request
    const id = idOf(compiled, request)
    await authorize(env, compiled, ctx, id, rules)
    await objectsOf(env, compiled, request).delete(ctx, id, ifMatch(request))
    return reply.code(204).send()
  }
}

function ifMatch(request: FastifyRequest): number | undefined {
  return parseIfMatch(request.headers['if-match'])
}
