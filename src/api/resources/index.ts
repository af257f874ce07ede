import type { CoreServices } from '../../core/service.js'
import { Policy } from '../policy/policy.js'
import { addressGroup } from './address-group.js'
import { addressScope } from './address-scope.js'
import { agent } from './agent.js'
import { availabilityZone } from './availability-zone.js'
import { conntrackHelper } from './conntrack-helper.js'
import { type Compiled, compile, type Resource } from './definition.js'
import { flavor, serviceProfile } from './flavor.js'
import { floatingip } from './floatingip.js'
import { localIp, localIpAssociation } from './local-ip.js'
import { log, loggableResource } from './log.js'
import { meteringLabel, meteringLabelRule } from './metering.js'
import { ndpProxy } from './ndp-proxy.js'
import { network } from './network.js'
import { networkIpAvailability } from './network-ip-availability.js'
import { port } from './port.js'
import { portForwarding } from './port-forwarding.js'
import {
  bandwidthLimitAlias,
  bandwidthLimitRule,
  dscpMarkingAlias,
  dscpMarkingRule,
  minimumBandwidthAlias,
  minimumBandwidthRule,
  minimumPacketRateAlias,
  minimumPacketRateRule,
  packetRateLimitAlias,
  packetRateLimitRule,
  qosPolicy,
} from './qos.js'
import { rbacPolicy } from './rbac-policy.js'
import { router } from './router.js'
import { securityGroup } from './security-group.js'
import { securityGroupRule } from './security-group-rule.js'
import { segment } from './segment.js'
import { segmentRange } from './segment-range.js'
import { subnet } from './subnet.js'
import { subnetpool } from './subnetpool.js'
import { trunk } from './trunk.js'

/** Every resource the API can serve, in the order of `GET /v2.0/`. Add a file, add a line. */
export const RESOURCES = [
  subnet,
  network,
  port,
  router,
  floatingip,
  portForwarding,
  conntrackHelper,
  ndpProxy,
  localIp,
  localIpAssociation,
  securityGroup,
  securityGroupRule,
  agent,
  availabilityZone,
  subnetpool,
  addressScope,
  addressGroup,
  qosPolicy,
  bandwidthLimitRule,
  dscpMarkingRule,
  packetRateLimitRule,
  minimumBandwidthRule,
  minimumPacketRateRule,
  bandwidthLimitAlias,
  dscpMarkingAlias,
  packetRateLimitAlias,
  minimumBandwidthAlias,
  minimumPacketRateAlias,
  meteringLabel,
  meteringLabelRule,
  log,
  loggableResource,
  rbacPolicy,
  flavor,
  serviceProfile,
  trunk,
  segment,
  segmentRange,
  networkIpAvailability,
] as const

/** Compiled resources by JSON plural: those that `core` has a collection for. */
export function compileResources(services: CoreServices, policy: Policy = new Policy()): ReadonlyMap<string, Compiled> {
  return new Map(
    RESOURCES.filter(({ plural }) => services.collections[plural]).map((resource) => [
      resource.plural,
      compile(policy.resource<Resource>(resource)),
    ]),
  )
}
