/** Limits per project (reference: API, other resources). */
import type { RequestContext } from '../../core/service.js'
import { adminRequired, badRequest } from '../faults.js'
import type { Policy } from '../policy/policy.js'
import { allowed, projectTarget } from '../policy/rules.js'
import { ADMIN } from '../resources/common.js'
import { isDict, range } from '../wire/checks.js'
import { takenBy, toBoolean, toInt } from '../wire/convert.js'
import { ANY, arrayOf, objectOf, objectWith, orNullSchema, type Schema, TEXT } from '../wire/schema.js'
import type { Environment } from './environment.js'
import { param, type Routes } from './routes.js'

const OTHERS = 'Only admin is authorized to access quotas for another tenant'
const CONFIGURE = 'Only admin can view or configure quota'
/** −1 is unlimited. */
const limit = range(-1, 2 ** 31 - 1)

const NUMBER: Schema = { type: 'integer' }
const LIMITS: Schema = { type: 'object', additionalProperties: NUMBER }
const USED: Schema = {
  type: 'object',
  additionalProperties: objectOf({ limit: NUMBER, used: NUMBER, reserved: NUMBER }, ['limit', 'used', 'reserved']),
}
const flag = orNullSchema(takenBy(toBoolean, ANY))
const CHANGES: Schema = {
  type: 'object',
  properties: { tenant_id: ANY, project_id: ANY, force: flag, check_limit: flag },
  additionalProperties: takenBy(toInt, limit.schema!),
}
const quota = (schema: Schema) => objectWith({ quota: schema })
const OPERATIONS = {
  list: {
    id: 'list_quotas',
    summary: 'List the limits of projects that have their own',
    reply: objectWith({ quotas: arrayOf({ type: 'object', additionalProperties: ANY }) }),
  },
  own: (name: string) => ({
    summary: 'Tell whose limits the caller’s are',
    reply: objectWith({ [name]: objectOf({ tenant_id: TEXT, project_id: TEXT }) }),
  }),
  show: { id: 'show_quota', summary: 'Show the limits of a project', reply: quota(LIMITS) },
  defaults: { id: 'show_default_quota', summary: 'Show the limits of a project without its own', reply: quota(LIMITS) },
  details: { id: 'show_quota_details', summary: 'Show limits beside what is used', reply: quota(USED) },
  update: { id: 'update_quota', summary: 'Change the limits of a project', body: quota(CHANGES), reply: quota(LIMITS) },
  reset: { id: 'delete_quota', summary: 'Give a project the default limits again' },
}

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
  const readable = (ctx: RequestContext, projectId: string) => may(ctx, 'get', projectId, OTHERS)
  routes.on(
    'GET',
    '/v2.0/quotas',
    async ({ ctx }) => {
      may(ctx, 'get', '')
      return { quotas: await quotas.list(ctx) }
    },
    OPERATIONS.list,
  )
  for (const name of ['tenant', 'project']) {
    routes.on(
      'GET',
      `/v2.0/quotas/${name}`,
      async ({ ctx }) => ({
        [name]: { tenant_id: ctx.projectId, project_id: ctx.projectId },
      }),
      OPERATIONS.own(name),
    )
  }
  routes.on(
    'GET',
    '/v2.0/quotas/:id',
    async (request) => {
      return { quota: await quotas.get(request.ctx, readable(request.ctx, param(request, 'id'))) }
    },
    OPERATIONS.show,
  )
  routes.on(
    'GET',
    '/v2.0/quotas/:id/default',
    async (request) => {
      readable(request.ctx, param(request, 'id'))
      return { quota: await quotas.defaults(request.ctx) }
    },
    OPERATIONS.defaults,
  )
  routes.on(
    'GET',
    '/v2.0/quotas/:id/details',
    async (request) => {
      return { quota: await quotas.details(request.ctx, readable(request.ctx, param(request, 'id'))) }
    },
    OPERATIONS.details,
  )
  routes.on(
    'PUT',
    '/v2.0/quotas/:id',
    async (request) => {
      may(request.ctx, 'update', param(request, 'id'))
      const known = Object.keys(await quotas.defaults(request.ctx))
      const [id, { limits, checked }] = [param(request, 'id'), parseLimits(request.body, known)]
      if (checked) checkUsed(limits, await quotas.details(request.ctx, id))
      return { quota: await quotas.update(request.ctx, id, limits) }
    },
    OPERATIONS.update,
  )
  routes.on(
    'DELETE',
    '/v2.0/quotas/:id',
    async (request, reply) => {
      may(request.ctx, 'delete', param(request, 'id'))
      await quotas.reset(request.ctx, param(request, 'id'))
      return reply.code(204).send()
    },
    OPERATIONS.reset,
  )
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
