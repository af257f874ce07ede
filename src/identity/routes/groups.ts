import type { FastifyInstance, FastifyRequest } from 'fastify'
import { callerOf } from '../context.js'
import { notFound } from '../faults.js'
import type { Identity } from '../identity.js'
import { requireAdmin, requireSelf } from '../policy.js'
import { links } from './auth.js'

interface Member {
  readonly group: string
  readonly user: string
}

/** Who is in which group. Groups themselves are a plain collection. */
export function groupRoutes(app: FastifyInstance, identity: Identity): void {
  const { database, resources } = identity
  const one = '/v3/groups/:group/users/:user'
  const isMember = ({ group, user }: Member) =>
    database.get('SELECT 1 AS yes FROM membership WHERE group_id = ? AND user_id = ?', group, user) !== undefined
  app.get<{ Params: Member }>('/v3/groups/:group/users', async (request) => {
    requireAdmin(callerOf(identity, request), 'list_users_in_group')
    const { group } = request.params
    resources.get('group', group)
    const ids = database.all<{ id: string }>('SELECT user_id AS id FROM membership WHERE group_id = ?', group)
    return { users: ids.map(({ id }) => resources.get('user', id)), links: links(`groups/${group}/users`) }
  })
  app.get<{ Params: { user: string } }>('/v3/users/:user/groups', async (request) => {
    const { user } = request.params
    requireSelf(callerOf(identity, request), user, 'list_groups_for_user')
    const ids = database.all<{ id: string }>('SELECT group_id AS id FROM membership WHERE user_id = ?', user)
    return { groups: ids.map(({ id }) => resources.get('group', id)), links: links(`users/${user}/groups`) }
  })
  app.get<{ Params: Member }>(one, async (request, reply) => {
    const member = checked(identity, request, 'check_user_in_group')
    if (!isMember(member)) throw notFound('user in group', member.user)
    return reply.code(204).send()
  })
  app.put<{ Params: Member }>(one, async (request, reply) => {
    const { group, user } = checked(identity, request, 'add_user_to_group')
    database.run('INSERT OR IGNORE INTO membership (user_id, group_id) VALUES (?, ?)', user, group)
    return reply.code(204).send()
  })
  app.delete<{ Params: Member }>(one, async (request, reply) => {
    const member = checked(identity, request, 'remove_user_from_group')
    if (!isMember(member)) throw notFound('user in group', member.user)
    database.run('DELETE FROM membership WHERE group_id = ? AND user_id = ?', member.group, member.user)
    return reply.code(204).send()
  })
}

function checked(identity: Identity, request: FastifyRequest<{ Params: Member }>, action: string): Member {
  requireAdmin(callerOf(identity, request), action)
  identity.resources.get('group', request.params.group)
  identity.resources.get('user', request.params.user)
  return request.params
}
