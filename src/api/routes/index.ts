import { actionRoutes } from './actions.js'
import { autoAllocatedTopologyRoutes } from './auto-allocated-topology.js'
import { collectionRoutes } from './collection.js'
import { discoveryRoutes } from './discovery.js'
import type { Environment } from './environment.js'
import { flavorProfileRoutes } from './flavor-profiles.js'
import { floatingIpPoolRoutes } from './floatingip-pools.js'
import { openApiRoute } from './openapi.js'
import { portBindingRoutes } from './port-bindings.js'
import { qosRuleTypeRoutes } from './qos-rule-types.js'
import { quotaRoutes } from './quotas.js'
import { revisionRoutes } from './revision.js'
import { Routes } from './routes.js'
import { schedulerRoutes } from './schedulers.js'
import { serviceProviderRoutes } from './service-providers.js'
import { tagRoutes } from './tags.js'

/** Every path of the API. */
export function allRoutes(env: Environment): Routes {
  const routes = new Routes()
  discoveryRoutes(routes, env)
  for (const compiled of env.resources.values()) {
    collectionRoutes(routes, env, compiled)
    actionRoutes(routes, env, compiled)
    tagRoutes(routes, env, compiled)
  }
  schedulerRoutes(routes, env)
  quotaRoutes(routes, env)
  serviceProviderRoutes(routes, env)
  autoAllocatedTopologyRoutes(routes, env)
  portBindingRoutes(routes, env)
  qosRuleTypeRoutes(routes, env)
  floatingIpPoolRoutes(routes, env)
  flavorProfileRoutes(routes, env)
  revisionRoutes(routes, env)
  openApiRoute(routes, env)
  return routes
}
