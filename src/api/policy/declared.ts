import type { CoreServices } from '../../core/service.js'
import { compileResources } from '../resources/index.js'
import { allRoutes } from '../routes/index.js'
import { Policy } from './policy.js'

/** Every rule that the API asks for these services, as it is declared. */
export function declaredPolicy(services: CoreServices): Policy {
  const policy = new Policy()
  const resources = compileResources(services, policy)
  const revisions = { current: () => 0, standing: async () => ({ applied: [], told: 0, touched: {} }) }
  allRoutes({ services, resources, paginationMaxLimit: null, revisions, policy })
  return policy
}
