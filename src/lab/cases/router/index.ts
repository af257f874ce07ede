import type { Case } from '../case.js'
import { routerConversion } from './conversion.js'
import { enableSnatFalse } from './enable-snat-false.js'
import { extraRoutes } from './extra-routes.js'
import { gatewayChange } from './gateway-change.js'
import { interfaceByPort } from './interface-by-port.js'
import { legacyRouter } from './legacy.js'
import { overlappingAddresses } from './overlapping-addresses.js'
import { projectNetworkTypes } from './project-network-types.js'
import { routerScheduling } from './scheduling.js'
import { segmentAllocation } from './segment-allocation.js'
import { severalSubnets } from './several-subnets.js'
import { sharedNetwork } from './shared-network.js'
import { routerWithoutGateway } from './without-gateway.js'

/** Routers, their ways outside, and the networks between which they route. */
export const ROUTER_CASES: readonly Case[] = [
  routerConversion,
  legacyRouter,
  projectNetworkTypes,
  segmentAllocation,
  severalSubnets,
  interfaceByPort,
  sharedNetwork,
  overlappingAddresses,
  routerScheduling,
  routerWithoutGateway,
  gatewayChange,
  enableSnatFalse,
  extraRoutes,
]
