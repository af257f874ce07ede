import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { addressesOf, readNetworkInfo } from '../core/addresses.js'
import { badRequest, forbidden, NovaFault } from '../core/faults.js'
import { findFlavor } from '../core/flavors.js'
import { apiStatus, hostnameOf, type Instance } from '../core/instance.js'
import { resolveGroups, resolveInterfaces } from '../core/networks.js'
import { countOf, requireRoom, usedBy } from '../core/quotas.js'
import { noteAction } from './actions.js'
import { type Context, contextOf, visibleInstance } from './context.js'
import { requestedMinor } from './microversion.js'
import { parseServerRequest, type ServerRequest } from './server-request.js'
import { links, serverDetail, serverSummary } from './server-view.js'
import type { NovaServices } from './services.js'

type ById = { Params: { id: string } }
type Query = { Querystring: Record<string, string | undefined> }

export const baseOf = (request: FastifyRequest) => `${request.protocol}://${request.host}`

/** /servers: boot, list, show, rename, delete. */
export function serverRoutes(app: FastifyInstance, services: NovaServices): void {
  const { store, instances, neutron } = services

  app.get<Query>('/servers', async (request) => {
    const found = selectInstances(store.instances(), contextOf(request), request.query)
    return { servers: found.map((instance) => serverSummary(instance, baseOf(request))) }
  })
  app.get<Query>('/servers/detail', async (request) => {
    const found = selectInstances(store.instances(), contextOf(request), request.query)
    return { servers: await details(services, request, found) }
  })
  app.get<ById>('/servers/:id', async (request) => {
    const instance = visibleInstance(store, contextOf(request), request.params.id)
    return { server: (await details(services, request, [instance]))[0] }
  })
  app.get<ById>('/servers/:id/ips', async (request) => {
    const instance = visibleInstance(store, contextOf(request), request.params.id)
    return { addresses: addressesOf(instance, await readNetworkInfo(neutron, [instance], { groups: false })) }
  })
  app.post('/servers', async (request, reply) => {
    const wanted = parseServerRequest(request.body, requestedMinor(request.headers))
    const made = await bootServers(services, contextOf(request), wanted)
    for (const instance of made) noteAction(services, request, instance, 'create')
    const { id } = made[0]!
    const location = links(baseOf(request), `servers/${id}`)
    const groups = wanted.securityGroups.length > 0 ? wanted.securityGroups : ['default']
    const security_groups = groups.map((name) => ({ name }))
    const server = {
      id,
      links: location,
      'OS-DCF:diskConfig': 'MANUAL',
      security_groups,
      adminPass: randomUUID().slice(0, 12),
    }
    return reply.code(202).header('location', location[0]!.href).send({ server })
  })
  app.put<ById>('/servers/:id', async (request) => {
    const instance = visibleInstance(store, contextOf(request), request.params.id)
    const { name, description } =
      (request.body as { server?: { name?: unknown; description?: unknown } } | null)?.server ?? {}
    if (name !== undefined && (typeof name !== 'string' || name.trim() === ''))
      throw badRequest('Invalid input for field/attribute name.')
    const changed = store.change(instance.id, {
      ...(typeof name === 'string' ? { name: name.trim() } : {}),
      ...(typeof description === 'string' ? { description } : {}),
    })
    return { server: (await details(services, request, [changed ?? instance]))[0] }
  })
  app.delete<ById>('/servers/:id', async (request, reply) => {
    const instance = visibleInstance(store, contextOf(request), request.params.id)
    noteAction(services, request, instance, 'delete')
    instances.delete(instance)
    return reply.code(204).send()
  })
  app.get<ById>('/servers/:id/metadata', async (request) => ({
    metadata: visibleInstance(store, contextOf(request), request.params.id).metadata,
  }))
  app.post<ById>('/servers/:id/metadata', async (request) => {
    const instance = visibleInstance(store, contextOf(request), request.params.id)
    const added = (request.body as { metadata?: Record<string, unknown> } | null)?.metadata ?? {}
    if (Object.values(added).some((value) => typeof value !== 'string'))
      throw badRequest('Invalid input for field/attribute metadata.')
    return {
      metadata: store.change(instance.id, { metadata: { ...instance.metadata, ...(added as Record<string, string>) } })
        ?.metadata,
    }
  })
  app.get<ById>('/servers/:id/os-volume_attachments', async (request) => {
    visibleInstance(store, contextOf(request), request.params.id)
    return { volumeAttachments: [] }
  })
}

async function details(
  services: NovaServices,
  request: FastifyRequest,
  instances: readonly Instance[],
): Promise<Record<string, unknown>[]> {
  const info = await readNetworkInfo(services.neutron, instances, { groups: true })
  const { isAdmin } = contextOf(request)
  const view = { base: baseOf(request), minor: requestedMinor(request.headers), isAdmin }
  return instances.map((instance) =>
    serverDetail(instance, info, { ...view, hostUp: instance.host !== null && services.hosts.isUp(instance.host) }),
  )
}

