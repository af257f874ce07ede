#!/usr/bin/env node
import { runAgent } from '../agents/common/runtime.js'
import { MeteringAgent } from '../agents/metering/agent.js'
import { handleInfoFlags, runDaemon } from '../base/daemon.js'
import { createLogger } from '../base/log.js'
import { METERING_AGENT_FILES, meteringAgentOptions } from '../config/metering-agent.js'
import { configFiles, loadConfig } from '../config/options.js'
import { transportOf } from '../config/transport.js'
import { LocalHost } from '../dataplane/command/host.js'

const NAME = 'neutron-metering-agent'

handleInfoFlags(NAME, "Counts what passes the routers' external gateways.", METERING_AGENT_FILES)
const { values, warnings } = loadConfig(meteringAgentOptions, configFiles(process.argv.slice(2), METERING_AGENT_FILES))
const { DEFAULT, agent: section } = values
const log = createLogger(NAME, DEFAULT)
for (const warning of warnings) log.warn(warning)

await runDaemon(log, async () => {
  const host = new LocalHost({ name: DEFAULT.host ?? undefined, paths: { state: DEFAULT.state_path } })
  const agent = new MeteringAgent({
    host,
    log,
    driver: DEFAULT.driver,
    measureInterval: DEFAULT.measure_interval,
    reportInterval: DEFAULT.report_interval,
    granular: DEFAULT.granular_traffic_data,
  })
  const transport = transportOf(values)
  return runAgent(agent, { host, transport, reportInterval: section.report_interval, log })
})
