import { Kysely, Migrator } from 'kysely'
import { renderAddressGroups } from './address-groups.js'
import { renderHosts } from './agents.js'
import { type DatabaseOptions, openDatabase } from './dialect/index.js'
import { renderFloatingIps } from './floating-ips.js'
import { renderLocalIps } from './local-ips.js'
import { renderLogs } from './logs.js'
import { renderMeteringLabels } from './metering-labels.js'
import { MIGRATIONS } from './migrations/index.js'
import { renderNetworks } from './networks.js'
import { renderPorts } from './ports.js'
import { renderQosPolicies } from './qos.js'
import { renderRouters } from './routers.js'
import type { Schema } from './schema.js'
import { renderSecurityGroups } from './security-groups.js'
import { Store } from './store.js'
import { renderSubnets } from './subnets.js'
import { renderTrunks } from './trunks.js'

const DEFAULTS: DatabaseOptions = { poolSize: 10, log: null }

/**
 * Opens the database that `[database] connection` names and brings its tables up to date.
 * `sqlite://` is a database in memory (tests).
 */
export async function openStore(connection: string, options: Partial<DatabaseOptions> = {}): Promise<Store> {
  const database = await openDatabase(connection, { ...DEFAULTS, ...options })
  const db = new Kysely<Schema>({ dialect: database.dialect })
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } })
  const { error } = await migrator.migrateToLatest()
  if (error) {
    await db.destroy()
    throw error
  }
  const store = new Store(db, database)
  store.renderer('network', renderNetworks)
  store.renderer('subnet', renderSubnets)
  store.renderer('port', renderPorts)
  store.renderer('security_group', renderSecurityGroups)
  store.renderer('host', renderHosts)
  store.renderer('router', renderRouters)
  store.renderer('floatingip', renderFloatingIps)
  store.renderer('address_group', renderAddressGroups)
  store.renderer('qos_policy', renderQosPolicies)
  store.renderer('trunk', renderTrunks)
  store.renderer('metering_label', renderMeteringLabels)
  store.renderer('log', renderLogs)
  store.renderer('local_ip', renderLocalIps)
  try {
    await store.start()
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}
