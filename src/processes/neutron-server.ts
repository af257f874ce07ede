#!/usr/bin/env node
import { hostname } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { buildApp } from '../api/app.js'
import { authenticatorOf } from '../api/auth/from-config.js'
import { loadPolicy } from '../api/policy/policy.js'
import { RateLimit } from '../api/rate-limit.js'
import { Revisions } from '../api/revisions.js'
import { handleInfoFlags, runDaemon } from '../base/daemon.js'
import { closeServers, listenHttp } from '../base/listen.js'
import { createLogger } from '../base/log.js'
import { startBus } from '../bus/server.js'
import { configFiles, loadConfig } from '../config/options.js'
import { SERVER_FILES, serverOptions } from '../config/server.js'
import { transportOf } from '../config/transport.js'
import { buildCore } from '../core/build.js'
import { meterMetrics } from '../core/reports/meter-metrics.js'
import { openStore } from '../store/open.js'
import { keepLogShort } from '../store/retention.js'

/** How much of the old heap may be garbage before it is collected. */
const HEAP_GROWTH_PERCENT = 20
// Little of what a request makes is kept; left alone, V8 lets the heap grow to several times of what is in use before it looks.
setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`)

const ABOUT = 'The network service: its API, and the stream that agents follow.'
handleInfoFlags('neutron-server', ABOUT, SERVER_FILES)
const { values: config, warnings, files } = loadConfig(serverOptions, configFiles(process.argv.slice(2), SERVER_FILES))
const log = createLogger('neutron-server', config.DEFAULT)
for (const warning of warnings) log.warn(warning)

await runDaemon(log, async () => {
  const transport = transportOf(config)
  const auth = authenticatorOf(config, log)
  const policyFile = config.oslo_policy.policy_file
  const policy = loadPolicy(policyFile ?? 'policy.yaml', files, policyFile === null)
  void auth.warmUp()
  const { connection, max_pool_size: poolSize } = config.database
  const store = await openStore(connection, { poolSize, log })
  const stopPruning = keepLogShort(store, { maxDays: config.database.change_log_max_days, log })
  const core = buildCore(config, store, log)
  const name = config.DEFAULT.host ?? hostname()
  const bus = await startBus({ source: store, sink: core.reports, transport, bindHost: '0.0.0.0', name, log })
  const revisions = new Revisions(core.reports, bus, store.peers)
  const limit = Number(config.DEFAULT.pagination_max_limit)
  const paginationMaxLimit = limit > 0 ? limit : null
  const { requests_per_second: perSecond } = config.api
  const rateLimit = perSecond > 0 ? new RateLimit(perSecond) : null
  const metrics = await openMetrics()
  const app = buildApp({
    services: core.services,
    auth,
    log,
    revisions,
    paginationMaxLimit,
    policy,
    rateLimit,
    bodyLimit: config.oslo_middleware.max_request_body_size,
    onAnswer: metrics && ((sample) => metrics.request(sample)),
  })
  await app.ready()
  const { bind_host: host, bind_port: apiPort } = config.DEFAULT
  metrics?.gauge('revision', 'Last revision of the change log', () => store.revision)
  metrics?.gauge('projected_revision', 'Revision that connected agents have been told of', () => bus.projected())
  metrics?.gauges('agent_streams', 'Connected agents', 'binary', () => bus.streams())
  metrics?.gauge('transport_connected', '0 while the broker is away', () => Number(bus.transport().connected))
  metrics?.gauge('transport_losses', 'How often the broker was lost', () => bus.transport().losses)
  if (metrics) meterMetrics(metrics, () => core.reports.meters())
  const { bind_host: metricsHost, bind_port: metricsPort } = config.metrics
  const metricsServer = metrics && (await metrics.serve(metricsHost, metricsPort))
  const servers = await listenHttp(app.routing, { host, port: apiPort, socketName: 'neutron-api' })
  log.info({ host, port: apiPort, busPort: bus.port, revision: store.revision }, 'listening')
  return async () => {
    await closeServers(metricsServer ? [...servers, metricsServer] : servers)
    await bus.close()
    await app.close()
    auth.close()
    await core.close()
    await stopPruning()
    await store.close()
  }
})

/** Only where figures are wanted is what collects them loaded. */
async function openMetrics() {
  if (config.metrics.bind_port === 0) return undefined
  const { Metrics } = await import('../base/metrics.js')
  return new Metrics()
}
