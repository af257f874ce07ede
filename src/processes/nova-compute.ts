#!/usr/bin/env node
import { join } from 'node:path'
import { handleInfoFlags, runDaemon } from '../base/daemon.js'
import { createLogger } from '../base/log.js'
import { ComputeAgent } from '../compute/agent/agent.js'
import { ComputeBusClient } from '../compute/bus/client.js'
import { busUrl, hostName, NOVA_FILES, novaOptions } from '../compute/config.js'
import { configFiles, loadConfig } from '../config/options.js'
import { LocalHost } from '../dataplane/command/host.js'
import { connectVswitch } from '../dataplane/ovsdb/connect.js'

handleInfoFlags('nova-compute', 'Runs the instances of this host.', NOVA_FILES)
const { values: config, warnings } = loadConfig(novaOptions, configFiles(process.argv.slice(2), NOVA_FILES))
const log = createLogger('nova-compute', config.DEFAULT)
for (const warning of warnings) log.warn(warning)

await runDaemon(log, async () => {
  const host = new LocalHost({ name: hostName(config.DEFAULT.host) })
  const vswitch = await connectVswitch(join(host.paths.ovsRun, 'db.sock'), log)
  const bus = new ComputeBusClient(busUrl(config.DEFAULT.transport_url), host.name, log)
  const agent = new ComputeAgent({
    host,
    vswitch,
    instancesPath: config.DEFAULT.instances_path ?? join(config.DEFAULT.state_path, 'instances'),
    domain: config.DEFAULT.dhcp_domain,
    hostIp: config.DEFAULT.my_ip ?? '',
    send: (message) => bus.send(message),
    log,
  })
  bus.on('connected', () => bus.send(agent.hello()))
  bus.on('message', (message) => agent.handle(message))
  bus.start()
  log.info({ host: host.name }, 'started')
  return async () => {
    bus.stop()
    agent.stop()
    vswitch.close()
  }
})
