/** `/auto-allocated-topology/<project>`: a network for a project that just wants one. */
import type { RequestContext } from '../../core/service.js'
import { badRequest, Fault } from '../faults.js'
import { type Operation, repeatable } from '../openapi/operation.js'
import { allowed, projectTarget, type Rule } from '../policy/rules.js'
import { OWNER } from '../resources/common.js'
import { parseQuery } from '../wire/query-string.js'
import { objectOf, objectWith, TEXT } from '../wire/schema.js'
import type { Environment } from './environment.js'
import { param, type Routes } from './routes.js'

const PATH = '/v2.0/auto-allocated-topology/:project'
const DRY_RUN = 'dry-run'
const FIELDS = ['id', 'tenant_id', 'project_id', DRY_RUN]

const TOPOLOGY = objectOf({ id: TEXT, tenant_id: TEXT, project_id: TEXT })
const OPERATION: Operation = {
  id: 'get_auto_allocated_topology',
  summary: 'Make a network for the project, or show the one that was made',
  query: [repeatable('fields', { enum: FIELDS })],
  reply: objectWith({ auto_allocated_topology: TOPOLOGY }),
}

export function autoAllocatedTopologyRoutes(routes: Routes, env: Environment): void {
  const { autoAllocation } = env.services
  if (!autoAllocation) return
  const projectOf = named({
    look: env.policy.rule('get_auto_allocated_topology', ['project-reader']),
    // of ours: who only looks must not make networks by it
    make: env.policy.rule('create_auto_allocated_topology', OWNER),
    delete: env.policy.rule('delete_auto_allocated_topology', OWNER),
  })
  routes.on(
    'GET',
    PATH,
    async (request) => {
      const fields = (parseQuery(request.url).get('fields') ?? []).filter((field) => field !== '')
      const dryRun = fields.includes(DRY_RUN)
      if (fields.some((field) => !FIELDS.includes(field))) {
        throw new Fault('BadRequest', 400, 'Bad auto_allocate request: Unrecognized field.')
      }
      const projectId = projectOf(request.ctx, param(request, 'project'), dryRun ? 'look' : 'make')
      const topology = await (dryRun
        ? autoAllocation.check(request.ctx, projectId)
        : autoAllocation.ensure(request.ctx, projectId))
      const shown = Object.entries(topology).filter(([name]) => dryRun || fields.length === 0 || fields.includes(name))
      return { auto_allocated_topology: Object.fromEntries(shown) }
    },
    OPERATION,
  )
  routes.on(
    'DELETE',
    PATH,
    async (request, reply) => {
      await autoAllocation.remove(request.ctx, projectOf(request.ctx, param(request, 'project'), 'delete'))
      return reply.code(204).send()
    },
    { id: 'delete_auto_allocated_topology', summary: 'Remove what was made for the project' },
  )
}

type Rules = Readonly<Record<'look' | 'make' | 'delete', Rule>>

/** The project named in the path, `None` for the caller's own, when the caller may do that there. */
function named(rules: Rules) {
  return (ctx: RequestContext, name: string, what: keyof Rules): string => {
    const projectId = name === 'None' || name === 'null' ? ctx.projectId : name
    if (projectId === '') throw badRequest('A project is required')
    if (allowed(rules[what], ctx, projectTarget(projectId))) return projectId
    throw new Fault('NotAuthorized', 403, 'Not authorized.')
  }
}
