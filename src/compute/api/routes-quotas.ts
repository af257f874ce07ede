import type { FastifyInstance, FastifyRequest } from 'fastify'
import { badRequest, notFound } from '../core/faults.js'
import { type Limits, RESOURCES, type Resource, usedBy } from '../core/quotas.js'
import { contextOf, requireAdmin } from './context.js'
import type { NovaServices } from './services.js'

type ById = { Params: { id: string } }

/** os-quota-sets and os-quota-class-sets: what a project may use, and (detail) what it does use. */
export function quotaRoutes(app: FastifyInstance, { store }: NovaServices): void {
  const { quotas } = store
  const used = (projectId: string): Partial<Record<Resource, number>> => usedBy(store.instances(), projectId)
  const own = (request: FastifyRequest, id: string) => {
    if (contextOf(request).projectId !== id) requireAdmin(request, 'os_compute_api:os-quota-sets:show')
  }
  app.get<ById>('/os-quota-sets/:id', async (request) => {
    const { id } = request.params
    own(request, id)
    return { quota_set: { id, ...quotas.of(id) } }
  })
  app.get<ById>('/os-quota-sets/:id/defaults', async ({ params: { id } }) => ({
    quota_set: { id, ...quotas.defaults() },
  }))
  app.get<ById>('/os-quota-sets/:id/detail', async (request) => {
    const { id } = request.params
    own(request, id)
    const [limits, uses] = [quotas.of(id), used(id)]
    const shown = RESOURCES.map((one) => [one, { limit: limits[one], in_use: uses[one] ?? 0, reserved: 0 }])
    return { quota_set: { id, ...Object.fromEntries(shown) } }
  })
  app.put<ById>('/os-quota-sets/:id', async (request) => {
    requireAdmin(request, 'os_compute_api:os-quota-sets:update')
    const { id } = request.params
    const { force, ...changes } = bodyOf(request.body, 'quota_set', ['force'])
    if (!isTrue(force)) requireNoLess(changes, used(id))
    quotas.set(id, changes)
    return { quota_set: quotas.of(id) }
  })
  app.delete<ById>('/os-quota-sets/:id', async (request, reply) => {
    requireAdmin(request, 'os_compute_api:os-quota-sets:delete')
    quotas.reset(request.params.id)
    return reply.code(202).send()
  })
  classRoutes(app, { store })
}

/** There is one class, which everybody is in. */
function classRoutes(app: FastifyInstance, { store: { quotas } }: Pick<NovaServices, 'store'>): void {
  const one = '/os-quota-class-sets/:id'
  const known = (request: FastifyRequest<ById>, action: string) => {
    requireAdmin(request, `os_compute_api:os-quota-class-sets:${action}`)
    if (request.params.id !== 'default') throw notFound(`Quota class ${request.params.id} could not be found.`)
  }
  app.get<ById>(one, async (request) => {
    known(request, 'show')
    return { quota_class_set: { id: 'default', ...quotas.defaults() } }
  })
  app.put<ById>(one, async (request) => {
    known(request, 'update')
    quotas.setDefaults(bodyOf(request.body, 'quota_class_set', []))
    return { quota_class_set: quotas.defaults() }
  })
}

/** The limits of a request's body; numbers may come as text. */
function bodyOf(body: unknown, key: string, others: readonly string[]): Partial<Limits> & { force?: unknown } {
  const given = (body as Record<string, Record<string, unknown> | undefined> | null)?.[key]
  if (typeof given !== 'object' || given === null) throw badRequest(`'${key}' is a required property`)
  const entries = Object.entries(given).filter(([name]) => name !== 'tenant_id')
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (others.includes(name)) return [name, value]
      if (!RESOURCES.some((resource) => resource === name))
        throw badRequest(`Additional properties are not allowed ('${name}' was unexpected)`)
      if (!/^(-1|\d{1,9})$/.test(String(value)))
        throw badRequest(`Invalid input for field/attribute ${name}. Value: ${value}.`)
      return [name, Number(value)]
    }),
  )
}

const isTrue = (value: unknown) => value === true || /^true$/i.test(String(value))

function requireNoLess(changes: Partial<Limits>, used: Partial<Record<Resource, number>>): void {
  for (const [resource, limit] of Object.entries(changes) as [Resource, number][]) {
    const inUse = used[resource] ?? 0
    if (limit >= 0 && limit < inUse)
      throw badRequest(
        `Quota limit ${limit} for ${resource} must be greater than or equal to already used and reserved ${inUse}.`,
      )
  }
}
