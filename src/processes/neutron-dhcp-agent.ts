#!/usr/bin/env node
import { runAgent } from '../agents/common/runtime.js'
import { DhcpAgent } from '../agents/dhcp/agent.js'
import { handleInfoFlags, runDaemon } from '../base/daemon.js'
import { createLogger } from '../base/log.js'
import { DHCP_AGENT_FILES, dhcpAgentOptions } from '../config/dhcp-agent.js'
import { configFiles, loadConfig } from '../config/options.js'
import { transportOf } from '../config/transport.js'
import { LocalHost } from '../dataplane/command/host.js'

const NAME = 'neutron-dhcp-agent'

handleInfoFlags(NAME, 'Serves DHCP and DNS on the networks scheduled to this host.', DHCP_AGENT_FILES)
const { values, warnings } = loadConfig(dhcpAgentOptions, configFiles(process.argv.slice(2), DHCP_AGENT_FILES))
const { DEFAULT, agent: section } = values
const log = createLogger(NAME, DEFAULT)
for (const warning of warnings) log.warn(warning)

await runDaemon(log, async () => {
  const host = new LocalHost({ name: DEFAULT.host ?? undefined, paths: { state: DEFAULT.state_path } })
  const agent = new DhcpAgent({
    host,
    log,
    domain: DEFAULT.dns_domain,
    dnsServers: DEFAULT.dnsmasq_dns_servers,
    configFile: DEFAULT.dnsmasq_config_file,
    leaseDuration: DEFAULT.dhcp_lease_duration,
    leaseMax: DEFAULT.dnsmasq_lease_max,
    enableIsolatedMetadata: DEFAULT.enable_isolated_metadata,
    forceMetadata: DEFAULT.force_metadata,
    availabilityZone: section.availability_zone,
    integrationBridge: DEFAULT.ovs_integration_bridge,
  })
  const transport = transportOf(values)
  return runAgent(agent, { host, transport, reportInterval: section.report_interval, log })
})
