/** `/auto-allocated-topology/<project>`: a network for a project that just wants one. */
import type { RequestContext } from '../../core/service.js'
import { badRequest, Fault } from '../faults.js'
import { type Operation, repeatable } from '../openapi/operation.js'
import { allowed } from '../policy/rules.js'
import { OWNER, READER } from '../resources/common.js'
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
  routes.on(
    'GET',
    PATH,
    async (request) => {
      const fields = (parseQuery(request.url).get('fields') ?? []).filter((field) => field !== '')
      const dryRun = fields.includes(DRY_RUN)
      if (fields.some((field) => !FIELDS.includes(field))) {
        throw new Fault('BadRequest', 400, 'Bad auto_allocate request: Unrecognized field.')
      }
      const projectId = projectOf(request.ctx, param(request, 'project'), dryRun)
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
      await autoAllocation.remove(request.ctx, projectOf(request.ctx, param(request, 'project'), false))
      return reply.code(204).send()
    },
    { id: 'delete_auto_allocated_topology', summary: 'Remove what was made for the project' },
  )
}

/** The project named in the path, `None` for the caller's own. Making one is a member's right, looking a reader's. */
function projectOf(ctx: RequestContext, named: string, looking: boolean): string {
  const projectId = named === 'None' || named === 'null' ? ctx.projectId : named
  if (projectId === '') throw badRequest('A project is required')
  const own = projectId === ctx.projectId
  const target = { projectId, deviceOwner: '', network: null }
  if (ctx.isAdmin || (own && allowed(looking ? READER : OWNER, ctx, target))) return projectId
  throw new Fault('NotAuthorized', 403, 'Not authorized.')
}
