import type { FastifyInstance } from 'fastify'
import { NovaFault, notFound } from '../core/faults.js'
import { contextOf, requireAdmin } from './context.js'

type ById = { Params: { id: string } }

/** os-aggregates and os-server-groups: clients ask for them; there are none, and none can be made. */
export function groupingRoutes(app: FastifyInstance): void {
  app.get('/os-aggregates', async (request) => {
    requireAdmin(request, 'os_compute_api:os-aggregates:index')
    return { aggregates: [] }
  })
  app.get<ById>('/os-aggregates/:id', async (request) => {
    requireAdmin(request, 'os_compute_api:os-aggregates:show')
    throw notFound(`Aggregate ${request.params.id} could not be found.`)
  })
  app.get('/os-server-groups', async (request) => {
    contextOf(request)
    return { server_groups: [] }
  })
  app.get<ById>('/os-server-groups/:id', async (request) => {
    throw notFound(`Instance group ${request.params.id} could not be found.`)
  })
  app.post('/os-server-groups', async () => {
    throw new NovaFault(403, 'Quota exceeded, too many server groups.')
  })
}
