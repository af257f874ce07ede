import type { Kysely } from 'kysely'
import { index, table } from './build.js'

/** Highly available routers: the network of each project that their agents find each other on, and those agents. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('routers')
    .addColumn('ha', 'integer', (col) => col.notNull().defaultTo(0))
    .execute()
  await table(db, 'ha_networks', { project_id: 'text', network_id: 'text' })
    .addPrimaryKeyConstraint('ha_networks_pk', ['project_id'])
    .addUniqueConstraint('ha_networks_network_once', ['network_id'])
    .addForeignKeyConstraint('ha_networks_network', ['network_id'], 'networks', ['id'])
    .execute()
  await table(db, 'ha_vrids', { router_id: 'text', network_id: 'text', vr_id: 'integer' })
    .addPrimaryKeyConstraint('ha_vrids_pk', ['router_id'])
    .addUniqueConstraint('ha_vrids_once', ['network_id', 'vr_id'])
    .addForeignKeyConstraint('ha_vrids_router', ['router_id'], 'routers', ['id'], (fk) => fk.onDelete('cascade'))
    .addForeignKeyConstraint('ha_vrids_network', ['network_id'], 'networks', ['id'])
    .execute()
  await table(db, 'ha_router_agents', { router_id: 'text', agent_id: 'text', port_id: 'text', state: 'text' })
    .addPrimaryKeyConstraint('ha_router_agents_pk', ['router_id', 'agent_id'])
    .addForeignKeyConstraint('ha_router_agents_router', ['router_id'], 'routers', ['id'], (fk) =>
      fk.onDelete('cascade'),
    )
    .addForeignKeyConstraint('ha_router_agents_agent', ['agent_id'], 'agents', ['id'], (fk) => fk.onDelete('cascade'))
    .addForeignKeyConstraint('ha_router_agents_port', ['port_id'], 'ports', ['id'])
    .execute()
  await index(db, 'ha_router_agents', ['agent_id'])
  await index(db, 'ha_router_agents', ['port_id'])
}
