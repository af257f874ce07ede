import type { FastifyInstance } from 'fastify'
import { notFound } from '../core/faults.js'
import type { InstanceAction } from '../core/store.js'
import { contextOf, visibleInstance } from './context.js'
import { requestedMinor } from './microversion.js'
import type { NovaServices } from './services.js'

type ById = { Params: { id: string } }
type ByRequest = { Params: { id: string; request: string } }

/** /servers/{id}/os-instance-actions: who asked what of an instance, and when. The steps of each are not recorded. */
export function instanceActionRoutes(app: FastifyInstance, { store }: NovaServices): void {
  const view = (action: InstanceAction, minor: number) => ({
    ...action,
    message: null,
    ...(minor >= 58 ? { updated_at: action.start_time } : {}),
  })
  app.get<ById>('/servers/:id/os-instance-actions', async (request) => {
    const { id } = visibleInstance(store, contextOf(request), request.params.id)
    const minor = requestedMinor(request.headers)
    return { instanceActions: store.actions(id).map((action) => view(action, minor)) }
  })
  app.get<ByRequest>('/servers/:id/os-instance-actions/:request', async (request) => {
    const { id } = visibleInstance(store, contextOf(request), request.params.id)
    const found = store.actions(id).find((action) => action.request_id === request.params.request)
    if (!found) throw notFound(`Action for request_id ${request.params.request} on instance ${id} not found`)
    return { instanceAction: { ...view(found, requestedMinor(request.headers)), events: [] } }
  })
}
