import type { Kysely } from 'kysely'
import { index, STANDARD, table } from './build.js'

/** Routers, where they run, floating IPs and the hosts' gateways to external networks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await routers(db)
  await floatingIps(db)
  await agentGateways(db)
}

async function routers(db: Kysely<unknown>): Promise<void> {
  await table(db, 'routers', {
    ...STANDARD,
    name: 'text',
    admin_state_up: 'integer',
    status: 'text',
    distributed: 'integer',
    gateway_port_id: 'text?',
    gateway_network_id: 'text?',
    enable_snat: 'integer',
    routes: 'text',
    availability_zone_hints: 'text',
  })
    .addPrimaryKeyConstraint('routers_pk', ['id'])
    .addForeignKeyConstraint('routers_gateway_port', ['gateway_port_id'], 'ports', ['id'])
    .addForeignKeyConstraint('routers_gateway_network', ['gateway_network_id'], 'networks', ['id'])
    .execute()
  await index(db, 'routers', ['project_id'])
  await index(db, 'routers', ['gateway_port_id'])
  await index(db, 'routers', ['gateway_network_id'])
  await table(db, 'router_bindings', { router_id: 'text', agent_id: 'text' })
    .addPrimaryKeyConstraint('router_bindings_pk', ['router_id'])
    .addForeignKeyConstraint('router_bindings_router', ['router_id'], 'routers', ['id'], (fk) => fk.onDelete('cascade'))
    .addForeignKeyConstraint('router_bindings_agent', ['agent_id'], 'agents', ['id'], (fk) => fk.onDelete('cascade'))
    .execute()
  await index(db, 'router_bindings', ['agent_id'])
}

async function floatingIps(db: Kysely<unknown>): Promise<void> {
  await table(db, 'floating_ips', {
    ...STANDARD,
    floating_network_id: 'text',
    floating_ip_address: 'text',
    floating_port_id: 'text',
    port_id: 'text?',
    fixed_ip_address: 'text?',
    router_id: 'text?',
    status: 'text',
    dns_name: 'text',
    dns_domain: 'text',
  })
    .addPrimaryKeyConstraint('floating_ips_pk', ['id'])
    .addUniqueConstraint('floating_ips_target', ['floating_network_id', 'port_id', 'fixed_ip_address'])
    .addForeignKeyConstraint('floating_ips_network', ['floating_network_id'], 'networks', ['id'])
    .addForeignKeyConstraint('floating_ips_floating_port', ['floating_port_id'], 'ports', ['id'])
    .addForeignKeyConstraint('floating_ips_port', ['port_id'], 'ports', ['id'])
    .addForeignKeyConstraint('floating_ips_router', ['router_id'], 'routers', ['id'])
    .execute()
  await index(db, 'floating_ips', ['project_id'])
  await index(db, 'floating_ips', ['floating_port_id'])
  await index(db, 'floating_ips', ['port_id'])
  await index(db, 'floating_ips', ['router_id'])
}

async function agentGateways(db: Kysely<unknown>): Promise<void> {
  await table(db, 'agent_gateways', { network_id: 'text', host: 'text', port_id: 'text' })
    .addPrimaryKeyConstraint('agent_gateways_pk', ['network_id', 'host'])
    .addForeignKeyConstraint('agent_gateways_port', ['port_id'], 'ports', ['id'], (fk) => fk.onDelete('cascade'))
    .execute()
  await index(db, 'agent_gateways', ['port_id'])
}