/** The caller's instances that fit a listing's filters, in pages. */
export function selectInstances(
  all: readonly Instance[],
  context: Context,
  query: Record<string, string | undefined>,
): Instance[] {
  const everybody =
    context.isAdmin && query.all_tenants !== undefined && !['0', 'false', 'False'].includes(query.all_tenants)
  const project = context.isAdmin ? (query.project_id ?? query.tenant_id) : undefined
  if (query.deleted && !['0', 'false', 'False'].includes(query.deleted)) return []
  const tests: ((instance: Instance) => boolean)[] = [
    (instance) =>
      everybody ? project === undefined || instance.projectId === project : instance.projectId === context.projectId,
  ]
  if (query.name) tests.push(nameTest(query.name))
  if (query.status) tests.push((instance) => apiStatus(instance) === query.status!.toUpperCase())
  if (query.host && context.isAdmin) tests.push((instance) => instance.host === query.host)
  if (query.flavor) tests.push((instance) => instance.flavorId === query.flavor)
  if (query.image) tests.push((instance) => instance.imageId === query.image)
  if (query.uuid) tests.push((instance) => instance.id === query.uuid)
  const found = all.filter((instance) => tests.every((fits) => fits(instance)))
  const start = query.marker ? found.findIndex((instance) => instance.id === query.marker) + 1 : 0
  if (query.marker && start === 0) throw badRequest(`marker [${query.marker}] not found`)
  return found.slice(start, query.limit === undefined ? undefined : start + Number(query.limit))
}

/** Names are filtered by regular expression; one that is none is taken literally. */
function nameTest(pattern: string): (instance: Instance) => boolean {
  // patterns come from clients: only short ones without nested repetition are run as expressions
  const simple = pattern.length <= 255 && !/[+*}]\)?[+*{]/.test(pattern)
  try {
    if (!simple) return (instance) => instance.name.includes(pattern)
    const expression = new RegExp(pattern)
    return (instance) => expression.test(instance.name)
  } catch {
    return (instance) => instance.name.includes(pattern)
  }
}

async function bootServers(services: NovaServices, context: Context, wanted: ServerRequest): Promise<Instance[]> {
  if (wanted.forcedHost && !context.isAdmin) throw forbidden('os_compute_api:servers:create:forced_host')
  if (!services.images.some((image) => image.id === wanted.imageRef))
    throw badRequest(`Image ${wanted.imageRef} could not be found.`)
  if (!findFlavor(wanted.flavorRef)) throw badRequest(`Flavor ${wanted.flavorRef} could not be found.`)
  if (wanted.zone && wanted.zone !== services.defaultZone)
    throw badRequest('The requested availability zone is not available')
  if (wanted.keyName && !services.store.keypairs(context.userId).some((pair) => pair.name === wanted.keyName))
    throw badRequest('Invalid key_name provided.')
  const user = services.neutron.as(context.token)
  const [requested, securityGroups] = await Promise.all([
    resolveInterfaces(user, context.projectId, wanted.networks),
    resolveGroups(user, context.projectId, wanted.securityGroups),
  ])
  if (wanted.count > 1 && requested.some((one) => one.portId || one.fixedIp))
    throw badRequest('A port or a fixed IP cannot be used for several instances.')
  requireRoomFor(services, context, wanted)
  return Array.from({ length: wanted.count }, (_, index) => {
    const name = wanted.count === 1 ? wanted.name : `${wanted.name}-${index + 1}`
    const instance = newInstance(services, context, { ...wanted, name }, { requested, securityGroups })
    services.instances.boot(instance)
    return instance
  })
}

/** Throws when the project may not have so much. */
function requireRoomFor(
  { store }: NovaServices,
  { projectId }: Context,
  { count, flavorRef, metadata }: ServerRequest,
): void {
  const limits = store.quotas.of(projectId)
  requireRoom(limits, usedBy(store.instances(), projectId), countOf(Array.from({ length: count }, () => flavorRef)))
  if (limits.metadata_items >= 0 && Object.keys(metadata).length > limits.metadata_items)
    throw new NovaFault(403, `Maximum number of metadata items exceeds ${limits.metadata_items}`)
}

function newInstance(
  services: NovaServices,
  context: Context,
  wanted: ServerRequest,
  network: Pick<Instance, 'requested' | 'securityGroups'>,
): Instance {
  const id = randomUUID()
  const now = new Date().toISOString()
  const { name, metadata, userData, keyName, description, forcedHost } = wanted
  return {
    ...network,
    ...{ id, name, metadata, userData, keyName, description, forcedHost },
    projectId: context.projectId,
    userId: context.userId,
    hostname: hostnameOf(wanted.hostname ?? name, id),
    flavorId: wanted.flavorRef,
    imageId: wanted.imageRef,
    zone: services.defaultZone,
    host: null,
    ports: [],
    vmState: 'building',
    taskState: 'scheduling',
    power: 'running',
    generation: 0,
    migration: null,
    fault: null,
    created: now,
    updated: now,
    launched: null,
  }
}
