import type { FastifyInstance } from 'fastify'
import { callerOf } from '../context.js'
import { notFound } from '../faults.js'
import type { Identity } from '../identity.js'
import { requireAdmin } from '../policy.js'
import { links } from './auth.js'

interface Rule {
  readonly prior: string
  readonly implied: string
}

/** Which roles imply which others. */
export function impliedRoleRoutes(app: FastifyInstance, identity: Identity): void {
  const { assignments, resources } = identity
  const list = '/v3/roles/:prior/implies'
  const one = `${list}/:implied`
  app.get('/v3/role_inferences', async (request) => {
    requireAdmin(callerOf(identity, request), 'list_role_inference_rules')
    const priors = [...new Set(assignments.implications().map(({ prior_id }) => prior_id))]
    return { role_inferences: priors.map((prior) => inference(identity, prior)), links: links('role_inferences') }
  })
  app.get<{ Params: Rule }>(list, async (request) => {
    requireAdmin(callerOf(identity, request), 'list_implied_roles')
    const { prior } = request.params
    resources.get('role', prior)
    return { role_inference: inference(identity, prior), links: links(`roles/${prior}/implies`) }
  })
  app.get<{ Params: Rule }>(one, async (request) => {
    requireAdmin(callerOf(identity, request), 'get_implied_role')
    const { prior, implied } = request.params
    if (!assignments.implications().some((rule) => rule.prior_id === prior && rule.implied_id === implied))
      throw notFound('implied role', implied)
    return inferenceOf(identity, request.params)
  })
  app.put<{ Params: Rule }>(one, async (request, reply) => {
    requireAdmin(callerOf(identity, request), 'create_implied_role')
    const answer = inferenceOf(identity, request.params)
    assignments.imply(request.params.prior, request.params.implied)
    return reply.code(201).send(answer)
  })
  app.delete<{ Params: Rule }>(one, async (request, reply) => {
    requireAdmin(callerOf(identity, request), 'delete_implied_role')
    const { prior, implied } = request.params
    if (!assignments.implyNoMore(prior, implied)) throw notFound('implied role', implied)
    return reply.code(204).send()
  })
}

function inference({ assignments, resources }: Identity, prior: string): Record<string, unknown> {
  const implied = assignments.implications().filter(({ prior_id }) => prior_id === prior)
  return {
    prior_role: resources.get('role', prior),
    implies: implied.map(({ implied_id }) => resources.get('role', implied_id)),
  }
}

function inferenceOf({ resources }: Identity, { prior, implied }: Rule): Record<string, unknown> {
  return { role_inference: { prior_role: resources.get('role', prior), implies: resources.get('role', implied) } }
}
