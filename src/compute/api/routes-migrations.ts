import type { FastifyInstance } from 'fastify'
import { notFound } from '../core/faults.js'
import { isMigrating } from '../core/instance.js'
import type { MigrationRecord } from '../core/store.js'
import { contextOf, requireAdmin, visibleInstance } from './context.js'
import { requestedMinor } from './microversion.js'
import type { NovaServices } from './services.js'

type ById = { Params: { id: string } }
type Query = { Querystring: Record<string, string | undefined> }

/** /os-migrations: all there were; /servers/{id}/migrations: a live migration that is under way. */
export function migrationRoutes(app: FastifyInstance, { store }: NovaServices): void {
  app.get<Query>('/os-migrations', async (request) => {
    requireAdmin(request, 'os_compute_api:os-migrations:index')
    const { query } = request
    const found = store.migrations().filter((one) => {
      if (query.instance_uuid && one.instanceId !== query.instance_uuid) return false
      if (query.status && one.status !== query.status) return false
      if (query.migration_type && typeOf(one) !== query.migration_type) return false
      return !query.host || one.from === query.host || one.to === query.host
    })
    const minor = requestedMinor(request.headers)
    return { migrations: found.map((one) => render(one, minor)) }
  })
  const underWay = (id: string) =>
    store
      .migrations()
      .filter((one) => one.instanceId === id && one.kind === 'live-migration' && one.status === 'running')
  app.get<ById>('/servers/:id/migrations', async (request) => {
    requireAdmin(request, 'os_compute_api:servers:migrations:index')
    const instance = visibleInstance(store, contextOf(request), request.params.id)
    const minor = requestedMinor(request.headers)
    return { migrations: isMigrating(instance) ? underWay(instance.id).map((one) => render(one, minor)) : [] }
  })
  app.get<{ Params: { id: string; migration: string } }>('/servers/:id/migrations/:migration', async (request) => {
    requireAdmin(request, 'os_compute_api:servers:migrations:show')
    const instance = visibleInstance(store, contextOf(request), request.params.id)
    const { migration } = request.params
    const found = underWay(instance.id).find(({ number, id }) => String(number) === migration || id === migration)
    if (!found) throw notFound(`In-progress live migration ${migration} is not found for server ${instance.id}.`)
    return { migration: render(found, requestedMinor(request.headers)) }
  })
}

const typeOf = ({ kind }: MigrationRecord) => (kind === 'revert' ? 'migration' : kind)

function render(one: MigrationRecord, minor: number): Record<string, unknown> {
  return {
    id: one.number,
    ...(minor >= 59 ? { uuid: one.id } : {}),
    instance_uuid: one.instanceId,
    status: one.status,
    source_compute: one.from,
    source_node: one.from,
    dest_compute: one.to,
    dest_node: one.to,
    dest_host: null,
    old_instance_type_id: Number(one.flavorId) || null,
    new_instance_type_id: Number(one.flavorId) || null,
    ...(minor >= 23 ? { migration_type: typeOf(one) } : {}),
    ...(minor >= 80 ? { project_id: one.projectId, user_id: one.userId } : {}),
    created_at: one.created.replace(/Z$/, '000'),
    updated_at: one.updated.replace(/Z$/, '000'),
  }
}
