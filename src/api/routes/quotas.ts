/** Limits per project (reference: API, other resources). */
import type { FastifyRequest } from 'fastify'
import type { QuotaService, RequestContext } from '../../core/service.js'
import { adminRequired, badRequest } from '../faults.js'
import type { Operation } from '../openapi/operation.js'
import { limit, ownProject, QUOTA } from '../openapi/quota-operations.js'
import type { Policy } from '../policy/policy.js'
import { allowed, projectTarget } from '../policy/rules.js'
import { ADMIN } from '../resources/common.js'
import { isDict } from '../wire/checks.js'
import { toBoolean, toInt } from '../wire/convert.js'
import type { Environment } from './environment.js'
import { type Handler, type Method, param, type Routes } from './routes.js'

const OTHERS = 'Only admin is authorized to access quotas for another tenant'
const CONFIGURE = 'Only admin can view or configure quota'
/** Limits are read by anybody of the project, and changed by an administrator, unless the operator says otherwise. */
function quotaGuards(policy: Policy) {
  const rules = {
    get: policy.rule('get_quota', ['same-project']),
    update: policy.rule('update_quota', ADMIN),
    delete: policy.rule('delete_quota', ADMIN),
  }
  return (ctx: RequestContext, verb: keyof typeof rules, projectId: string, reason = CONFIGURE): string => {
    if (!allowed(rules[verb], ctx, projectTarget(projectId))) throw adminRequired(reason)
    return projectId
  }
}

export function quotaRoutes(routes: Routes, { services: { quotas }, policy }: Environment): void {
  const may = quotaGuards(policy)
  const readable = ({ ctx, id }: Asked) => may(ctx, 'get', id, OTHERS)
  const on = (method: Method, path: string, operation: Operation, answer: (asked: Asked) => Promise<unknown>) =>
    routes.on(method, `/v2.0/quotas${path}`, (request) => answer(asked(request)), operation)

  on('GET', '', QUOTA.list, async ({ ctx }) => {
    may(ctx, 'get', '')
    return { quotas: await quotas.list(ctx) }
  })
  for (const name of ['tenant', 'project']) {
    on('GET', `/${name}`, ownProject(name), async ({ ctx: { projectId } }) => ({
      [name]: { tenant_id: projectId, project_id: projectId },
    }))
  }
  on('GET', '/:id', QUOTA.show, async (asked) => ({ quota: await quotas.get(asked.ctx, readable(asked)) }))
  on('GET', '/:id/default', QUOTA.defaults, async (asked) => {
    readable(asked)
    return { quota: await quotas.defaults(asked.ctx) }
  })
  on('GET', '/:id/details', QUOTA.details, async (asked) => ({
    quota: await quotas.details(asked.ctx, readable(asked)),
  }))
  on('PUT', '/:id', QUOTA.update, async ({ ctx, id, body }) => {
    may(ctx, 'update', id)
    const { limits, checked } = parseLimits(body, Object.keys(await quotas.defaults(ctx)))
    if (checked) checkUsed(limits, await quotas.details(ctx, id))
    return { quota: await quotas.update(ctx, id, limits) }
  })
  routes.on('DELETE', '/v2.0/quotas/:id', deleteHandler(quotas, may), QUOTA.reset)
}

interface Asked {
  readonly ctx: RequestContext
  /** of the project; empty where the path names none */
  readonly id: string
  readonly body: unknown
}

const asked = (request: FastifyRequest): Asked => ({
  ctx: request.ctx,
  id: param(request, 'id') ?? '',
  body: request.body,
})

function deleteHandler(quotas: QuotaService, may: ReturnType<typeof quotaGuards>): Handler {
  return async (request, reply) => {
    const { ctx, id } = asked(request)
    may(ctx, 'delete', id)
    await quotas.reset(ctx, id)
    return reply.code(204).send()
  }
}

interface Limits {
  readonly limits: Record<string, number>
  /** no limit may be below what is used already */
  readonly checked: boolean
}

function parseLimits(body: unknown, known: readonly string[]): Limits {
  const given = isDict(body) ? body.quota : undefined
  if (!isDict(given)) throw badRequest("Unable to find 'quota' in request body")
  const { tenant_id: _tenant, project_id: _project, force, check_limit, ...limits } = given
  const unknown = Object.keys(limits).filter((name) => !known.includes(name))
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`)
  return {
    limits: Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, parseLimit(name, value)])),
    // `force` is the other way round, and stronger
    checked: force == null ? toBoolean(check_limit ?? false) : !toBoolean(force),
  }
}

function checkUsed(
  limits: Readonly<Record<string, number>>,
  details: Readonly<Record<string, { readonly used: number }>>,
): void {
  for (const [name, limit] of Object.entries(limits)) {
    const used = details[name]?.used ?? 0
    if (limit >= 0 && limit < used) {
      throw badRequest(`Quota limit ${limit} for ${name} must be greater than or equal to already used ${used}`)
    }
  }
}

function parseLimit(name: string, value: unknown): number {
  const number = toInt(value)
  const reason = limit(number)
  if (reason !== null) throw badRequest(`Invalid input for ${name}. Reason: ${reason}.`)
  return number
}
