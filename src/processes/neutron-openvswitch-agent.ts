#!/usr/bin/env node
import { runAgent } from '../agents/common/runtime.js'
import { OvsAgent } from '../agents/ovs/agent.js'
import { ovsSettings } from '../agents/ovs/configured.js'
import { handleInfoFlags, runDaemon } from '../base/daemon.js'
import { createLogger } from '../base/log.js'
import { configFiles, loadConfig } from '../config/options.js'
import { OVS_AGENT_FILES, ovsAgentOptions } from '../config/ovs-agent.js'
import { transportOf } from '../config/transport.js'
import { LocalHost } from '../dataplane/command/host.js'

const NAME = 'neutron-openvswitch-agent'

handleInfoFlags(NAME, 'Wires the ports of this host into their networks and filters them.', OVS_AGENT_FILES)
const { values, warnings } = loadConfig(ovsAgentOptions, configFiles(process.argv.slice(2), OVS_AGENT_FILES))
const { DEFAULT, agent: section } = values
const log = createLogger(NAME, DEFAULT)
for (const warning of warnings) log.warn(warning)

await runDaemon(log, async () => {
  const host = new LocalHost({ name: DEFAULT.host ?? undefined, paths: { state: DEFAULT.state_path } })
  const agent = new OvsAgent(host, ovsSettings(values), log)
  return runAgent(agent, {
    host,
    transport: transportOf(values),
    reportInterval: section.report_interval,
    log,
  })
})
