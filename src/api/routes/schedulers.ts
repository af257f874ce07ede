/** Which agent serves which router or network: admin only. */
import type { Resource as CloudResource, RequestContext, SchedulerService } from '../../core/service.js'
import { badRequest } from '../faults.js'
import type { Operation } from '../openapi/operation.js'
import { refTo } from '../openapi/resource-schemas.js'
import { guard } from '../policy/enforce.js'
import { ADMIN } from '../resources/common.js'
import { isDict, uuid } from '../wire/checks.js'
import { parseFields } from '../wire/list-query.js'
import { presenter } from '../wire/present.js'
import { parseQuery } from '../wire/query-string.js'
import { arrayOf, NULL, objectWith } from '../wire/schema.js'
import type { Environment } from './environment.js'
import { type Handler, param, type Routes } from './routes.js'

type List = (ctx: RequestContext, id: string) => Promise<CloudResource[]>
type Link = (ctx: RequestContext, agentId: string, id: string) => Promise<void>

interface Kind {
  /** collection that agents serve, its path under an agent and the agents' path under one of its objects */
  readonly plural: string
  readonly key: string
  readonly underAgent: string
  readonly underObject: string
  readonly onAgent: List
  readonly agentsOf: List
  readonly add: Link
  readonly remove: Link
}

export function schedulerRoutes(routes: Routes, env: Environment): void {
  if (!env.resources.has('agents')) return
  for (const kind of kinds(env.services.schedulers)) {
    if (env.resources.has(kind.plural)) kindRoutes(routes, env, kind)
  }
}

function kinds(schedulers: SchedulerService): Kind[] {
  return [
    {
      plural: 'routers',
      key: 'router_id',
      underAgent: 'l3-routers',
      underObject: 'l3-agents',
      onAgent: (ctx, id) => schedulers.routersOnAgent(ctx, id),
      agentsOf: (ctx, id) => schedulers.agentsOfRouter(ctx, id),
      add: (ctx, agent, id) => schedulers.addRouterToAgent(ctx, agent, id),
      remove: (ctx, agent, id) => schedulers.removeRouterFromAgent(ctx, agent, id),
    },
    {
      plural: 'networks',
      key: 'network_id',
      underAgent: 'dhcp-networks',
      underObject: 'dhcp-agents',
      onAgent: (ctx, id) => schedulers.networksOnAgent(ctx, id),
      agentsOf: (ctx, id) => schedulers.agentsOfNetwork(ctx, id),
      add: (ctx, agent, id) => schedulers.addNetworkToAgent(ctx, agent, id),
      remove: (ctx, agent, id) => schedulers.removeNetworkFromAgent(ctx, agent, id),
    },
  ]
}

function kindRoutes(routes: Routes, env: Environment, kind: Kind): void {
  const ofAgent = `/v2.0/agents/:id/${kind.underAgent}`
  const singular = kind.underAgent.slice(0, -1)
  const named = singular.replace('-', ' ')
  const mayAdd = guard(env.policy, `create_${singular}`, ADMIN)
  const mayRemove = guard(env.policy, `delete_${singular}`, ADMIN)
  routes.on(
    'GET',
    ofAgent,
    listHandler(env, kind.plural, `get_${kind.underAgent}`, kind.onAgent),
    listOperation(env, kind.plural),
  )
  routes.on(
    'GET',
    `/v2.0/${kind.plural}/:id/${kind.underObject}`,
    listHandler(env, 'agents', `get_${kind.underObject}`, kind.agentsOf),
    listOperation(env, 'agents'),
  )
  routes.on(
    'POST',
    ofAgent,
    async (request, reply) => {
      mayAdd(request.ctx)
      await kind.add(request.ctx, param(request, 'id'), bodyId(request.body, kind.key))
      return reply.code(201).type('application/json').send('null')
    },
    { summary: `Give the agent a ${named}`, body: objectWith({ [kind.key]: uuid.schema! }), reply: NULL },
  )
  routes.on(
    'DELETE',
    `${ofAgent}/:object`,
    async (request, reply) => {
      mayRemove(request.ctx)
      await kind.remove(request.ctx, param(request, 'id'), param(request, 'object'))
      return reply.code(204).send()
    },
    { summary: `Take a ${named} from the agent` },
  )
}

function listOperation(env: Environment, plural: string): Operation {
  const { name } = env.resources.get(plural)!.resource
  return {
    summary: plural === 'agents' ? 'List the agents that serve it' : `List the ${plural} that the agent serves`,
    query: ['fields'],
    reply: objectWith({ [plural]: arrayOf(refTo(name)) }),
  }
}

function listHandler(env: Environment, plural: string, rule: string, list: List): Handler {
  const compiled = env.resources.get(plural)!
  const mayLook = guard(env.policy, rule, ADMIN)
  return async (request) => {
    mayLook(request.ctx)
    const fields = parseFields(parseQuery(request.url))
    const objects = await list(request.ctx, param(request, 'id'))
    return { [plural]: objects.map(presenter(compiled, request.ctx, fields)) }
  }
}

function bodyId(body: unknown, key: string): string {
  if (!isDict(body) || body[key] === undefined) throw badRequest(`Unable to find '${key}' in request body`)
  const reason = uuid(body[key])
  if (reason !== null) throw badRequest(`Invalid input for ${key}. Reason: ${reason}.`)
  return String(body[key])
}
