/** How routers can be realised; clients of flavors and load balancers look here first. */

import { allowed, NO_TARGET } from '../policy/rules.js'
import { READER } from '../resources/common.js'
import { arrayOf, objectOf, objectWith, TEXT } from '../wire/schema.js'
import type { Environment } from './environment.js'
import type { Routes } from './routes.js'

const PROVIDER = objectOf({ service_type: TEXT, name: TEXT, default: { type: 'boolean' } })

const PROVIDERS = ['dvr', 'single_node'].map((name) => ({ service_type: 'L3_ROUTER_NAT', name, default: false }))

export function serviceProviderRoutes(routes: Routes, env: Environment): void {
  if (!env.resources.has('routers')) return
  const rule = env.policy.rule('get_service_provider', READER)
  routes.on(
    'GET',
    '/v2.0/service-providers',
    async ({ ctx }) => ({ service_providers: allowed(rule, ctx, NO_TARGET) ? PROVIDERS : [] }),
    {
      id: 'list_service_providers',
      summary: 'List how routers can be realised',
      reply: objectWith({ service_providers: arrayOf(PROVIDER) }),
    },
  )
}
