import type { Logger } from '../base/log.js'
import type { ServerConfig } from '../config/server.js'
import { loadMechanismDrivers } from '../drivers/mechanism/index.js'
import { loadTypeDrivers } from '../drivers/type/index.js'
import type { Store } from '../store/store.js'
import { addressGroupActions, addressGroupService } from './address-group/service.js'
import { addressScopeService } from './address-scope/service.js'
import { availabilityZoneService } from './agent/availability-zones.js'
import { agentService } from './agent/service.js'
import type { Core } from './core.js'
import { watchDhcpAgents } from './dhcp/failover.js'
import { registerDhcp } from './dhcp/hooks.js'
import { Hooks } from './hooks.js'
import { registerL3 } from './l3/register.js'
import { registerLocalIps } from './local-ip/register.js'
import { registerLogs } from './logging/register.js'
import { meteringLabelService } from './metering/label-service.js'
import { meteringLabelRuleService } from './metering/rule-service.js'
import { networkIpAvailabilityService } from './network/availability.js'
import { networkService } from './network/service.js'
import { registerNotifier } from './notifier/hooks.js'
import { novaNotifier } from './notifier/nova.js'
import type { CorePart, CorePartFactory } from './part.js'
import { placementOf } from './placement/connection.js'
import { registerPlacement } from './placement/register.js'
import { portService } from './port/service.js'
import { portBindingService } from './port-binding/service.js'
import { qosPolicyService } from './qos/policy-service.js'
import { qosRuleService } from './qos/rule-service.js'
import { BASE_RESOURCES, OTHER_RESOURCES } from './quota/resources.js'
import { quotaService } from './quota/service.js'
import { rbacPolicyService } from './rbac/service.js'
import { type Reports, reportSink } from './reports/sink.js'
import { schedulerService } from './scheduler/service.js'
import { securityGroupRuleService } from './security-group/rule-service.js'
import { securityGroupService } from './security-group/service.js'
import { segmentService } from './segment/service.js'
import { segmentRangeService } from './segment-range/service.js'
import type { CoreServices, ResourceService } from './service.js'
import { subnetService } from './subnet/service.js'
import { subnetpoolActions } from './subnetpool/prefix-actions.js'
import { subnetpoolService } from './subnetpool/service.js'
import { registerTrunks } from './trunk/register.js'

export interface BuiltCore {
  readonly core: Core
  readonly services: CoreServices
  readonly reports: Reports
  /** ends timers and waits for messages under way; the store is the caller's */
  close(): Promise<void>
}

/** Service plug-ins by their names in `service_plugins`. */
export const SERVICE_PLUGINS: Readonly<Record<string, CorePartFactory>> = {
  router: registerL3,
  // served by `router` itself
  port_forwarding: () => ({}),
  conntrack_helper: () => ({}),
  ndp_proxy: () => ({}),
  local_ip: () => ({}),
  // always there
  qos: () => ({}),
  trunk: () => ({}),
  metering: () => ({}),
  log: () => ({}),
  placement: (core) => registerPlacement(core),
  // Kilo's files may name the class
  'neutron.services.l3_router.l3_router_plugin.L3RouterPlugin': registerL3,
  'neutron.services.metering.metering_plugin.MeteringPlugin': () => ({}),
}

/**
 * Builds the network service on a store. Order of hooks: DHCP, nova's notifier, then the parts in the order of
 * `parts` (by default those of `service_plugins`).
 */
export function buildCore(
  config: ServerConfig,
  store: Store,
  log: Logger,
  parts: readonly CorePartFactory[] = pluginsOf(config, log),
): BuiltCore {
  const core: Core = {
    config,
    store,
    log,
    hooks: new Hooks(),
    typeDrivers: loadTypeDrivers(config),
    mechanismDrivers: loadMechanismDrivers(config),
    notifier: novaNotifier(config, log),
    placement: placementOf(config),
    quotaResources: new Map([...BASE_RESOURCES, ...OTHER_RESOURCES].map((resource) => [resource.name, resource])),
  }
  registerDhcp(core)
  registerNotifier(core)
  const built = [registerTrunks, registerLogs, registerLocalIps, ...parts].map((make) => make(core))
  const stopWatching = watchDhcpAgents(core)
  return {
    core,
    services: servicesOf(core, built),
    reports: reportSink(core),
    async close() {
      stopWatching()
      for (const part of built) await part.close?.()
      core.placement?.close()
      await core.notifier.close()
    },
  }
}

function pluginsOf(config: ServerConfig, log: Logger): CorePartFactory[] {
  return config.DEFAULT.service_plugins.flatMap((name) => {
    const plugin = SERVICE_PLUGINS[name]
    if (!plugin) log.warn({ plugin: name }, 'there is no such service plug-in')
    return plugin ?? []
  })
}

function servicesOf(core: Core, parts: readonly CorePart[]): CoreServices {
  return {
    collections: {
      networks: networkService(core),
      segments: segmentService(core),
      network_segment_ranges: segmentRangeService(core),
      subnets: subnetService(core),
      ports: portService(core),
      security_groups: securityGroupService(core),
      security_group_rules: securityGroupRuleService(core),
      agents: agentService(core),
      availability_zones: availabilityZoneService(core),
      network_ip_availabilities: networkIpAvailabilityService(core),
      subnetpools: subnetpoolService(core),
      address_scopes: addressScopeService(core),
      address_groups: addressGroupService(core),
      ...qosServices(core),
      metering_labels: meteringLabelService(core),
      metering_label_rules: meteringLabelRuleService(core),
      rbac_policies: rbacPolicyService(core),
      ...Object.assign({}, ...parts.map(({ collections }) => collections ?? {})),
    },
    actions: Object.assign(
      { address_groups: addressGroupActions(core), subnetpools: subnetpoolActions(core) },
      ...parts.map(({ actions }) => actions ?? {}),
    ),
    quotas: quotaService(core),
    portBindings: portBindingService(core),
    flavorProfiles: parts.find(({ flavorProfiles }) => flavorProfiles)?.flavorProfiles,
    schedulers: schedulerService(core, parts.find(({ scheduling }) => scheduling)?.scheduling),
    autoAllocation: parts.find(({ autoAllocation }) => autoAllocation)?.autoAllocation,
  }
}

/** Rules can also be reached without their policy. */
function qosServices(core: Core): Readonly<Record<string, ResourceService>> {
  const limits = qosRuleService(core, 'bandwidth_limit')
  const marks = qosRuleService(core, 'dscp_marking')
  const packetRates = qosRuleService(core, 'packet_rate_limit')
  const minimums = qosRuleService(core, 'minimum_bandwidth')
  const minimumPacketRates = qosRuleService(core, 'minimum_packet_rate')
  return {
    policies: qosPolicyService(core),
    bandwidth_limit_rules: limits,
    dscp_marking_rules: marks,
    packet_rate_limit_rules: packetRates,
    minimum_bandwidth_rules: minimums,
    minimum_packet_rate_rules: minimumPacketRates,
    alias_bandwidth_limit_rules: limits,
    alias_dscp_marking_rules: marks,
    alias_packet_rate_limit_rules: packetRates,
    alias_minimum_bandwidth_rules: minimums,
    alias_minimum_packet_rate_rules: minimumPacketRates,
  }
}
