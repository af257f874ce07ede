import { floatingIps } from '../../store/floating-ips.js'
import { routers } from '../../store/routers.js'
import { autoAllocationService } from '../auto-allocated/service.js'
import { conntrackHelperService } from '../conntrack-helper/service.js'
import type { Core } from '../core.js'
import { flavorProfileService, flavorService, serviceProfileService } from '../flavors/service.js'
import { registerNdpProxies } from '../ndp-proxy/register.js'
import type { CorePart } from '../part.js'
import { registerPortForwardings } from '../port-forwarding/register.js'
import { floatingIpService } from './floating-ip-service.js'
import { followHooks } from './follow.js'
import { routerActions } from './router-actions.js'
import { routerScheduling } from './router-scheduling.js'
import { routerService } from './router-service.js'

/** The service plug-in `router`: routers, legacy and distributed, and floating IPs. */
export function registerL3(core: Core): CorePart {
  followHooks(core)
  core.quotaResources.set('router', { name: 'router', used: (db, projectId) => routers.count(db, { projectId }) })
  core.quotaResources.set('floatingip', {
    name: 'floatingip',
    used: (db, projectId) => floatingIps.count(db, { projectId }),
  })
  return {
    collections: {
      routers: routerService(core),
      floatingips: floatingIpService(core),
      port_forwardings: registerPortForwardings(core),
      conntrack_helpers: conntrackHelperService(core),
      ndp_proxies: registerNdpProxies(core),
      flavors: flavorService(core),
      service_profiles: serviceProfileService(core),
    },
    flavorProfiles: flavorProfileService(core),
    actions: { routers: routerActions(core) },
    scheduling: routerScheduling(core),
    autoAllocation: autoAllocationService(core),
  }
}
