import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ActorType, Assignment, TargetType } from '../assignments.js'
import { callerOf } from '../context.js'
import { notFound } from '../faults.js'
import type { Identity } from '../identity.js'
import { requireAdmin, requireSelf } from '../policy.js'
import { links } from './auth.js'

interface Grant {
  readonly target: string
  readonly actor: string
  readonly role: string
}

interface Place {
  readonly target: TargetType
  readonly actor: ActorType
}

type Query = Readonly<Record<string, string | undefined>>

/** Roles of users and groups on projects and domains, and the list of all of them. */
export function assignmentRoutes(app: FastifyInstance, identity: Identity): void {
  for (const target of ['project', 'domain'] as const) {
    for (const actor of ['user', 'group'] as const) grantRoutes(app, identity, { target, actor })
  }
  app.get<{ Querystring: Query }>('/v3/role_assignments', async (request) => {
    const query = request.query
    requireSelf(callerOf(identity, request), query['user.id'] ?? '', 'list_role_assignments')
    const effective = query.effective !== undefined
    const rows = (effective ? effectiveRows(identity) : identity.assignments.all()).filter((row) => fits(row, query))
    return {
      role_assignments: rows.map((row) => render(identity, row, query.include_names !== undefined)),
      links: links('role_assignments'),
    }
  })
}

function grantRoutes(app: FastifyInstance, identity: Identity, place: Place): void {
  const { assignments } = identity
  const list = `/v3/${place.target}s/:target/${place.actor}s/:actor/roles`
  const one = `${list}/:role`
  app.get<{ Params: Grant }>(list, async (request) => {
    const { target, actor } = request.params
    requireSelf(callerOf(identity, request), place.actor === 'user' ? actor : '', 'list_grants')
    const held = assignments.direct(place.actor, actor, place.target, target)
    return {
      roles: held.map((role) => identity.resources.get('role', role.id)),
      links: links(`${place.target}s/${target}/${place.actor}s/${actor}/roles`),
    }
  })
  // also answers HEAD, which is how clients check
  app.get<{ Params: Grant }>(one, async (request, reply) => {
    const { target, actor, role } = checked(identity, request, place, 'check_grant')
    if (!assignments.direct(place.actor, actor, place.target, target).some((held) => held.id === role))
      throw notFound('role assignment', role)
    return reply.code(204).send()
  })
  app.put<{ Params: Grant }>(one, async (request, reply) => {
    const { target, actor, role } = checked(identity, request, place, 'create_grant')
    assignments.grant(place.actor, actor, place.target, target, role)
    return reply.code(204).send()
  })
  app.delete<{ Params: Grant }>(one, async (request, reply) => {
    const { target, actor, role } = checked(identity, request, place, 'revoke_grant')
    if (!assignments.revoke(place.actor, actor, place.target, target, role)) throw notFound('role assignment', role)
    return reply.code(204).send()
  })
}

/** 404 when target, user (or group) or role is not there. */
function checked(identity: Identity, request: FastifyRequest<{ Params: Grant }>, place: Place, action: string): Grant {
  requireAdmin(callerOf(identity, request), action)
  const { target, actor, role } = request.params
  identity.resources.get(place.target, target)
  identity.resources.get(place.actor, actor)
  identity.resources.get('role', role)
  return request.params
}

/** What users really have: groups are resolved into their members, roles into those they imply. */
function effectiveRows(identity: Identity): Assignment[] {
  return identity.resources.list('user').flatMap(({ id }) =>
    (['project', 'domain'] as const).flatMap((type) =>
      identity.assignments.targets(id, type).flatMap((target) =>
        identity.assignments.effective(id, type, target).map(
          (role): Assignment => ({
            actor_type: 'user',
            actor_id: id,
            target_type: type,
            target_id: target,
            role_id: role.id,
          }),
        ),
      ),
    ),
  )
}

function fits(row: Assignment, query: Query): boolean {
  const wanted: [string, string | null][] = [
    ['user.id', row.actor_type === 'user' ? row.actor_id : null],
    ['group.id', row.actor_type === 'group' ? row.actor_id : null],
    ['role.id', row.role_id],
    ['scope.project.id', row.target_type === 'project' ? row.target_id : null],
    ['scope.domain.id', row.target_type === 'domain' ? row.target_id : null],
    ['scope.system', null],
  ]
  return wanted.every(([key, value]) => query[key] === undefined || query[key] === value)
}

function render(identity: Identity, row: Assignment, names: boolean): Record<string, unknown> {
  const ref = (kind: ActorType | TargetType | 'role', id: string): Record<string, unknown> => {
    const found = names ? identity.resources.row(kind, id) : undefined
    if (!found) return { id }
    const domain = kind === 'role' || kind === 'domain' ? {} : { domain: ref('domain', String(found.domain_id)) }
    return { id, name: found.name, ...domain }
  }
  const { actor_type: actor, actor_id, target_type: target, target_id, role_id } = row
  return {
    [actor]: ref(actor, actor_id),
    role: ref('role', role_id),
    scope: { [target]: ref(target, target_id) },
    links: { assignment: `/v3/${target}s/${target_id}/${actor}s/${actor_id}/roles/${role_id}` },
  }
}
