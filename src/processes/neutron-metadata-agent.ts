#!/usr/bin/env node
import { runAgent } from '../agents/common/runtime.js'
import { MetadataAgent } from '../agents/metadata/agent.js'
import { handleInfoFlags, runDaemon } from '../base/daemon.js'
import { createLogger } from '../base/log.js'
import { METADATA_AGENT_FILES, metadataAgentOptions } from '../config/metadata-agent.js'
import { configFiles, loadConfig } from '../config/options.js'
import { transportOf } from '../config/transport.js'
import { LocalHost } from '../dataplane/command/host.js'

const NAME = 'neutron-metadata-agent'

handleInfoFlags(NAME, "Answers instances' requests for their metadata.", METADATA_AGENT_FILES)
const { values, warnings } = loadConfig(metadataAgentOptions, configFiles(process.argv.slice(2), METADATA_AGENT_FILES))
const { DEFAULT, agent: section } = values
const log = createLogger(NAME, DEFAULT)
for (const warning of warnings) log.warn(warning)

await runDaemon(log, async () => {
  const host = new LocalHost({ name: DEFAULT.host ?? undefined, paths: { state: DEFAULT.state_path } })
  const agent = new MetadataAgent({
    socket: DEFAULT.metadata_proxy_socket ?? `${DEFAULT.state_path}/metadata_proxy`,
    nova: {
      protocol: DEFAULT.nova_metadata_protocol,
      host: DEFAULT.nova_metadata_host,
      port: DEFAULT.nova_metadata_port,
      insecure: DEFAULT.nova_metadata_insecure,
    },
    secret: DEFAULT.metadata_proxy_shared_secret,
    log,
  })
  const transport = transportOf(values)
  return runAgent(agent, { host, transport, reportInterval: section.report_interval, log })
})
