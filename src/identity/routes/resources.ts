import type { FastifyInstance } from 'fastify'
import { callerOf } from '../context.js'
import { badRequest, forbidden } from '../faults.js'
import type { Identity } from '../identity.js'
import { isAdmin, requireAdmin, requireMember } from '../policy.js'
import { type Json, RESOURCES, type ResourceName, type ResourceType } from '../resources.js'
import type { Session } from '../sessions.js'
import { links } from './auth.js'

type ById = { Params: { id: string } }
type Query = { Querystring: Record<string, string | undefined> }

/** Kinds whose create, update and delete need nothing special. Users have routes of their own. */
const PLAIN: readonly ResourceName[] = ['domain', 'project', 'group', 'role', 'region', 'service', 'endpoint']

/** GET, POST, PATCH, DELETE of the plain collections. */
export function resourceRoutes(app: FastifyInstance, identity: Identity): void {
  for (const kind of PLAIN) collection(app, identity, kind)
}

function collection(app: FastifyInstance, identity: Identity, kind: ResourceName): void {
  const { singular, plural }: ResourceType = RESOURCES[kind]
  const path = `/v3/${plural}`
  app.get<Query>(path, async (request) => {
    const caller = callerOf(identity, request)
    return { [plural]: visible(identity, kind, caller, request.query), links: links(plural) }
  })
  app.get<ById>(`${path}/:id`, async (request) => {
    requireRead(identity, kind, callerOf(identity, request), request.params.id)
    return { [singular]: identity.resources.get(kind, request.params.id) }
  })
  app.post(path, async (request, reply) => {
    requireAdmin(callerOf(identity, request), `create_${kind}`)
    return reply.code(201).send({ [singular]: identity.resources.create(kind, bodyOf(request.body, singular)) })
  })
  app.patch<ById>(`${path}/:id`, async (request) => {
    requireAdmin(callerOf(identity, request), `update_${kind}`)
    return { [singular]: identity.resources.update(kind, request.params.id, bodyOf(request.body, singular)) }
  })
  app.delete<ById>(`${path}/:id`, async (request, reply) => {
    requireAdmin(callerOf(identity, request), `delete_${kind}`)
    remove(identity, kind, request.params.id)
    return reply.code(204).send()
  })
}

/** Regions are for everybody; of the rest, users see what is theirs. */
function requireRead(identity: Identity, kind: ResourceName, caller: Session, id: string): void {
  if (kind === 'region') return
  if (kind === 'project') requireMember(identity, caller, id, 'get_project')
  else if (kind === 'domain' && caller.user.domain.id === id) return
  else requireAdmin(caller, `get_${kind}`)
}

function visible(identity: Identity, kind: ResourceName, caller: Session, query: Json): Json[] {
  if (kind !== 'region' && !isAdmin(caller)) throw forbidden(`list_${RESOURCES[kind].plural}`)
  return identity.resources.list(kind, query)
}

function remove(identity: Identity, kind: ResourceName, id: string): void {
  if (kind === 'domain' && identity.resources.get(kind, id).enabled) {
    throw forbidden('delete_domain: cannot delete a domain that is enabled, please disable it first')
  }
  identity.database.transaction(() => {
    if (kind === 'project' || kind === 'domain') identity.assignments.revokeTarget(kind, id)
    identity.resources.delete(kind, id)
  })
}

export function bodyOf(body: unknown, singular: string): Json {
  const value = (body as Json | null)?.[singular]
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest(`'${singular}' is a required property`)
  return value as Json
}
