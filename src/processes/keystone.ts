#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { handleInfoFlags, runDaemon } from '../base/daemon.js'
import { closeServers, listenHttp } from '../base/listen.js'
import { createLogger } from '../base/log.js'
import { configFiles, loadConfig } from '../config/options.js'
import { buildIdentityApp } from '../identity/app.js'
import { identityOptions, KEYSTONE_FILES, keystoneOptions } from '../identity/config.js'
import { openIdentityDatabase } from '../identity/database.js'
import { createIdentity } from '../identity/identity.js'
import { applySeed, type Seed } from '../identity/seed.js'

const ABOUT =
  'Identity service (Keystone API v3).\n\nAlso: --seed FILE.json  make sure that these projects, users, roles and services exist'
handleInfoFlags('keystone', ABOUT, KEYSTONE_FILES)
const { values: config, warnings } = loadConfig(keystoneOptions, configFiles(process.argv.slice(2), KEYSTONE_FILES))
const log = createLogger('keystone', config.DEFAULT)
for (const warning of warnings) log.warn(warning)

await runDaemon(log, async () => {
  const database = openIdentityDatabase(config.database.connection)
  const identity = createIdentity(database, identityOptions(config))
  const seedFile = seedArgument(process.argv)
  if (seedFile) await applySeed(identity, JSON.parse(readFileSync(seedFile, 'utf8')) as Seed)
  const app = buildIdentityApp(identity, { publicEndpoint: config.DEFAULT.public_endpoint, log })
  await app.ready()
  const { bind_host: host, bind_port: port } = config.DEFAULT
  const servers = await listenHttp(app.routing, { host, port, socketName: 'identity' })
  log.info({ host, port }, 'listening')
  return async () => {
    await closeServers(servers)
    database.close()
  }
})

function seedArgument(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--seed')
  return at < 0 ? argv.find((arg) => arg.startsWith('--seed='))?.slice('--seed='.length) : argv[at + 1]
}
