import type { Kysely } from 'kysely'
import { index, STANDARD, table } from './build.js'

/** Networks, subnets, ports, addresses, security groups, agents, quotas and the change log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await networks(db)
  await ports(db)
  await securityGroups(db)
  await agents(db)
  await changeLog(db)
}

async function networks(db: Kysely<unknown>): Promise<void> {
  await table(db, 'networks', {
    ...STANDARD,
    name: 'text',
    admin_state_up: 'integer',
    status: 'text',
    shared: 'integer',
    external: 'integer',
    is_default: 'integer',
    mtu: 'integer',
    port_security_enabled: 'integer',
    availability_zone_hints: 'text',
    dns_domain: 'text',
  })
    .addPrimaryKeyConstraint('networks_pk', ['id'])
    .execute()
  await index(db, 'networks', ['project_id'])
  await table(db, 'network_segments', {
    id: 'text',
    network_id: 'text',
    position: 'integer',
    network_type: 'text',
    physical_network: 'text?',
    segmentation_id: 'bigint?',
    allocation: 'text?',
  })
    .addPrimaryKeyConstraint('network_segments_pk', ['id'])
    .addUniqueConstraint('network_segments_allocation', ['allocation'])
    .addForeignKeyConstraint('network_segments_network', ['network_id'], 'networks', ['id'], (fk) =>
      fk.onDelete('cascade'),
    )
    .execute()
  await index(db, 'network_segments', ['network_id'])
  await index(db, 'network_segments', ['network_type', 'physical_network', 'segmentation_id'])
  await table(db, 'subnets', {
    ...STANDARD,
    network_id: 'text',
    name: 'text',
    cidr: 'text',
    ip_version: 'integer',
    gateway_ip: 'text?',
    enable_dhcp: 'integer',
    dns_nameservers: 'text',
    host_routes: 'text',
    ipv6_ra_mode: 'text?',
    ipv6_address_mode: 'text?',
    subnetpool_id: 'text?',
    service_types: 'text',
    dns_publish_fixed_ip: 'integer',
  })
    .addPrimaryKeyConstraint('subnets_pk', ['id'])
    .addForeignKeyConstraint('subnets_network', ['network_id'], 'networks', ['id'])
    .execute()
  await index(db, 'subnets', ['network_id'])
  await index(db, 'subnets', ['project_id'])
  await table(db, 'allocation_pools', {
    subnet_id: 'text',
    position: 'integer',
    first_key: 'text',
    last_key: 'text',
    next_key: 'text',
  })
    .addPrimaryKeyConstraint('allocation_pools_pk', ['subnet_id', 'position'])
    .addForeignKeyConstraint('allocation_pools_subnet', ['subnet_id'], 'subnets', ['id'], (fk) =>
      fk.onDelete('cascade'),
    )
    .execute()
}

async function ports(db: Kysely<unknown>): Promise<void> {
  await table(db, 'ports', {
    ...STANDARD,
    network_id: 'text',
    name: 'text',
    mac_address: 'text',
    admin_state_up: 'integer',
    status: 'text',
    device_id: 'text',
    device_owner: 'text',
    host_id: 'text',
    vnic_type: 'text',
    profile: 'text',
    vif_type: 'text',
    vif_details: 'text',
    port_security_enabled: 'integer',
    allowed_address_pairs: 'text',
    extra_dhcp_opts: 'text',
    dns_name: 'text',
    dns_domain: 'text',
    propagate_uplink_status: 'integer',
    dhcp_ready: 'integer',
  })
    .addPrimaryKeyConstraint('ports_pk', ['id'])
    .addUniqueConstraint('ports_mac', ['network_id', 'mac_address'])
    .addForeignKeyConstraint('ports_network', ['network_id'], 'networks', ['id'])
    .execute()
  await index(db, 'ports', ['project_id'])
  await index(db, 'ports', ['device_id'])
  await index(db, 'ports', ['host_id'])
  await index(db, 'ports', ['network_id', 'device_owner'])
  await table(db, 'ip_allocations', {
    subnet_id: 'text',
    ip_key: 'text',
    ip: 'text',
    network_id: 'text',
    port_id: 'text',
    position: 'integer',
  })
    .addPrimaryKeyConstraint('ip_allocations_pk', ['subnet_id', 'ip_key'])
    .addForeignKeyConstraint('ip_allocations_subnet', ['subnet_id'], 'subnets', ['id'])
    .addForeignKeyConstraint('ip_allocations_port', ['port_id'], 'ports', ['id'], (fk) => fk.onDelete('cascade'))
    .execute()
  await index(db, 'ip_allocations', ['port_id'])
  await index(db, 'ip_allocations', ['ip'])
  await table(db, 'wired_ports', { port_id: 'text', host: 'text' })
    .addPrimaryKeyConstraint('wired_ports_pk', ['port_id', 'host'])
    .addForeignKeyConstraint('wired_ports_port', ['port_id'], 'ports', ['id'], (fk) => fk.onDelete('cascade'))
    .execute()
  await index(db, 'wired_ports', ['host'])
}

async function securityGroups(db: Kysely<unknown>): Promise<void> {
  await table(db, 'security_groups', { ...STANDARD, name: 'text', stateful: 'integer' })
    .addPrimaryKeyConstraint('security_groups_pk', ['id'])
    .execute()
  await index(db, 'security_groups', ['project_id'])
  await table(db, 'default_security_groups', { project_id: 'text', security_group_id: 'text' })
    .addPrimaryKeyConstraint('default_security_groups_pk', ['project_id'])
    .addForeignKeyConstraint('default_security_groups_group', ['security_group_id'], 'security_groups', ['id'], (fk) =>
      fk.onDelete('cascade'),
    )
    .execute()
  await index(db, 'default_security_groups', ['security_group_id'])
  await table(db, 'security_group_rules', {
    ...STANDARD,
    security_group_id: 'text',
    direction: 'text',
    ethertype: 'text',
    protocol: 'text?',
    port_range_min: 'integer?',
    port_range_max: 'integer?',
    remote_ip_prefix: 'text?',
    remote_group_id: 'text?',
    meaning: 'text',
  })
    .addPrimaryKeyConstraint('security_group_rules_pk', ['id'])
    .addUniqueConstraint('security_group_rules_meaning', ['security_group_id', 'meaning'])
    .addForeignKeyConstraint('security_group_rules_group', ['security_group_id'], 'security_groups', ['id'], (fk) =>
      fk.onDelete('cascade'),
    )
    .execute()
  await index(db, 'security_group_rules', ['remote_group_id'])
  await index(db, 'security_group_rules', ['project_id'])
  await table(db, 'port_security_groups', { port_id: 'text', security_group_id: 'text' })
    .addPrimaryKeyConstraint('port_security_groups_pk', ['port_id', 'security_group_id'])
    .addForeignKeyConstraint('port_security_groups_port', ['port_id'], 'ports', ['id'], (fk) => fk.onDelete('cascade'))
    .addForeignKeyConstraint('port_security_groups_group', ['security_group_id'], 'security_groups', ['id'])
    .execute()
  await index(db, 'port_security_groups', ['security_group_id'])
}

async function agents(db: Kysely<unknown>): Promise<void> {
  await table(db, 'agents', {
    id: 'text',
    agent_type: 'text',
    binary: 'text',
    host: 'text',
    topic: 'text',
    admin_state_up: 'integer',
    description: 'text?',
    availability_zone: 'text?',
    configurations: 'text',
    created_at: 'text',
    started_at: 'text',
    heartbeat_at: 'text',
  })
    .addPrimaryKeyConstraint('agents_pk', ['id'])
    .addUniqueConstraint('agents_type_host', ['agent_type', 'host'])
    .execute()
  await table(db, 'hosts', { host: 'text', dvr_mac: 'text?' })
    .addPrimaryKeyConstraint('hosts_pk', ['host'])
    .addUniqueConstraint('hosts_dvr_mac', ['dvr_mac'])
    .execute()
  await table(db, 'dhcp_bindings', { network_id: 'text', agent_id: 'text' })
    .addPrimaryKeyConstraint('dhcp_bindings_pk', ['network_id', 'agent_id'])
    .addForeignKeyConstraint('dhcp_bindings_network', ['network_id'], 'networks', ['id'], (fk) =>
      fk.onDelete('cascade'),
    )
    .addForeignKeyConstraint('dhcp_bindings_agent', ['agent_id'], 'agents', ['id'], (fk) => fk.onDelete('cascade'))
    .execute()
  await index(db, 'dhcp_bindings', ['agent_id'])
  await table(db, 'quotas', { project_id: 'text', resource: 'text', max: 'integer' })
    .addPrimaryKeyConstraint('quotas_pk', ['project_id', 'resource'])
    .execute()
}

async function changeLog(db: Kysely<unknown>): Promise<void> {
  await table(db, 'change_log', {
    revision: 'integer',
    time: 'text',
    request_id: 'text',
    actor: 'text',
    kind: 'text',
    object_id: 'text',
    project_id: 'text',
    value: 'text?',
  })
    .addPrimaryKeyConstraint('change_log_pk', ['revision'])
    .execute()
  await index(db, 'change_log', ['kind', 'object_id'])
  await table(db, 'cloud_objects', { kind: 'text', object_id: 'text', revision: 'integer', value: 'text' })
    .addPrimaryKeyConstraint('cloud_objects_pk', ['kind', 'object_id'])
    .execute()
  await table(db, 'revisions', { id: 'integer', revision: 'integer' })
    .addPrimaryKeyConstraint('revisions_pk', ['id'])
    .execute()
  await (db as Kysely<{ revisions: { id: number; revision: number } }>)
    .insertInto('revisions')
    .values({ id: 1, revision: 0 })
    .execute()
}
