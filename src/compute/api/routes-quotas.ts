import type { FastifyInstance } from 'fastify'
import { findFlavor } from '../core/flavors.js'
import type { Instance } from '../core/instance.js'
import { contextOf, requireAdmin } from './context.js'
import type { NovaServices } from './services.js'

type ById = { Params: { id: string } }

/** No limit is enforced here, and -1 is Nova's word for that. */
const UNLIMITED = -1
const RESOURCES = [
  'instances',
  'cores',
  'ram',
  'key_pairs',
  'metadata_items',
  'server_groups',
  'server_group_members',
  'injected_files',
  'injected_file_content_bytes',
  'injected_file_path_bytes',
] as const

/** There are no server groups. */
const limitOf = (resource: (typeof RESOURCES)[number]) => (resource.startsWith('server_group') ? 0 : UNLIMITED)

/** os-quota-sets, read only: what a project may use, and (detail) what it does use. */
export function quotaRoutes(app: FastifyInstance, { store }: NovaServices): void {
  const limits = (id: string) => ({
    quota_set: { id, ...Object.fromEntries(RESOURCES.map((resource) => [resource, limitOf(resource)])) },
  })
  const own = (request: Parameters<typeof contextOf>[0], id: string) => {
    if (contextOf(request).projectId !== id) requireAdmin(request, 'os_compute_api:os-quota-sets:show')
  }
  app.get<ById>('/os-quota-sets/:id', async (request) => {
    own(request, request.params.id)
    return limits(request.params.id)
  })
  app.get<ById>('/os-quota-sets/:id/defaults', async (request) => limits(request.params.id))
  app.get<ById>('/os-quota-sets/:id/detail', async (request) => {
    const { id } = request.params
    own(request, id)
    const used = usage(store.instances().filter((instance) => instance.projectId === id))
    const shown = RESOURCES.map((resource) => [
      resource,
      { limit: limitOf(resource), in_use: used[resource] ?? 0, reserved: 0 },
    ])
    return { quota_set: { id, ...Object.fromEntries(shown) } }
  })
}

function usage(instances: readonly Instance[]): Partial<Record<(typeof RESOURCES)[number], number>> {
  const flavors = instances.map((instance) => findFlavor(instance.flavorId))
  return {
    instances: instances.length,
    cores: flavors.reduce((sum, flavor) => sum + (flavor?.vcpus ?? 0), 0),
    ram: flavors.reduce((sum, flavor) => sum + (flavor?.ram ?? 0), 0),
  }
}
