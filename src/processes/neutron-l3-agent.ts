#!/usr/bin/env node
import { runAgent } from '../agents/common/runtime.js'
import { L3Agent } from '../agents/l3/agent.js'
import { handleInfoFlags, runDaemon } from '../base/daemon.js'
import { createLogger } from '../base/log.js'
import { L3_AGENT_FILES, l3AgentOptions } from '../config/l3-agent.js'
import { configFiles, loadConfig } from '../config/options.js'
import { transportOf } from '../config/transport.js'
import { LocalHost } from '../dataplane/command/host.js'

const NAME = 'neutron-l3-agent'

handleInfoFlags(NAME, 'Routes, translates and forwards for the routers of this host.', L3_AGENT_FILES)
const { values, warnings } = loadConfig(l3AgentOptions, configFiles(process.argv.slice(2), L3_AGENT_FILES))
const { DEFAULT, agent: section } = values
const log = createLogger(NAME, DEFAULT)
for (const warning of warnings) log.warn(warning)

await runDaemon(log, async () => {
  const host = new LocalHost({ name: DEFAULT.host ?? undefined, paths: { state: DEFAULT.state_path } })
  const agent = new L3Agent({
    host,
    log,
    mode: DEFAULT.agent_mode,
    metadataProxy: DEFAULT.enable_metadata_proxy,
    metadataPort: DEFAULT.metadata_port,
    minAdvertisementInterval: DEFAULT.min_rtr_adv_interval,
    maxAdvertisementInterval: DEFAULT.max_rtr_adv_interval,
    vrrp: {
      advertInterval: DEFAULT.ha_vrrp_advert_int,
      authentication:
        DEFAULT.ha_vrrp_auth_password === null
          ? null
          : { type: DEFAULT.ha_vrrp_auth_type, password: DEFAULT.ha_vrrp_auth_password },
    },
    vrrpConfigurations: DEFAULT.ha_confs_path ?? undefined,
    availabilityZone: section.availability_zone,
    integrationBridge: DEFAULT.ovs_integration_bridge,
  })
  const transport = transportOf(values)
  return runAgent(agent, { host, transport, reportInterval: section.report_interval, log })
})
