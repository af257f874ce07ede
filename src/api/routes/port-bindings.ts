/** `/ports/{port}/bindings`: named by host and not by an id, so not a collection like the others. */
import type { FastifyRequest } from 'fastify'
import type { Attributes } from '../../core/service.js'
import { badRequest } from '../faults.js'
import { collectionOperations, listParameters } from '../openapi/collection-operations.js'
import { wrapped } from '../openapi/operation.js'
import { refTo } from '../openapi/resource-schemas.js'
import { enforceAction } from '../policy/enforce.js'
import { needsNetwork } from '../policy/rules.js'
import { targets } from '../policy/target.js'
import { SERVICE } from '../resources/common.js'
import { compile } from '../resources/definition.js'
import { portBinding } from '../resources/port-binding.js'
import { parseCreate, parseUpdate } from '../wire/body.js'
import { parseFields, parseList } from '../wire/list-query.js'
import { presenter } from '../wire/present.js'
import { parseQuery } from '../wire/query-string.js'
import { arrayOf, objectWith } from '../wire/schema.js'
import { type Environment, visible } from './environment.js'
import { param, type Routes } from './routes.js'

export const compiledBinding = compile(portBinding)
const compiled = compiledBinding
const ALL = '/v2.0/ports/:port/bindings'
const ONE = `${ALL}/:host`

const ACTIONS = ['get_port_binding', 'create_port_binding', 'update_port_binding', 'delete_port_binding', 'activate']

function authorizer(env: Environment): (request: FastifyRequest, action: string) => Promise<void> {
  const rules = new Map(ACTIONS.map((name) => [name, env.policy.rule(name, SERVICE)]))
  return async (request, action) => {
    const { ctx } = request
    const port = await visible(env, ctx, 'ports', param(request, 'port'))
    const rule = rules.get(action)!
    enforceAction(action, rule, ctx, await targets(env.services, ctx)(port, needsNetwork(rule)))
  }
}

const BINDING = wrapped('binding', refTo('binding'))
const { create, update } = collectionOperations(compiled)
const OPERATIONS = {
  list: {
    id: 'list_bindings',
    summary: 'List where a port is bound',
    query: listParameters(compiled),
    reply: objectWith({ bindings: arrayOf(refTo('binding')) }),
  },
  create: { ...create, summary: 'Bind a port on one more host', reply: BINDING },
  show: {
    id: 'show_binding',
    summary: 'Show how a port is bound on a host',
    query: ['fields' as const],
    reply: BINDING,
  },
  update: { ...update, summary: 'Change how a port is bound on a host', ifMatch: false },
  remove: { id: 'delete_binding', summary: 'Unbind a port from a host' },
  activate: { id: 'activate_binding', summary: 'Have a port on this host from now on', reply: BINDING },
}

export function portBindingRoutes(routes: Routes, env: Environment): void {
  const { portBindings } = env.services
  if (!portBindings) return
  const of = (request: FastifyRequest) => [request.ctx, param(request, 'port'), param(request, 'host')] as const
  /** 404 for a port that the caller may not see, 403 for anybody but services; the rules look at the port. */
  const authorize = authorizer(env)
  const shown = (request: FastifyRequest, binding: Attributes) => ({
    binding: presenter(compiled, request.ctx, parseFields(parseQuery(request.url)))(binding),
  })

  routes.on(
    'GET',
    ALL,
    async (request) => {
      await authorize(request, 'get_port_binding')
      const list = parseList(compiled, parseQuery(request.url), env.paginationMaxLimit)
      const found = await portBindings.list(request.ctx, param(request, 'port'), list)
      return { bindings: found.map(presenter(compiled, request.ctx, list.fields)) }
    },
    OPERATIONS.list,
  )
  routes.on(
    'POST',
    ALL,
    async (request, reply) => {
      await authorize(request, 'create_port_binding')
      const { items, bulk } = parseCreate(request.ctx, compiled, request.body)
      if (bulk) throw badRequest('Bulk operation not supported')
      const made = await portBindings.create(request.ctx, param(request, 'port'), items[0]!)
      return reply.code(201).send(shown(request, made))
    },
    OPERATIONS.create,
  )
  routes.on(
    'GET',
    ONE,
    async (request) => {
      await authorize(request, 'get_port_binding')
      return shown(request, await portBindings.get(...of(request)))
    },
    OPERATIONS.show,
  )
  routes.on(
    'PUT',
    ONE,
    async (request) => {
      await authorize(request, 'update_port_binding')
      const changes = parseUpdate(request.ctx, compiled, request.body)
      return shown(request, await portBindings.update(...of(request), changes))
    },
    OPERATIONS.update,
  )
  routes.on(
    'DELETE',
    ONE,
    async (request, reply) => {
      await authorize(request, 'delete_port_binding')
      await portBindings.delete(...of(request))
      return reply.code(204).send()
    },
    OPERATIONS.remove,
  )
  routes.on(
    'PUT',
    `${ONE}/activate`,
    async (request) => {
      await authorize(request, 'activate')
      return shown(request, await portBindings.activate(...of(request)))
    },
    OPERATIONS.activate,
  )
}
