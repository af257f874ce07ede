import { Kysely, Migrator } from 'kysely'
import { renderHosts } from './agents.js'
import { databaseKind } from './dialect/index.js'
import { renderFloatingIps } from './floating-ips.js'
import { MIGRATIONS } from './migrations/index.js'
import { renderNetworks } from './networks.js'
import { renderPorts } from './ports.js'
import { renderRouters } from './routers.js'
import type { Schema } from './schema.js'
import { renderSecurityGroups } from './security-groups.js'
import { Store } from './store.js'
import { renderSubnets } from './subnets.js'

/**
 * Opens the database that `[database] connection` names and brings its tables up to date.
 * `sqlite://` is a database in memory (tests).
 */
export async function openStore(connection: string): Promise<Store> {
  const kind = databaseKind(connection)
  const db = new Kysely<Schema>({ dialect: kind.dialect(connection) })
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } })
  const { error } = await migrator.migrateToLatest()
  if (error) {
    await db.destroy()
    throw error
  }
  const store = new Store(db, kind)
  store.renderer('network', renderNetworks)
  store.renderer('subnet', renderSubnets)
  store.renderer('port', renderPorts)
  store.renderer('security_group', renderSecurityGroups)
  store.renderer('host', renderHosts)
  store.renderer('router', renderRouters)
  store.renderer('floatingip', renderFloatingIps)
  await store.start()
  return store
}
