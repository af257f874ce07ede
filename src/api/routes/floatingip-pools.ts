/** `/floatingip_pools`: the subnets of external networks, from which floating IPs can be taken. */

import { repeatable } from '../openapi/operation.js'
import { allowed, NO_TARGET } from '../policy/rules.js'
import { READER } from '../resources/common.js'
import { parseQuery } from '../wire/query-string.js'
import { arrayOf, objectOf, objectWith, TEXT } from '../wire/schema.js'
import { type Environment, service } from './environment.js'
import type { Routes } from './routes.js'

const ATTRIBUTES = ['subnet_name', 'network_id', 'network_name', 'subnet_id', 'cidr', 'tenant_id', 'project_id']
const POOL = objectOf(Object.fromEntries(ATTRIBUTES.map((name) => [name, TEXT])))
const OPERATION = {
  id: 'list_floatingip_pools',
  summary: 'List where floating IPs can be taken from',
  query: ATTRIBUTES.map((name) => repeatable(name)),
  reply: objectWith({ floatingip_pools: arrayOf(POOL) }),
}
const ALL = { sort: [], limit: null, marker: null, reverse: false }

export function floatingIpPoolRoutes(routes: Routes, env: Environment): void {
  if (!env.resources.has('floatingips')) return
  const rule = env.policy.rule('get_floatingip_pool', READER)
  routes.on(
    'GET',
    '/v2.0/floatingip_pools',
    async (request) => {
      const { ctx } = request
      if (!allowed(rule, ctx, NO_TARGET)) return { floatingip_pools: [] }
      const query = parseQuery(request.url)
      const networks = await service(env, 'networks').list(ctx, { ...ALL, filters: { 'router:external': ['true'] } })
      const names = new Map(networks.map(({ id, name }) => [id, name]))
      const filters = { network_id: [...names.keys()], ip_version: ['4'] }
      // the subnets themselves are their owner's, but not where floating IPs come from
      const anybody = { ...ctx, isAdmin: true }
      const subnets = names.size === 0 ? [] : await service(env, 'subnets').list(anybody, { ...ALL, filters })
      const pools = subnets.map((subnet) => ({
        subnet_name: subnet.name,
        network_id: subnet.network_id,
        network_name: names.get(subnet.network_id as string),
        subnet_id: subnet.id,
        cidr: subnet.cidr,
        tenant_id: subnet.project_id,
        project_id: subnet.project_id,
      }))
      const asked = ATTRIBUTES.filter((name) => query.has(name))
      const passing = pools.filter((pool) =>
        asked.every((name) => query.get(name)!.includes(String((pool as Record<string, unknown>)[name]))),
      )
      return { floatingip_pools: passing }
    },
    OPERATION,
  )
}
