/** How routers can be realised; clients of flavors and load balancers look here first. */

import { arrayOf, objectOf, objectWith, TEXT } from '../wire/schema.js'
import type { Environment } from './environment.js'
import type { Routes } from './routes.js'

const PROVIDER = objectOf({ service_type: TEXT, name: TEXT, default: { type: 'boolean' } })

const PROVIDERS = ['dvr', 'single_node'].map((name) => ({ service_type: 'L3_ROUTER_NAT', name, default: false }))

export function serviceProviderRoutes(routes: Routes, env: Environment): void {
  if (!env.resources.has('routers')) return
  routes.on('GET', '/v2.0/service-providers', async () => ({ service_providers: PROVIDERS }), {
    id: 'list_service_providers',
    summary: 'List how routers can be realised',
    reply: objectWith({ service_providers: arrayOf(PROVIDER) }),
  })
}
