import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Assignment, TargetType } from '../assignments.js'
import { callerOf } from '../context.js'
import { notFound } from '../faults.js'
import type { Identity } from '../identity.js'
import { requireAdmin, requireSelf } from '../policy.js'
import { links } from './auth.js'

interface Grant {
  readonly target: string
  readonly user: string
  readonly role: string
}

/** Roles of users on projects and domains, and the list of all of them. */
export function assignmentRoutes(app: FastifyInstance, identity: Identity): void {
  grantRoutes(app, identity, 'project')
  grantRoutes(app, identity, 'domain')
  app.get<{ Querystring: Record<string, string | undefined> }>('/v3/role_assignments', async (request) => {
    const query = request.query
    requireSelf(callerOf(identity, request), query['user.id'] ?? '', 'list_role_assignments')
    const rows = assignmentRows(identity, query.effective !== undefined).filter((row) => fits(row, query))
    return {
      role_assignments: rows.map((row) => render(identity, row, query.include_names !== undefined)),
      links: links('role_assignments'),
    }
  })
  app.get('/v3/role_inferences', async (request) => {
    requireAdmin(callerOf(identity, request), 'list_role_inference_rules')
    return { role_inferences: inferences(identity), links: links('role_inferences') }
  })
}

function grantRoutes(app: FastifyInstance, identity: Identity, type: TargetType): void {
  const list = `/v3/${type}s/:target/users/:user/roles`
  const one = `${list}/:role`
  app.get<{ Params: Grant }>(list, async (request) => {
    const { target, user } = request.params
    requireSelf(callerOf(identity, request), user, 'list_grants')
    const roles = identity.assignments.direct(user, type, target).map((role) => identity.resources.get('role', role.id))
    return { roles, links: links(`${type}s/${target}/users/${user}/roles`) }
  })
  // also answers HEAD, which is how clients check
  app.get<{ Params: Grant }>(one, async (request, reply) => {
    const { target, user, role } = checked(identity, request, type, 'check_grant')
    if (!identity.assignments.direct(user, type, target).some((held) => held.id === role))
      throw notFound('role assignment', role)
    return reply.code(204).send()
  })
  app.put<{ Params: Grant }>(one, async (request, reply) => {
    const { target, user, role } = checked(identity, request, type, 'create_grant')
    identity.assignments.grant(user, type, target, role)
    return reply.code(204).send()
  })
  app.delete<{ Params: Grant }>(one, async (request, reply) => {
    const { target, user, role } = checked(identity, request, type, 'revoke_grant')
    if (!identity.assignments.revoke(user, type, target, role)) throw notFound('role assignment', role)
    return reply.code(204).send()
  })
}

/** 404 when target, user or role is not there. */
function checked(
  identity: Identity,
  request: FastifyRequest<{ Params: Grant }>,
  type: TargetType,
  action: string,
): Grant {
  requireAdmin(callerOf(identity, request), action)
  const { target, user, role } = request.params
  identity.resources.get(type, target)
  identity.resources.get('user', user)
  identity.resources.get('role', role)
  return request.params
}

function assignmentRows(identity: Identity, effective: boolean): Assignment[] {
  const rows = identity.assignments.all()
  if (!effective) return rows
  const places = new Map(rows.map((row) => [`${row.user_id} ${row.target_type} ${row.target_id}`, row]))
  return [...places.values()].flatMap((place) =>
    identity.assignments
      .effective(place.user_id, place.target_type, place.target_id)
      .map((role) => ({ ...place, role_id: role.id })),
  )
}

function fits(row: Assignment, query: Record<string, string | undefined>): boolean {
  const wanted: [string, string | null][] = [
    ['user.id', row.user_id],
    ['role.id', row.role_id],
    ['scope.project.id', row.target_type === 'project' ? row.target_id : null],
    ['scope.domain.id', row.target_type === 'domain' ? row.target_id : null],
    ['group.id', null],
    ['scope.system', null],
  ]
  return wanted.every(([key, value]) => query[key] === undefined || query[key] === value)
}

function render(identity: Identity, row: Assignment, names: boolean): Record<string, unknown> {
  const ref = (kind: 'user' | 'role' | 'project' | 'domain', id: string): Record<string, unknown> => {
    const found = names ? identity.resources.row(kind, id) : undefined
    if (!found) return { id }
    const domain = kind === 'user' || kind === 'project' ? { domain: ref('domain', String(found.domain_id)) } : {}
    return { id, name: found.name, ...domain }
  }
  return {
    user: ref('user', row.user_id),
    role: ref('role', row.role_id),
    scope: { [row.target_type]: ref(row.target_type, row.target_id) },
    links: { assignment: `/v3/${row.target_type}s/${row.target_id}/users/${row.user_id}/roles/${row.role_id}` },
  }
}

function inferences(identity: Identity): Record<string, unknown>[] {
  const rows = identity.assignments.implications()
  return [...new Set(rows.map((row) => row.prior_id))].map((prior) => ({
    prior_role: identity.resources.get('role', prior),
    implies: rows.filter((row) => row.prior_id === prior).map((row) => identity.resources.get('role', row.implied_id)),
  }))
}
