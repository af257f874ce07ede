#!/usr/bin/env node
import { handleInfoFlags, runDaemon } from '../base/daemon.js'
import { closeServers, listenHttp } from '../base/listen.js'
import { createLogger } from '../base/log.js'
import { ServiceSession } from '../client/service-session.js'
import { buildComputeApp } from '../compute/api/app.js'
import { ComputeBusServer } from '../compute/bus/server.js'
import { Neutron } from '../compute/clients/neutron.js'
import { TokenValidator } from '../compute/clients/token-validator.js'
import { busUrl, NOVA_FILES, novaOptions } from '../compute/config.js'
import { ComputeHosts } from '../compute/core/hosts.js'
import { imagesOf } from '../compute/core/images.js'
import { Instances } from '../compute/core/instances.js'
import { NovaStore } from '../compute/core/store.js'
import { metadataHandler } from '../compute/metadata/app.js'
import { configFiles, loadConfig } from '../config/options.js'

handleInfoFlags('nova-api', 'Compute API and metadata service.', NOVA_FILES)
const { values: config, warnings } = loadConfig(novaOptions, configFiles(process.argv.slice(2), NOVA_FILES))
const log = createLogger('nova-api', config.DEFAULT)
for (const warning of warnings) log.warn(warning)

await runDaemon(log, async () => {
  const { DEFAULT: main, neutron: network } = config
  const store = new NovaStore(config.database.connection)
  const url = busUrl(main.transport_url)
  const bus = new ComputeBusServer(url.secret, log)
  const neutron = new Neutron(
    new ServiceSession({ ...network, auth_url: network.auth_url ?? config.keystone_authtoken.auth_url }).service({
      type: 'network',
      endpoint: network.endpoint_override,
      interfaces: network.valid_interfaces,
      versionInPath: true,
    }),
  )
  const hosts = new ComputeHosts(store, bus)
  const instances = new Instances({
    ...{ store, hosts, bus, neutron, log },
    options: {
      vifPluggingTimeout: main.vif_plugging_timeout,
      vifPluggingIsFatal: main.vif_plugging_is_fatal,
      addressWait: main.address_wait,
    },
  })
  const tokens = new TokenValidator(new ServiceSession(config.keystone_authtoken))
  const images = imagesOf(main.images)
  const app = buildComputeApp({
    store,
    hosts,
    instances,
    bus,
    neutron,
    tokens,
    images,
    defaultZone: main.default_availability_zone,
    log,
  })
  await app.ready()
  const metadata = metadataHandler({
    ...{ store, neutron, log },
    proxied: network.service_metadata_proxy,
    secret: network.metadata_proxy_shared_secret,
    domain: main.dhcp_domain,
  })
  const servers = [
    ...(await listenHttp(app.routing, {
      host: main.osapi_compute_listen,
      port: main.osapi_compute_listen_port,
      socketName: 'compute',
    })),
    ...(await listenHttp(metadata, {
      host: main.metadata_listen,
      port: main.metadata_listen_port,
      socketName: 'metadata',
    })),
  ]
  await bus.listen(url.port, main.bus_listen)
  instances.resume()
  log.info({ port: main.osapi_compute_listen_port, metadata: main.metadata_listen_port, bus: url.port }, 'listening')
  return async () => {
    bus.close()
    await closeServers(servers)
    store.close()
  }
})
